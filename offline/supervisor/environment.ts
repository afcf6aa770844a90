import { devNull } from 'node:os';
import { type LocalSettings, localCredentials } from '../settings.ts';

/**
 * The changes to the environment that make the functions use DynamoDB Local and cognito-local instead of AWS: variables to set, and
 * as undefined those to remove. In a stage that exists in AWS there are none, since the SDK must find AWS by itself.
 *
 * Every other `AWS_*` variable is removed: serverless-offline hands all of them on, so a developer's profile, session token or
 * endpoint would reach the functions. The shared configuration files are switched off for the same reason.
 */
export function localEnvironment(
  stage: string,
  { region, ports, signIn }: Pick<LocalSettings, 'region' | 'ports' | 'signIn'>,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string | undefined> {
  if (stage !== 'local') return {};
  const foreign = Object.keys(env).filter((name) => name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
    AWS_REGION: region,
    AWS_ENDPOINT_URL_DYNAMODB: `http://localhost:${ports.dynamodb}`,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: `http://localhost:${ports.cognito}`,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    DDB_LOCAL_TELEMETRY: '0', // DynamoDB Local sends usage data otherwise, which also delays its start by a second
    // For offline/token-check.cjs: serverless-offline loads it and passes it no settings. Functions do not get these two.
    SIGN_IN_ISSUER: signIn.issuer,
    SIGN_IN_CLIENT_ID: signIn.clientId,
  };
}

/** Puts the changes into effect. */
export function applyEnvironment(changes: Record<string, string | undefined>, env: NodeJS.ProcessEnv = process.env) {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
}
