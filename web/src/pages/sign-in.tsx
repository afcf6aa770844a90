import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Challenge, SignInResult } from '../api/cognito.ts';
import { SignInError } from '../api/errors.ts';
import { loadCognito, preloadCognito } from '../api/lazy-cognito.ts';
import { beginSession } from '../api/session.ts';
import { FormPage } from '../parts/form.tsx';
import { code, email, newPassword, password } from './fields.ts';
import { preloadSignedIn } from './load-signed-in.ts';
import { OnlySignedOut } from './only-signed-out.tsx';
import { pendingSignIn } from './pending-sign-in.ts';

/** Signs in with a password and any challenge of Cognito, then returns to the page that required it. */
export function SignInPage() {
  return (
    <OnlySignedOut>
      <SignInForm />
    </OnlySignedOut>
  );
}

function SignInForm() {
  const [challenge, setChallenge] = useState<Challenge>();
  const [, navigate] = useLocation();

  const proceed = async (result: SignInResult) => {
    if ('challenge' in result) return setChallenge(result.challenge);
    await beginSession(result.refreshToken);
  };

  if (challenge) {
    const restart = () => setChallenge(undefined);
    return <ChallengePage key={challenge.session} challenge={challenge} proceed={proceed} restart={restart} />;
  }
  return (
    <FormPage
      title="Sign in"
      startsAt="first empty field"
      intro={<p>Cruddur is a messenger: write to any user whose handle you know.</p>}
      fields={[{ ...email, defaultValue: pendingSignIn.email }, password]}
      action="Sign in"
      onInput={() => {
        preloadCognito();
        preloadSignedIn();
      }}
      send={async (values) => {
        Object.assign(pendingSignIn, { email: values.email, password: values.password });
        try {
          const { signIn } = await loadCognito();
          await proceed(await signIn(pendingSignIn.email, pendingSignIn.password));
        } catch (error) {
          if (error instanceof SignInError && error.code === 'UserNotConfirmedException') return navigate('/confirm');
          pendingSignIn.password = '';
          throw error;
        }
      }}
    >
      <p>
        <Link href="/forgotten-password">Forgotten password</Link> · New here? <Link href="/sign-up">Sign up</Link>
      </p>
    </FormPage>
  );
}

/** Shows a challenge of Cognito: to replace a temporary password, or to enter a code. */
function ChallengePage(props: {
  challenge: Challenge;
  proceed: (result: SignInResult) => Promise<void>;
  restart: () => void;
}) {
  const { challenge, proceed, restart } = props;
  const wantsPassword = challenge.name === 'NEW_PASSWORD_REQUIRED';
  return (
    <FormPage
      title={wantsPassword ? 'Choose a new password' : 'One more step'}
      intro={<p>{wantsPassword ? 'Your password was temporary. Choose your own.' : codeSources[challenge.name]}</p>}
      fields={[wantsPassword ? newPassword : code]}
      action="Sign in"
      send={async ({ password, code }) => {
        const { answerChallenge } = await loadCognito();
        await proceed(await answerChallenge(challenge, (wantsPassword ? password : code?.trim()) ?? ''));
      }}
    >
      <p>
        {/* A challenge expires after a few minutes. */}
        Waited too long?{' '}
        <button type="button" className="link" onClick={restart}>
          Start again
        </button>
      </p>
    </FormPage>
  );
}

const codeSources: Record<string, string> = {
  SOFTWARE_TOKEN_MFA: 'Enter the code that your authenticator app shows.',
  SMS_MFA: 'Enter the code that was sent to your phone.',
  EMAIL_OTP: 'Enter the code that was sent to your e-mail address.',
};
