import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Challenge, SignInResult } from '../api/cognito.ts';
import { SignedOutError, SignInError } from '../api/errors.ts';
import { loadCognito, preloadCognito } from '../api/lazy-cognito.ts';
import { beginSession, useSessionState } from '../api/session.ts';
import { FormPage } from '../parts/form.tsx';
import { code, email, newPassword, password } from './fields.ts';
import { pendingSignIn } from './pending-sign-in.ts';

/** Only a place of this client, whoever made the link. */
export const placeToGo = (back: string | null) => (back && /^\/messages(\/|$)/.test(back) ? back : '/messages');

/** Signs in: the password, whatever Cognito asks beyond it, and back to where somebody wanted to be. */
export function SignInPage() {
  const [question, setQuestion] = useState<Challenge>();
  const [isSet, setSet] = useState(false);
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const client = useQueryClient();

  const goOn = async (progress: SignInResult) => {
    if ('challenge' in progress) return setQuestion(progress.challenge);
    await beginSession(progress.refreshToken);
  };
  // Signed in, here or in another tab: back to where somebody wanted to be.
  const session = useSessionState();
  const back = placeToGo(search.get('back'));
  useEffect(() => {
    if (session !== 'signed in') return;
    pendingSignIn.password = '';
    client.resetQueries({ queryKey: ['me'] }).then(() => navigate(back, { replace: true }));
  }, [session, back, client, navigate]);

  if (question) {
    const begin = async (progress: SignInResult) => {
      try {
        await goOn(progress);
      } catch (error) {
        // A session that does not go on from here (cognito-local keeps none of an answered question) begins with the password.
        if (!(error instanceof SignedOutError)) throw error;
        setSet(question.name === 'NEW_PASSWORD_REQUIRED');
        setQuestion(undefined);
      }
    };
    const again = () => setQuestion(undefined);
    return <QuestionPage key={question.session} question={question} goOn={begin} again={again} />;
  }
  return (
    <FormPage
      title="Sign in"
      intro={isSet && <p role="status">Your password is set. Sign in with it.</p>}
      fields={[{ ...email, defaultValue: pendingSignIn.email }, password]}
      action="Sign in"
      onFocus={preloadCognito}
      send={async (values) => {
        Object.assign(pendingSignIn, { email: values.email, password: values.password });
        try {
          const { signIn } = await loadCognito();
          await goOn(await signIn(pendingSignIn.email, pendingSignIn.password));
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

/** Whatever Cognito asks beyond the password: a new one in place of a temporary one, or a code. */
function QuestionPage(props: {
  question: Challenge;
  goOn: (progress: SignInResult) => Promise<void>;
  again: () => void;
}) {
  const { question, goOn, again } = props;
  const wantsPassword = question.name === 'NEW_PASSWORD_REQUIRED';
  return (
    <FormPage
      title={wantsPassword ? 'Choose a new password' : 'One more step'}
      intro={<p>{wantsPassword ? 'The one that you signed in with was temporary.' : whereTheCodeIs[question.name]}</p>}
      fields={[wantsPassword ? newPassword : code]}
      action="Sign in"
      send={async ({ password, code }) => {
        const { answerChallenge } = await loadCognito();
        await goOn(await answerChallenge(question, (wantsPassword ? password : code?.trim()) ?? ''));
      }}
    >
      <p>
        {/* Cognito waits for an answer for some minutes. */}
        Too late?{' '}
        <button type="button" className="link" onClick={again}>
          Start again
        </button>
      </p>
    </FormPage>
  );
}

const whereTheCodeIs: Record<string, string> = {
  SOFTWARE_TOKEN_MFA: 'Enter the code that your authenticator app shows.',
  SMS_MFA: 'Enter the code that was sent to your phone.',
  EMAIL_OTP: 'Enter the code that was sent to your e-mail address.',
};
