import { randomUUID } from 'node:crypto';
import { ConfirmSignUpCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { localPool, type Pool, signIn } from '../../bin/console/pool.ts';
import { confirmationCode } from '../../offline/supervisor/sign-in.ts';
import { seedPassword } from '../../seeds/users.ts';
import type { MessageGroup as Group, SentMessage } from '../../web/src/api/schema.ts';
import type { Stack } from './stack.ts';

/** Somebody who has just signed up, with a handle that nobody else has; they sign in with the seeds' password. */
export interface NewUser {
  handle: string;
  display_name: string;
  email: string;
  /** Sends a message by the API. */
  says(to: { handle: string } | { message_group_uuid: string }, message: string): Promise<SentMessage>;
  /** Asks the API. @returns what it answered, parsed */
  asks<Body>(path: string): Promise<Body>;
}

/** Asks to sign somebody up, with the seeds' password. @returns their `sub` */
export async function signUp(
  { client, clientId: ClientId }: Pool,
  { email, handle, display_name }: Pick<NewUser, 'email' | 'handle' | 'display_name'>,
): Promise<string> {
  const UserAttributes = Object.entries({ email, preferred_username: handle, name: display_name }).map(
    ([Name, Value]) => ({ Name, Value }),
  );
  const asked = { ClientId, Username: email, Password: seedPassword, UserAttributes };
  const { UserSub } = await client.send(new SignUpCommand(asked));
  return UserSub as string;
}

/** Proves by the code that an address is theirs. */
export async function confirm({ client, clientId }: Pool, email: string, code: string | undefined): Promise<void> {
  await client.send(new ConfirmSignUpCommand({ ClientId: clientId, Username: email, ConfirmationCode: code }));
}

/** Signs somebody up at a running stack, as a browser would. */
export async function signUpNewUser(
  stack: Pick<Stack, 'httpUrl' | 'ports'>,
  display_name = 'Somebody New',
): Promise<NewUser> {
  const handle = `n${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const email = `${handle}@example.com`;
  const pool = localPool(String(stack.ports.cognito));
  await signUp(pool, { email, handle, display_name });
  await confirm(pool, email, confirmationCode);
  const { accessToken } = await signIn(pool, email, seedPassword);

  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
    const response = await fetch(`${stack.httpUrl}${path}`, { headers, ...init });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json() as Promise<never>; // whatever the caller knows it to be
  };
  return {
    handle,
    display_name,
    email,
    says: (to, message) => call('/api/messages', { method: 'POST', body: JSON.stringify({ ...to, message }) }),
    asks: (path) => call(path),
  };
}

/** Two people who have never written to each other. */
export const pair = (stack: Pick<Stack, 'httpUrl' | 'ports'>) =>
  Promise.all([signUpNewUser(stack, 'Ada North'), signUpNewUser(stack, 'Bo South')]);

/** Somebody's conversations, as the API lists them. */
export const inboxOf = (person: NewUser) => person.asks<Group[]>('/api/message_groups');
