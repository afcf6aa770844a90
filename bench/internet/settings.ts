import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
// CloudFormation's tags (`!GetAtt`) are of no interest here.
const yaml = (file: string) => parse(readFileSync(join(root, file), 'utf8'), { logLevel: 'silent' });

/** What this service sets itself and what the model depends on, read from the files that are deployed. */
export interface Settings {
  /** Requests per second that API Gateway accepts, by route; `default` for each of the other routes. */
  routeLimits: Record<string, { rate: number; burst: number }>;
  /** Of the functions, in GB. */
  memory: number;
  /** For how long an access token is valid, and with it a connection, in hours. */
  accessToken: number;
  /** Of the projector's event source. */
  stream: { batchSize: number; batchWindow: number; parallelization: number; maximumAge: number };
}

interface Limit {
  ThrottlingRateLimit: number;
  ThrottlingBurstLimit: number;
}

export function readSettings(): Settings {
  const { provider, functions } = yaml('serverless.yml');
  const { stream } = functions.projectInbox.events[0];
  const { DefaultRouteSettings, RouteSettings } = yaml('resources/throttling.yml').extensions.HttpApiStage.Properties;
  const { AccessTokenValidity } = yaml('resources/sign-in.yml').Resources.WebClient.Properties;
  const limits: Record<string, Limit> = { default: DefaultRouteSettings, ...RouteSettings };
  return {
    routeLimits: Object.fromEntries(
      Object.entries(limits).map(([route, { ThrottlingRateLimit, ThrottlingBurstLimit }]) => [
        route,
        { rate: ThrottlingRateLimit, burst: ThrottlingBurstLimit },
      ]),
    ),
    memory: provider.memorySize / 1024,
    accessToken: AccessTokenValidity,
    stream: {
      batchSize: stream.batchSize,
      batchWindow: stream.batchWindow,
      parallelization: stream.parallelizationFactor,
      maximumAge: stream.maximumRecordAgeInSeconds,
    },
  };
}
