import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { loadCognito, preloadCognito } from '../api/lazy-cognito.ts';
import { FormPage } from '../parts/form.tsx';
import { code, email, newPassword } from './fields.ts';
import { pendingSignIn } from './pending-sign-in.ts';

/** Sends a code to the user's e-mail address; with the code, the user sets a new password. */
export function ForgottenPasswordPage() {
  const [address, setAddress] = useState<string>();
  const [, navigate] = useLocation();
  const back = (
    <p>
      <Link href="/sign-in">Back to sign-in</Link>
    </p>
  );
  if (address === undefined)
    return (
      <FormPage
        key="address"
        title="Forgotten password"
        intro={<p>We will send you a code for setting a new password.</p>}
        fields={[{ ...email, defaultValue: pendingSignIn.email }]}
        action="Send the code"
        onInput={preloadCognito}
        send={async ({ email = '' }) => {
          const { forgotPassword } = await loadCognito();
          await forgotPassword(email);
          setAddress(email);
        }}
      >
        {back}
      </FormPage>
    );
  return (
    <FormPage
      key="code"
      title="Choose a new password"
      intro={<p>If this address has signed up, we have sent it a code. Enter it here.</p>}
      fields={[code, { ...newPassword, label: 'New password' }]}
      action="Set the password"
      send={async (values) => {
        const { resetPassword } = await loadCognito();
        await resetPassword(address, values.code?.trim() ?? '', values.password ?? '');
        pendingSignIn.email = address;
        navigate('/sign-in');
      }}
    >
      {back}
    </FormPage>
  );
}
