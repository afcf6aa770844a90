import {
  type ChallengeNameType,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  type InitiateAuthCommandOutput,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  type RespondToAuthChallengeCommandOutput,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toSignInError } from './cognito-errors.ts';
import { SignInError } from './errors.ts';
import { fetchSettings } from './settings.ts';

/** A further step that Cognito asks for after the password. */
export interface Challenge {
  name: ChallengeNameType;
  /** Cognito's own name of the user. */
  username: string;
  /** Ties the answer to the challenge. */
  session: string | undefined;
}

/** The tokens of a completed sign-in, or the next challenge. */
export type SignInResult = { refreshToken: string } | { challenge: Challenge };

interface Pool {
  client: CognitoIdentityProviderClient;
  ClientId: string;
}

let opening: Promise<Pool> | undefined;

/** Fetches the user pool's endpoint and client id, once. */
export function openUserPool(): Promise<Pool> {
  opening ??= open().catch((error) => {
    opening = undefined; // the next call tries again
    throw error;
  });
  return opening;
}

async function open(): Promise<Pool> {
  const { endpoint, client_id } = await fetchSettings();
  // The client requires a region, but only signed requests use it, and these are unsigned.
  return { client: new CognitoIdentityProviderClient({ endpoint, region: 'us-east-1' }), ClientId: client_id };
}

/** Signs in with a password, which goes to Cognito directly, never to our functions. */
export async function signIn(email: string, password: string): Promise<SignInResult> {
  const { client, ClientId } = await openUserPool();
  const command = new InitiateAuthCommand({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId,
    AuthParameters: { USERNAME: email, PASSWORD: password },
  });
  return withSignInErrors(() => client.send(command).then((answer) => toSignInResult(answer, email)));
}

/** Cognito's name for the answer to each challenge. */
const answerNames: Partial<Record<ChallengeNameType, string>> = {
  NEW_PASSWORD_REQUIRED: 'NEW_PASSWORD',
  SOFTWARE_TOKEN_MFA: 'SOFTWARE_TOKEN_MFA_CODE',
  SMS_MFA: 'SMS_MFA_CODE',
  EMAIL_OTP: 'EMAIL_OTP_CODE',
};

/** Answers a challenge. */
export async function answerChallenge({ name, username, session }: Challenge, answer: string): Promise<SignInResult> {
  const { client, ClientId } = await openUserPool();
  const command = new RespondToAuthChallengeCommand({
    ClientId,
    ChallengeName: name,
    Session: session,
    ChallengeResponses: { USERNAME: username, [answerNames[name] as string]: answer },
  });
  return withSignInErrors(() => client.send(command).then((result) => toSignInResult(result, username)));
}

/** Signs up. Cognito then sends a code to the address. */
export async function signUp(user: { email: string; password: string; handle: string; display_name: string }) {
  const { client, ClientId } = await openUserPool();
  const command = new SignUpCommand({
    ClientId,
    Username: user.email,
    Password: user.password,
    UserAttributes: [
      { Name: 'email', Value: user.email },
      { Name: 'preferred_username', Value: user.handle },
      { Name: 'name', Value: user.display_name },
    ],
  });
  await withSignInErrors(() => client.send(command));
}

/** Confirms with the code that the address belongs to the user. */
export async function confirmSignUp(email: string, code: string) {
  const { client, ClientId } = await openUserPool();
  const command = new ConfirmSignUpCommand({ ClientId, Username: email, ConfirmationCode: code });
  await withSignInErrors(() => client.send(command));
}

/** Sends the code again. */
export async function resendCode(email: string) {
  const { client, ClientId } = await openUserPool();
  await withSignInErrors(() => client.send(new ResendConfirmationCodeCommand({ ClientId, Username: email })));
}

/** Sends a code for setting a new password. */
export async function forgotPassword(email: string) {
  const { client, ClientId } = await openUserPool();
  await withSignInErrors(() => client.send(new ForgotPasswordCommand({ ClientId, Username: email })));
}

/** Sets a new password with that code. */
export async function resetPassword(email: string, code: string, password: string) {
  const { client, ClientId } = await openUserPool();
  const command = new ConfirmForgotPasswordCommand({
    ClientId,
    Username: email,
    ConfirmationCode: code,
    Password: password,
  });
  await withSignInErrors(() => client.send(command));
}

function toSignInResult(
  answer: InitiateAuthCommandOutput | RespondToAuthChallengeCommandOutput,
  username: string,
): SignInResult {
  const refreshToken = answer.AuthenticationResult?.RefreshToken;
  if (refreshToken) return { refreshToken };
  const name = answer.ChallengeName;
  if (!name || !answerNames[name])
    throw new SignInError(
      'challenge_unknown',
      `This page does not support the sign-in step ${name}. Ask the operator of this service for help.`,
    );
  return {
    challenge: { name, username: answer.ChallengeParameters?.USER_ID_FOR_SRP ?? username, session: answer.Session },
  };
}

async function withSignInErrors<Output>(call: () => Promise<Output>): Promise<Output> {
  try {
    return await call();
  } catch (error) {
    throw toSignInError(error);
  }
}
