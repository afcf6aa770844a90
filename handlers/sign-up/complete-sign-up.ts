import { completeSignUp } from '../../core/complete-sign-up.ts';
import { endAllSessions } from '../../core/end-all-sessions.ts';
import { openUserPool } from '../../core/user-pool/client.ts';
import { trigger } from './trigger.ts';

const userPool = openUserPool({ maxAttempts: 1 }); // Cognito waits five seconds, and then calls the trigger again itself

// A pool has one function for both events.
export const handler = trigger({
  PostConfirmation_ConfirmSignUp: completeSignUp,
  PostConfirmation_ConfirmForgotPassword: (_, user) => endAllSessions({ userPool }, user),
});
