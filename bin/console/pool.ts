import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  type AttributeType,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  paginateListUserPoolClients,
  paginateListUserPools,
  paginateListUsers,
  UserNotFoundException,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { parse } from 'yaml';
import type { PoolUser } from '../../admin/users/update-cognito-ids.ts';
import { CommandError } from './command-error.ts';
import { localClient, localPort, type Target } from './target.ts';

/** The user pool of a deployment, or of the local stack. */
export interface Pool {
  client: CognitoIdentityProviderClient;
  userPoolId: string;
  clientId: string;
  isLocal: boolean;
}

/** A user of the pool, as the commands list them. */
export interface ListedUser extends PoolUser {
  /**
   * The handle that the user requested at sign-up. It may not be theirs: the table decides which handle a user has.
   */
  handle: string | undefined;
  status: string;
}

const serverlessYml = join(import.meta.dirname, '../../serverless.yml');

/** The user pool of the local stack, with its ids from serverless.yml. */
export function localPool(port = localPort('cognito')): Pool {
  const { custom } = parse(readFileSync(serverlessYml, 'utf8'), { logLevel: 'silent' }); // avoids warnings about CloudFormation tags
  const { issuer, clientId } = custom.signIns.local as { issuer: string; clientId: string };
  const client = new CognitoIdentityProviderClient({
    ...localClient(port),
    maxAttempts: 1, // on this machine a retry does not help
  });
  return { client, userPoolId: issuer.split('/').at(-1) as string, clientId, isLocal: true };
}

/**
 * The user pool of the stage, by its name in resources/sign-in.yml. In AWS, prints to stderr which one it is.
 * @param verb what the command is about to do with it
 * @throws CommandError when there is no such pool, or it has no client `web`
 */
export async function openPool({ stage, region }: Target, verb: 'Reads' | 'Writes to'): Promise<Pool> {
  if (stage === undefined) return localPool();
  const client = new CognitoIdentityProviderClient(region ? { region } : {});
  const name = `cruddur-messages-${stage}`;
  for await (const { UserPools = [] } of paginateListUserPools({ client }, { MaxResults: 60 })) {
    const UserPoolId = UserPools.find((pool) => pool.Name === name)?.Id;
    if (!UserPoolId) continue;
    for await (const { UserPoolClients = [] } of paginateListUserPoolClients({ client }, { UserPoolId })) {
      const clientId = UserPoolClients.find(({ ClientName }) => ClientName === 'web')?.ClientId;
      if (!clientId) continue;
      process.stderr.write(`${verb} user pool ${name} (${UserPoolId})\n`);
      return { client, userPoolId: UserPoolId, clientId, isLocal: false };
    }
  }
  const where = await client.config.region();
  throw new CommandError(
    `There is no user pool ${name} with a client "web" in ${where}: check --stage and --region, or deploy the stage first.`,
  );
}

/** All users of the pool, read page by page. */
export async function* poolUsers({ client, userPoolId }: Pool): AsyncGenerator<ListedUser> {
  for await (const { Users = [] } of paginateListUsers({ client }, { UserPoolId: userPoolId })) {
    for (const { Attributes, UserStatus = '', Enabled } of Users) {
      const { sub = '', email = '', email_verified, preferred_username: handle } = attributesOf(Attributes);
      const status = Enabled === false ? 'DISABLED' : UserStatus;
      yield { sub, email, isVerified: email_verified === 'true', handle, status };
    }
  }
}

/**
 * A user of the pool. They still need a password if they were just created, were left by an interrupted run, or were
 * invited.
 */
interface FoundUser {
  sub: string;
  needsPassword: boolean;
}

const needsPassword = (status: string | undefined) => status === 'FORCE_CHANGE_PASSWORD';

/** @returns the user of the pool with this Cognito id; undefined if there is none */
export async function findPoolUser(pool: Pool, sub: string): Promise<FoundUser | undefined> {
  for await (const user of poolUsers(pool))
    if (user.sub === sub) return { sub, needsPassword: needsPassword(user.status) };
  return undefined;
}

/**
 * Creates a user in the pool, who cannot sign in before `setPassword`. An existing user with this address is not changed.
 * @throws CommandError when the existing user has not verified the address: it may be another user's
 */
export async function createPoolUser(
  { client, userPoolId: UserPoolId }: Pool,
  { email, handle, name = handle, password }: { email: string; handle: string; name?: string; password: string },
): Promise<FoundUser> {
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
          { Name: 'name', Value: name },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof UsernameExistsException)) throw error;
  }
  const user = await client.send(new AdminGetUserCommand({ UserPoolId, Username: email }));
  const { sub, email_verified } = attributesOf(user.UserAttributes);
  if (email_verified !== 'true')
    throw new CommandError(
      'A user of the pool has this address and has not verified it: it may be of another user. Delete that user first.',
    );
  return { sub: sub as string, needsPassword: needsPassword(user.UserStatus) };
}

/** Sets a permanent password, with which the user of this Cognito id can sign in at once. */
export async function setPassword({ client, userPoolId }: Pool, sub: string, password: string): Promise<void> {
  const set = { UserPoolId: userPoolId, Username: sub, Password: password, Permanent: true };
  await client.send(new AdminSetUserPasswordCommand(set));
}

export interface Tokens {
  /** Authorizes API requests. */
  accessToken: string;
  /** Identifies the user to a client; the API rejects it. */
  idToken: string;
}

/**
 * Signs a user in with their password. On the local stack this is the client's own flow; in AWS it is the
 * administrator's, which needs AWS credentials.
 * @param username the user's Cognito id or e-mail address
 * @throws CommandError for a wrong password, or when the pool asks for more than a password
 */
export async function signIn(pool: Pool, username: string, password: string): Promise<Tokens> {
  const ClientId = pool.clientId;
  const AuthParameters = { USERNAME: username, PASSWORD: password };
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
    if (!['NotAuthorizedException', 'UserNotFoundException'].includes(nameOf(error))) throw error;
    throw new CommandError(
      'The user pool rejects this password: set the right one in COGNITO_PASSWORD. ' +
        'If the pool was made anew, run bin/users update-cognito-ids first.',
    );
  }
  throw new CommandError(
    'The user pool asks for more than a password (a new password or a second factor): sign in with a browser.',
  );
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');

const attributesOf = (attributes: AttributeType[] = []): Record<string, string | undefined> =>
  Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));

/** Deletes a user from the pool. One who is not there is no error. */
export async function deletePoolUser({ client, userPoolId: UserPoolId }: Pool, sub: string): Promise<void> {
  try {
    await client.send(new AdminDeleteUserCommand({ UserPoolId, Username: sub }));
  } catch (error) {
    if (!(error instanceof UserNotFoundException)) throw error;
  }
}
