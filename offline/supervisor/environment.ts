import { devNull } from 'node:os';
import { type LocalSettings, localCredentials } from '../settings.ts';

/**
 * The changes to the environment that make the functions use DynamoDB Local and cognito-local instead of AWS; a
 * variable that is undefined is to be removed. For a stage that exists in AWS there are no changes, since the SDK
 * must find AWS by itself. Every `AWS_*` variable that is not set here is removed: serverless-offline passes them all
 * on to the functions, which would otherwise get the developer's profile, session token or endpoint. The shared
 * configuration files are switched off for the same reason.
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
    DDB_LOCAL_TELEMETRY: '0', // otherwise DynamoDB Local sends usage data, which delays its start by a second
    // These two are read by offline/token-check.cjs, which serverless-offline loads without passing settings. The
    // functions do not get them.
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
