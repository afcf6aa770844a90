import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  type AttributeType,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  paginateListUserPoolClients,
  paginateListUserPools,
  paginateListUsers,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { parse } from 'yaml';
import type { PoolUser } from '../../admin/users/update-cognito-ids.ts';
import { CommandError } from './command-error.ts';
import { localClient, ports, type Target } from './target.ts';

/** The user pool of a deployment, or of the local stack. */
export interface Pool {
  client: CognitoIdentityProviderClient;
  userPoolId: string;
  clientId: string;
  isLocal: boolean;
}

/** Somebody of the pool, as far as the commands show them. */
export interface Listed extends PoolUser {
  /** What was asked for at sign-up; the table has the truth. */
  handle: string | undefined;
  status: string;
}

const serverlessYml = join(import.meta.dirname, '../../serverless.yml');

/** The pool of the local stack; its ids from the one place where they are written. */
export function localPool(port = ports().cognito): Pool {
  const { custom } = parse(readFileSync(serverlessYml, 'utf8'), { logLevel: 'silent' }); // it warns of CloudFormation's tags
  const { issuer, clientId } = custom.signIns.local as { issuer: string; clientId: string };
  const client = new CognitoIdentityProviderClient({
    ...localClient(port),
    maxAttempts: 1, // it is on this machine: it answers or it is not there
  });
  return { client, userPoolId: issuer.split('/').at(-1) as string, clientId, isLocal: true };
}

/** @throws CommandError when the stage has no pool, which resources/sign-in.yml names after it */
export async function openPool({ stage, region }: Target): Promise<Pool> {
  if (stage === undefined) return localPool();
  const client = new CognitoIdentityProviderClient(region ? { region } : {});
  const name = `cruddur-messages-${stage}`;
  for await (const { UserPools = [] } of paginateListUserPools({ client }, { MaxResults: 60 })) {
    const UserPoolId = UserPools.find((pool) => pool.Name === name)?.Id;
    if (!UserPoolId) continue;
    for await (const { UserPoolClients = [] } of paginateListUserPoolClients({ client }, { UserPoolId })) {
      const clientId = UserPoolClients.find(({ ClientName }) => ClientName === 'web')?.ClientId;
      if (clientId) return { client, userPoolId: UserPoolId, clientId, isLocal: false };
    }
  }
  throw new CommandError(`There is no user pool ${name} with a client web in ${await client.config.region()}.`);
}

/** Everybody of the pool, a page at a time. */
export async function* poolUsers({ client, userPoolId }: Pool): AsyncGenerator<Listed> {
  for await (const { Users = [] } of paginateListUsers({ client }, { UserPoolId: userPoolId })) {
    for (const { Attributes, UserStatus = '', Enabled } of Users) {
      const { sub = '', email = '', email_verified, preferred_username: handle } = attributesOf(Attributes);
      const status = Enabled === false ? 'DISABLED' : UserStatus;
      yield { sub, email, isVerified: email_verified === 'true', handle, status };
    }
  }
}

/**
 * Makes somebody in the pool, who cannot sign in before they have a password. Whoever is there already stays as they are.
 * @returns their `sub`, and whether they have no password of their own yet
 */
export async function createPoolUser(
  { client, userPoolId: UserPoolId }: Pool,
  { email, handle, password }: { email: string; handle: string; password: string },
): Promise<{ sub: string; needsPassword: boolean }> {
  try {
    await client.send(
      new AdminCreateUserCommand({
        UserPoolId,
        Username: email,
        MessageAction: 'SUPPRESS',
        TemporaryPassword: password,
        UserAttributes: [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
          { Name: 'preferred_username', Value: handle },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof UsernameExistsException)) throw error;
  }
  const user = await client.send(new AdminGetUserCommand({ UserPoolId, Username: email }));
  const needsPassword = user.UserStatus === 'FORCE_CHANGE_PASSWORD'; // new, begun to be made, or invited
  return { sub: attributesOf(user.UserAttributes).sub as string, needsPassword };
}

/** Gives somebody a password with which they can sign in at once. */
export async function setPassword({ client, userPoolId }: Pool, email: string, password: string): Promise<void> {
  const set = { UserPoolId: userPoolId, Username: email, Password: password, Permanent: true };
  await client.send(new AdminSetUserPasswordCommand(set));
}

export interface Tokens {
  /** Opens the API. */
  accessToken: string;
  /** Says who somebody is to a client, and opens nothing. */
  idToken: string;
}

/**
 * Signs somebody in with their password: at the local stack as its client does, in AWS as an administrator may.
 * @throws CommandError for a wrong password, or when more than a password is asked for
 */
export async function signIn(pool: Pool, email: string, password: string): Promise<Tokens> {
  const ClientId = pool.clientId;
  const AuthParameters = { USERNAME: email, PASSWORD: password };
  try {
    const { AuthenticationResult } = pool.isLocal
      ? await pool.client.send(new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId, AuthParameters }))
      : await pool.client.send(
          new AdminInitiateAuthCommand({
            AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
            UserPoolId: pool.userPoolId,
            ClientId,
            AuthParameters,
          }),
        );
    const { AccessToken: accessToken, IdToken: idToken } = AuthenticationResult ?? {};
    if (accessToken && idToken) return { accessToken, idToken };
  } catch (error) {
    // A wrong password is the second here, and the first in AWS.
    if (!['NotAuthorizedException', 'InvalidPasswordException', 'UserNotFoundException'].includes(nameOf(error)))
      throw error;
    throw new CommandError('Sign-in refuses this password.');
  }
  throw new CommandError('Sign-in asks for more than a password.');
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');

const attributesOf = (attributes: AttributeType[] = []): Record<string, string | undefined> =>
  Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));
