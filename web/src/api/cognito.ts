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
import { SignInError, toApiError } from './errors.ts';
import { reach, read } from './fetch.ts';

/** Something that Cognito wants to know before it lets somebody in. */
export interface Challenge {
  name: ChallengeNameType;
  /** Who answers, as Cognito calls them. */
  username: string;
  /** What ties the answer to the question. */
  session: string | undefined;
}

/** Either somebody is in, or there is one more question. */
export type SignInResult = { refreshToken: string } | { challenge: Challenge };

interface Pool {
  client: CognitoIdentityProviderClient;
  ClientId: string;
}

let opening: Promise<Pool> | undefined;

/** Finds out where Cognito is. Called early, it is known when the form is sent. */
export function openUserPool(): Promise<Pool> {
  opening ??= open().catch((error) => {
    opening = undefined; // the next try may have a connection
    throw error;
  });
  return opening;
}

async function open(): Promise<Pool> {
  const settings = await reach('/sign-in.json');
  if (!settings.ok) throw await toApiError(settings);
  const { endpoint, client_id } = await read<{ endpoint: string; client_id: string }>(settings);
  // The region only matters for a signature, and nothing here is signed: the address says where the pool is.
  return { client: new CognitoIdentityProviderClient({ endpoint, region: 'us-east-1' }), ClientId: client_id };
}

/** The first step: who, and their password (over TLS, to Cognito and nobody else). */
export async function signIn(email: string, password: string): Promise<SignInResult> {
  const { client, ClientId } = await openUserPool();
  const command = new InitiateAuthCommand({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId,
    AuthParameters: { USERNAME: email, PASSWORD: password },
  });
  return withSignInErrors(() => client.send(command).then((answer) => toSignInResult(answer, email)));
}

/** The name under which each question wants its answer. */
const answerNames: Partial<Record<ChallengeNameType, string>> = {
  NEW_PASSWORD_REQUIRED: 'NEW_PASSWORD',
  SOFTWARE_TOKEN_MFA: 'SOFTWARE_TOKEN_MFA_CODE',
  SMS_MFA: 'SMS_MFA_CODE',
  EMAIL_OTP: 'EMAIL_OTP_CODE',
};

/** The next steps: the answer to what Cognito asked. */
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

/** Signs up; Cognito then sends a code to the address. */
export async function signUp(person: { email: string; password: string; handle: string; display_name: string }) {
  const { client, ClientId } = await openUserPool();
  const command = new SignUpCommand({
    ClientId,
    Username: person.email,
    Password: person.password,
    UserAttributes: [
      { Name: 'email', Value: person.email },
      { Name: 'preferred_username', Value: person.handle },
      { Name: 'name', Value: person.display_name },
    ],
  });
  await withSignInErrors(() => client.send(command));
}

/** Proves with the code that the address is theirs. */
export async function confirmSignUp(email: string, code: string) {
  const { client, ClientId } = await openUserPool();
  const command = new ConfirmSignUpCommand({ ClientId, Username: email, ConfirmationCode: code });
  await withSignInErrors(() => client.send(command));
}

/** Has the code sent again. */
export async function resendCode(email: string) {
  const { client, ClientId } = await openUserPool();
  await withSignInErrors(() => client.send(new ResendConfirmationCodeCommand({ ClientId, Username: email })));
}

/** Has a code sent that a new password can be set with. */
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
      `This sign-in asks for something that this page does not know (${name}).`,
    );
  return {
    challenge: { name, username: answer.ChallengeParameters?.USER_ID_FOR_SRP ?? username, session: answer.Session },
  };
}

async function withSignInErrors<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw toSignInError(error);
  }
}
