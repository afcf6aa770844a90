import { devNull } from 'node:os';
import { type LocalSettings, localCredentials } from '../settings.ts';

/**
 * What changes in the environment so that the functions meet DynamoDB Local and cognito-local instead of AWS: the variables
 * to set, and as undefined those to remove. Nothing at all in a stage that exists in AWS: there the SDK must find AWS by itself.
 *
 * Every foreign `AWS_*` variable goes: a developer's profile, session token or endpoint would reach the functions,
 * since serverless-offline hands all of them on. The shared files go for the same reason.
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
    DDB_LOCAL_TELEMETRY: '0', // DynamoDB Local calls home otherwise, which also costs a second
    // Not for the functions: offline/token-check.cjs is loaded by serverless-offline, which tells it nothing.
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
