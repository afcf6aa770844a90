import { connectionError, SignInError } from './errors.ts';

type Known = [message: string, field?: string];

// One text for an unknown address and a wrong password: the difference would reveal which addresses have signed up.
const wrongPassword: Known = ['The e-mail address or the password is wrong. Try again.', 'password'];
const tooManyAttempts: Known = ['Too many attempts. Wait a few minutes and try again.'];

/** The messages by Cognito's exception name. For other exceptions the page shows Cognito's own text. */
const knownErrors: Record<string, Known> = {
  UserNotFoundException: wrongPassword,
  UsernameExistsException: ['This address has already signed up. Sign in, or set a new password.', 'email'],
  UserNotConfirmedException: ['This address is not confirmed yet. Enter the code from the e-mail.', 'email'],
  PasswordResetRequiredException: ['You need a new password. Choose “Forgotten password”.', 'password'],
  CodeMismatchException: ['The code is wrong. Check it and try again.', 'code'],
  ExpiredCodeException: ['The code has expired. Ask for a new one.', 'code'],
  LimitExceededException: tooManyAttempts,
  TooManyRequestsException: tooManyAttempts,
  TooManyFailedAttemptsException: tooManyAttempts,
  ForbiddenException: tooManyAttempts, // the firewall before the pool: resources/firewall.yml
};

/** @param error what the SDK threw @returns an error whose message the page can show */
export function toSignInError(error: unknown): Error {
  if (!(error instanceof Error) || error instanceof SignInError) return error as Error;
  const { name, message } = error;
  // An error of our sign-up trigger (handlers/sign-up/trigger.ts) arrives as `PreSignUp failed with error
  // handle_taken: <message>. (handle).`
  const [, code, text, field] = /\b([a-z]+_[a-z_]+): (.+?\.)(?: \((\w+)\))?\.?$/.exec(message) ?? [];
  if (code && text) return new SignInError(code, text, field);
  // Cognito also throws NotAuthorizedException for an expired session and for an address that is already confirmed,
  // so only the text tells a wrong password.
  const isWrong = name === 'NotAuthorizedException' && /incorrect username|not authorized/i.test(message);
  const known = isWrong ? wrongPassword : knownErrors[name];
  if (known) return new SignInError(name, ...known);
  if (name === 'InvalidPasswordException') return new SignInError(name, withFullStop(message), 'password');
  if ('$fault' in error) return new SignInError(name, withFullStop(message));
  return connectionError();
}

const withFullStop = (message: string) => (message.endsWith('.') ? message : `${message}.`);
