import { randomUUID } from 'node:crypto';
import { ConfirmSignUpCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { localPool, type Pool, signIn } from '../../bin/console/pool.ts';
import { confirmationCode } from '../../offline/supervisor/sign-in.ts';
import { seedPassword } from '../../seeds/users.ts';
import type { MessageGroup as Group, SentMessage } from '../../web/src/api/schema.ts';
import type { Stack } from './stack.ts';

/** A caller of the API. */
export interface Caller {
  /** Sends a message through the API. */
  sends(to: { handle: string } | { message_group_uuid: string }, message: string): Promise<SentMessage>;
  /** Reads from the API. @returns the parsed body */
  gets<Body>(path: string): Promise<Body>;
}

/** A user who has just signed up, with a unique handle and the seeds' password. */
export interface NewUser extends Caller {
  handle: string;
  display_name: string;
  email: string;
  accessToken: string;
}

/** Signs a user up with the seeds' password. @returns the user's `sub` */
export async function signUp(
  { client, clientId: ClientId }: Pool,
  { email, handle, display_name }: Pick<NewUser, 'email' | 'handle' | 'display_name'>,
): Promise<string> {
  const UserAttributes = Object.entries({ email, preferred_username: handle, name: display_name }).map(
    ([Name, Value]) => ({ Name, Value }),
  );
  const input = { ClientId, Username: email, Password: seedPassword, UserAttributes };
  const { UserSub } = await client.send(new SignUpCommand(input));
  return UserSub as string;
}

/** Confirms an e-mail address with its code. */
export async function confirm({ client, clientId }: Pool, email: string, code: string | undefined): Promise<void> {
  await client.send(new ConfirmSignUpCommand({ ClientId: clientId, Username: email, ConfirmationCode: code }));
}

/** @returns a caller whose calls throw what the stack answers to a request that it refuses */
export function callerWith({ httpUrl }: Pick<Stack, 'httpUrl'>, accessToken: string): Caller {
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
    const response = await fetch(`${httpUrl}${path}`, { headers, ...init });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json() as Promise<never>; // typed by the caller
  };
  return {
    sends: (to, message) => call('/api/messages', { method: 'POST', body: JSON.stringify({ ...to, message }) }),
    gets: (path) => call(path),
  };
}

/** Signs a user up at the running stack, as the client does. */
export async function signUpNewUser(
  stack: Pick<Stack, 'httpUrl' | 'ports'>,
  display_name = 'New User',
): Promise<NewUser> {
  const handle = `n${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const email = `${handle}@example.com`;
  const pool = localPool(String(stack.ports.cognito));
  await signUp(pool, { email, handle, display_name });
  await confirm(pool, email, confirmationCode);
  const { accessToken } = await signIn(pool, email, seedPassword);
  return { handle, display_name, email, accessToken, ...callerWith(stack, accessToken) };
}

/** Two users without a conversation. */
export const twoNewUsers = (stack: Pick<Stack, 'httpUrl' | 'ports'>) =>
  Promise.all([signUpNewUser(stack, 'Ada North'), signUpNewUser(stack, 'Bo South')]);

/** A user's inbox, from the API. */
export const inboxOf = (user: NewUser) => user.gets<Group[]>('/api/message_groups');
