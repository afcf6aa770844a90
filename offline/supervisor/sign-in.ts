import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type SeedUser, seedPassword, seedUsers } from '../../seeds/users.ts';
import { type LocalSettings, localCredentials } from '../settings.ts';

/** The code that stands in for every code that Cognito would send by e-mail: this machine sends no e-mail. */
export const confirmationCode = '246810';

/** The template's declaration of a user pool and its client. */
export interface DeclaredPool {
  CognitoUserPoolPeople: { Properties: Record<string, unknown> };
  WebClient: { Properties: Record<string, unknown> & { ExplicitAuthFlows: string[] } };
}

/**
 * Starts cognito-local with the pool and the client of the template, and the seeded users. It calls the sign-up triggers as Cognito does,
 * through the address where serverless-offline invokes functions. With `DYNAMODB_PATH` the users are kept on disk beside the database.
 * Users who were kept stay as they are.
 * @returns its process, which does not listen yet: see {@link signInListens}
 */
export async function startSignIn(
  { stateFolder, signIn, triggers, region, ports }: LocalSettings,
  declared: DeclaredPool,
  output: number | 'inherit',
): Promise<ChildProcess> {
  const { origin, pathname } = new URL(signIn.issuer);
  const poolId = pathname.slice(1);
  // cognito-local looks for a folder of this name in its working directory.
  const folder = join(stateFolder, '.cognito');
  const poolFile = join(folder, 'db', `${poolId}.json`);
  await mkdir(join(folder, 'db'), { recursive: true });
  await replace(join(folder, 'config.json'), {
    TokenConfig: { IssuerDomain: origin },
    TriggerFunctions: triggers,
    LambdaClient: { credentials: localCredentials, endpoint: `http://localhost:${ports.lambda}`, region },
  });
  await replace(join(folder, 'db', 'clients.json'), {
    Clients: { [signIn.clientId]: client(signIn.clientId, poolId, declared) },
  });
  await replace(poolFile, { Users: seeded(), ...kept(poolFile), Options: options(poolId, declared) });

  return spawn(process.execPath, [fileURLToPath(new URL('../user-pool/start.cjs', import.meta.url))], {
    cwd: stateFolder,
    stdio: ['ignore', 'ignore', output], // discarded, because its standard output contains names of users
    windowsHide: true,
    env: {
      PATH: process.env.PATH,
      HOST: 'localhost',
      PORT: String(ports.cognito),
      CODE: confirmationCode,
      NODE_NO_WARNINGS: '1', // hides deprecation warnings about its dependencies
      AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
    },
  });
}

/** Resolves when sign-in answers. Also resolves when its process has ended, since the supervisor reports that. */
export async function signInListens(child: ChildProcess, { ports }: LocalSettings): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`http://localhost:${ports.cognito}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await wait(25);
  }
}

/** What an earlier start left in the file. Nothing if there is none, or if its last write was cut short when the process was killed. */
function kept(file: string): object {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** Replaces a file in one step, so that a start that is killed leaves the old one. */
async function replace(file: string, content: object): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(content, null, 2));
  await rename(`${file}.new`, file);
}

const dates = (...names: string[]) => Object.fromEntries(names.map((name) => [name, new Date().toISOString()]));

const client = (clientId: string, poolId: string, { WebClient }: DeclaredPool) => ({
  ...WebClient.Properties,
  ClientId: clientId,
  UserPoolId: poolId,
  ...dates('CreationDate', 'LastModifiedDate'),
});

/** The properties of the pool, but for those that only AWS can use. cognito-local has no usable second factor. */
function options(poolId: string, { CognitoUserPoolPeople }: DeclaredPool) {
  const { LambdaConfig, EmailConfiguration, Schema, EnabledMfas, ...properties } = CognitoUserPoolPeople.Properties;
  return { ...properties, Id: poolId, Name: poolId, MfaConfiguration: 'OFF' };
}

const seeded = () => Object.fromEntries(seedUsers.map((each) => [each.cognito_user_id, user(each)]));

const user = ({ cognito_user_id, email, handle, display_name }: SeedUser) => ({
  Username: cognito_user_id,
  Password: seedPassword,
  Enabled: true,
  UserStatus: 'CONFIRMED',
  Attributes: [
    { Name: 'sub', Value: cognito_user_id },
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'preferred_username', Value: handle },
    { Name: 'name', Value: display_name },
  ],
  RefreshTokens: [],
  ...dates('UserCreateDate', 'UserLastModifiedDate'),
});
