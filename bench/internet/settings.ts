import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
// CloudFormation's tags (`!GetAtt`) are of no interest here.
const yaml = (file: string) => parse(readFileSync(join(root, file), 'utf8'), { logLevel: 'silent' });

/** How much API Gateway lets through, of all callers together: requests per second, and how many at once. */
export interface RateLimit {
  rate: number;
  burst: number;
}

/** What this service sets itself and what the model depends on, read from the files that are deployed. */
export interface Settings {
  /** The routes of the HTTP API, as `GET /api/me`. */
  routes: { route: string; needsToken: boolean }[];
  /** @returns the limit of a route of the HTTP API: its own, or that of all routes without one */
  limitOf: (route: string) => RateLimit;
  /** The limit of each route of the WebSocket API. */
  socketLimit: RateLimit;
  /** Of the functions, in GB. */
  memory: number;
  /** For how long an access token is valid, and with it a connection, in hours. */
  accessToken: number;
  /** Of the projector's event source. */
  stream: { batchSize: number; batchWindow: number; parallelization: number; maximumAge: number };
}

interface Throttling {
  ThrottlingRateLimit: number;
  ThrottlingBurstLimit: number;
}
interface Function {
  events: { httpApi?: { method: string; path: string; authorizer?: object } }[];
}

export function readSettings(): Settings {
  const { provider, functions } = yaml('serverless.yml');
  const { stream } = functions.projectInbox.events[0];
  const { DefaultRouteSettings, RouteSettings } = yaml('resources/throttling.yml').extensions.HttpApiStage.Properties;
  const sockets = yaml('resources/realtime.yml').extensions.WebsocketsDeploymentStage.Properties;
  const { AccessTokenValidity } = yaml('resources/sign-in.yml').Resources.WebClient.Properties;
  return {
    routes: Object.values<Function>(functions).flatMap(({ events }) =>
      events.flatMap(({ httpApi }) =>
        httpApi ? [{ route: `${httpApi.method} ${httpApi.path}`, needsToken: httpApi.authorizer !== undefined }] : [],
      ),
    ),
    limitOf: (route) => rateLimit(RouteSettings[route] ?? DefaultRouteSettings),
    socketLimit: rateLimit(sockets.DefaultRouteSettings),
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

const rateLimit = ({ ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst }: Throttling): RateLimit => ({
  rate,
  burst,
});
