import { connectionError, SignInError } from './errors.ts';

const wrong: [sentence: string, field?: string] = ['The e-mail address or the password is wrong.', 'password'];
const wait: [sentence: string] = ['Too many tries. Wait a while and try again.'];

/** Cognito's refusals, by name, and the field that they are about; what is not here is told in Cognito's own words. */
const refusals: Record<string, [sentence: string, field?: string]> = {
  UserNotFoundException: wrong,
  UsernameExistsException: ['Somebody has signed up with this address already.', 'email'],
  UserNotConfirmedException: ['This address has not been confirmed yet.', 'email'],
  PasswordResetRequiredException: ['A new password is needed: use “Forgotten password”.', 'password'],
  CodeMismatchException: ['The code is not right.', 'code'],
  ExpiredCodeException: ['The code is too old. Ask for a new one.', 'code'],
  LimitExceededException: wait,
  TooManyRequestsException: wait,
  TooManyFailedAttemptsException: wait,
};

/** @param error whatever the SDK threw */
export function toSignInError(error: unknown): Error {
  if (!(error instanceof Error) || error instanceof SignInError) return error as Error;
  const { name, message } = error;
  // What a trigger of ours refused (handlers/sign-up/trigger.ts): `PreSignUp failed with error handle_taken: Another user … (handle).`
  const [, code, sentence, field] = /\b([a-z]+_[a-z_]+): (.+?\.)(?: \((\w+)\))?\.?$/.exec(message) ?? [];
  if (code && sentence) return new SignInError(code, sentence, field);
  // The same name stands for much else: a session that is over, an address that is confirmed already.
  const isWrong = name === 'NotAuthorizedException' && /incorrect username|not authorized/i.test(message);
  const known = isWrong ? wrong : refusals[name];
  if (known) return new SignInError(name, ...known);
  if (name === 'InvalidPasswordException') return new SignInError(name, sentenceOf(message), 'password');
  if ('$fault' in error) return new SignInError(name, sentenceOf(message));
  return connectionError();
}

const sentenceOf = (message: string) => (message.endsWith('.') ? message : `${message}.`);
