import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { loadCognito, preloadCognito } from '../api/lazy-cognito.ts';
import { beginSession } from '../api/session.ts';
import { ErrorMessage } from '../parts/error-message.tsx';
import { FormPage } from '../parts/form.tsx';
import { code, email } from './fields.ts';
import { pendingSignIn } from './pending-sign-in.ts';

/** Confirms the e-mail address with a code, then signs in with the password from the sign-up page. */
export function ConfirmPage() {
  const [, navigate] = useLocation();
  const [address, setAddress] = useState(pendingSignIn.email);
  const client = useQueryClient();
  const resend = useMutation({ mutationFn: async () => (await loadCognito()).resendCode(address), retry: false });
  return (
    <FormPage
      title="Confirm your address"
      intro={<p>We have sent you an e-mail with a code. Enter it here.</p>}
      fields={[{ ...email, value: address, onChange: ({ currentTarget }) => setAddress(currentTarget.value) }, code]}
      action="Confirm"
      onInput={preloadCognito}
      send={async (values) => {
        const { confirmSignUp, signIn } = await loadCognito();
        await confirmSignUp(address, values.code?.trim() ?? '');
        const { password } = pendingSignIn;
        Object.assign(pendingSignIn, { email: address, password: '' });
        // The address is confirmed by now, so an error of the automatic sign-in is not shown: the user signs in on
        // the sign-in page.
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
      {resend.error && <ErrorMessage error={resend.error} />}
      <p>
        No code?{' '}
        <button type="button" className="link" disabled={!address} onClick={() => resend.mutate()}>
          Send it again
        </button>{' '}
        <span role="status">{resend.isSuccess && 'Sent. Check your e-mail.'}</span> ·{' '}
        <Link href="/sign-in">Sign in</Link>
      </p>
    </FormPage>
  );
}
