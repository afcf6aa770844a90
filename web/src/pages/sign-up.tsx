import { Link, useLocation } from 'wouter';
import { loadCognito, preloadCognito } from '../api/lazy-cognito.ts';
import { FormPage } from '../parts/form.tsx';
import { displayName, email, handle, newPassword } from './fields.ts';
import { OnlySignedOut } from './only-signed-out.tsx';
import { pendingSignIn } from './pending-sign-in.ts';

/**
 * The sign-up page. During the sign-up, Cognito calls our trigger, which checks handle and name
 * (handlers/sign-up/check-sign-up.ts), and then sends a code by e-mail.
 */
export function SignUpPage() {
  return (
    <OnlySignedOut>
      <SignUpForm />
    </OnlySignedOut>
  );
}

function SignUpForm() {
  const [, navigate] = useLocation();
  return (
    <FormPage
      title="Sign up"
      fields={[email, handle, displayName, newPassword]}
      action="Sign up"
      onInput={preloadCognito}
      send={async ({ email = '', handle = '', display_name = '', password = '' }) => {
        const { signUp } = await loadCognito();
        await signUp({ email, handle, display_name, password });
        Object.assign(pendingSignIn, { email, password });
        navigate('/confirm');
      }}
    >
      <p>
        Already signed up? <Link href="/sign-in">Sign in</Link> or <Link href="/confirm">confirm your address</Link>.
      </p>
    </FormPage>
  );
}
