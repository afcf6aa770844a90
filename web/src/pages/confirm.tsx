import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { loadCognito, preloadCognito } from '../api/lazy-cognito.ts';
import { beginSession } from '../api/session.ts';
import { ErrorMessage } from '../parts/error-message.tsx';
import { FormPage } from '../parts/form.tsx';
import { code, email } from './fields.ts';
import { pendingSignIn } from './pending-sign-in.ts';

/** Proves that the address is theirs. Who comes here from signing up is in afterwards. */
export function ConfirmPage() {
  const [, navigate] = useLocation();
  const [address, setAddress] = useState(pendingSignIn.email);
  const client = useQueryClient();
  const again = useMutation({ mutationFn: async () => (await loadCognito()).resendCode(address), retry: false });
  return (
    <FormPage
      title="Confirm your address"
      intro={<p>A code is on its way to you by e-mail.</p>}
      fields={[{ ...email, value: address, onChange: ({ currentTarget }) => setAddress(currentTarget.value) }, code]}
      action="Confirm"
      onFocus={preloadCognito}
      send={async (values) => {
        const { confirmSignUp, signIn } = await loadCognito();
        await confirmSignUp(address, values.code?.trim() ?? '');
        const { password } = pendingSignIn;
        Object.assign(pendingSignIn, { email: address, password: '' });
        // Whatever fails from here on: the address is confirmed, and signing in is what is left.
        try {
          const progress = await signIn(address, password);
          if (!('refreshToken' in progress)) return navigate('/sign-in');
          await beginSession(progress.refreshToken);
        } catch {
          return navigate('/sign-in');
        }
        await client.resetQueries({ queryKey: ['me'] });
        navigate('/messages');
      }}
    >
      {again.error && <ErrorMessage error={again.error} />}
      <p>
        No code?{' '}
        <button type="button" className="link" disabled={!address} onClick={() => again.mutate()}>
          Send it again
        </button>{' '}
        <span role="status">{again.isSuccess && 'Sent.'}</span> · <Link href="/sign-in">Sign in</Link>
      </p>
    </FormPage>
  );
}
