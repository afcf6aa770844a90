import { isAbsolute, join, resolve } from 'node:path';
import { parsePort } from './ports.ts';

/** What the local stack reads of a Serverless instance. */
export interface ServerlessLike {
  instanceId: string;
  serviceDir: string;
  service: {
    service: string;
    provider: { stage: string; region: string };
    functions: Record<string, { handler: string; name?: string; events?: Record<string, unknown>[]; timeout?: number }>;
    custom: {
      tableName: string;
      ports: Record<'http' | 'websocket' | 'lambda' | 'dynamodb' | 'cognito', string | number>;
      signIn: { issuer: string; clientId: string };
      [section: string]: unknown;
    };
  };
}

/** Where one running local stack listens and keeps its files. */
export interface LocalSettings {
  tableName: string;
  region: string;
  /** NaN for what is not a port; the preflight refuses it. */
  ports: {
    http: number;
    websocket: number;
    lambda: number;
    dynamodb: number;
    cognito: number;
  };
  signIn: { issuer: string; clientId: string };
  /** The function that cognito-local calls for each Cognito trigger, by the trigger's name, such as `PreSignUp`. */
  triggers: Record<string, string>;
  /**
   * The folder of this process, which holds the bundles, the log, the seeds and the sign-in database of an in-memory
   * stack. Removed when the stack stops.
   */
  workFolder: string;
  /** The folder of what must survive a restart: `DYNAMODB_PATH` if it is set, otherwise the work folder. */
  stateFolder: string;
  /** Whether the database is on disk (`DYNAMODB_PATH`). */
  onDisk: boolean;
}

/** Credentials for DynamoDB Local and cognito-local, which accept any credentials. They are not secret. */
export const localCredentials = {
  accessKeyId: 'local',
  secretAccessKey: 'local',
};

/**
 * Reads the settings of the local stack. The ports are in `serverless.yml`, which takes them from the environment;
 * the folders depend on this process.
 */
export function localSettings(serverless: ServerlessLike, env: NodeJS.ProcessEnv = process.env): LocalSettings {
  const { custom, functions, provider } = serverless.service;
  const workFolder = join(serverless.serviceDir, '.offline', serverless.instanceId);
  const path = env.DYNAMODB_PATH;
  const onDisk = path !== undefined && path !== '';
  return {
    tableName: custom.tableName,
    region: provider.region,
    ports: {
      http: parsePort(custom.ports.http),
      websocket: parsePort(custom.ports.websocket),
      lambda: parsePort(custom.ports.lambda),
      dynamodb: parsePort(custom.ports.dynamodb),
      cognito: parsePort(custom.ports.cognito),
    },
    signIn: custom.signIn,
    triggers: triggersOf(functions),
    workFolder,
    stateFolder: onDisk ? (isAbsolute(path) ? path : resolve(serverless.serviceDir, path)) : workFolder,
    onDisk,
  };
}

function triggersOf(functions: ServerlessLike['service']['functions']): Record<string, string> {
  const called = Object.values(functions).flatMap(({ name, events = [] }) =>
    events.flatMap(({ cognitoUserPool }) => {
      const { trigger } = (cognitoUserPool ?? {}) as { trigger?: string };
      return trigger && name ? [[trigger, name]] : [];
    }),
  );
  return Object.fromEntries(called);
}
