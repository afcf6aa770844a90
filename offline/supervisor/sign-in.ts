import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type SeedUser, seedPassword, seedUsers } from '../../seeds/users.ts';
import { type LocalSettings, localCredentials } from '../settings.ts';

/** The code that stands in for every code that Cognito would send by e-mail: this machine sends no e-mail. */
export const confirmationCode = '246810';

/**
 * Starts cognito-local with one pool, one client and the seeded users. It calls the sign-up triggers as Cognito does, through the address
 * where serverless-offline invokes functions. With `DYNAMODB_PATH` the pool is kept on disk beside the database; a pool that was kept stays
 * as it is, since users may have signed up in it.
 * @returns its process, which does not listen yet: see {@link signInListens}
 */
export async function startSignIn(
  { stateFolder, signIn, triggers, region, ports }: LocalSettings,
  output: number | 'inherit',
): Promise<ChildProcess> {
  const { origin, pathname } = new URL(signIn.issuer);
  const poolId = pathname.slice(1);
  // cognito-local looks for a folder of this name in its working directory.
  const folder = join(stateFolder, '.cognito');
  await mkdir(join(folder, 'db'), { recursive: true });
  const config = {
    TokenConfig: { IssuerDomain: origin },
    TriggerFunctions: triggers,
    LambdaClient: { credentials: localCredentials, endpoint: `http://localhost:${ports.lambda}`, region },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeIfMissing(join(folder, 'db', 'clients.json'), {
    Clients: { [signIn.clientId]: client(signIn.clientId, poolId) },
  });
  await writeIfMissing(join(folder, 'db', `${poolId}.json`), pool(poolId));

  const program = createRequire(import.meta.url).resolve('cognito-local/lib/bin/start.js');
  return spawn(process.execPath, [program], {
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

async function writeIfMissing(file: string, content: object): Promise<void> {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Write it: there is no file yet, or its last write was cut short when the process was killed.
    await writeFile(file, JSON.stringify(content, null, 2));
  }
}

const dates = (...names: string[]) => Object.fromEntries(names.map((name) => [name, new Date().toISOString()]));

// The app client. Its tokens live as long as resources/sign-in.yml says. Only on this machine may users sign in by
// sending their password: cognito-local does not support SRP.
const client = (clientId: string, poolId: string) => ({
  ClientId: clientId,
  ClientName: 'web',
  UserPoolId: poolId,
  ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  AccessTokenValidity: 1,
  IdTokenValidity: 1,
  RefreshTokenValidity: 30,
  TokenValidityUnits: { AccessToken: 'hours', IdToken: 'hours', RefreshToken: 'days' },
  ...dates('CreationDate', 'LastModifiedDate'),
});

const pool = (poolId: string) => ({
  Users: Object.fromEntries(seedUsers.map((seeded) => [seeded.cognito_user_id, user(seeded)])),
  Options: {
    Id: poolId,
    Name: poolId,
    UsernameAttributes: ['email'],
    AutoVerifiedAttributes: ['email'],
    MfaConfiguration: 'OFF',
  },
});

const user = ({ cognito_user_id, email, handle }: SeedUser) => ({
  Username: cognito_user_id,
  Password: seedPassword,
  Enabled: true,
  UserStatus: 'CONFIRMED',
  Attributes: [
    { Name: 'sub', Value: cognito_user_id },
    { Name: 'email', Value: email },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'preferred_username', Value: handle },
  ],
  RefreshTokens: [],
  ...dates('UserCreateDate', 'UserLastModifiedDate'),
});
