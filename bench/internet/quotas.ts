import type { Fact } from './facts.ts';

// Default quotas of an AWS account in us-east-1. A new account may start with less. Read on 2026-11-27.

/** A quota, and whether AWS raises it on request. */
export interface Quota extends Fact {
  isAdjustable: boolean;
}

const guide = 'https://docs.aws.amazon.com';
const dynamodbQuotas = `${guide}/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html`;
const warmThroughput = `${guide}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html`;
const streams = `${guide}/amazondynamodb/latest/developerguide/Streams.html`;
const cognitoQuotas = `${guide}/cognito/latest/developerguide/quotas.html`;
const gatewayQuotas = `${guide}/apigateway/latest/developerguide/limits.html`;
const socketQuotas = `${guide}/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html`;
const functionScaling = `${guide}/lambda/latest/dg/scaling-behavior.html`;
const functionConcurrency = `${guide}/lambda/latest/dg/lambda-concurrency.html`;
const readOn = '2026-11-27';

const quota = (
  what: string,
  value: number,
  unit: string,
  source: string,
  isAdjustable: boolean,
  evidence: Fact['evidence'] = 'page',
): Quota => ({ what, value, unit, source, isAdjustable, evidence, asOf: readOn });

export const partitionWrites = quota('one partition, writes', 1_000, 'write units/s', warmThroughput, false);
export const partitionReads = quota('one partition, reads', 3_000, 'read units/s', warmThroughput, false);
export const partitionSize = quota(
  'one partition, size',
  10,
  'GB',
  `${guide}/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html`,
  false,
  'quoted',
);
export const tableWrites = quota('a table on demand, writes', 40_000, 'write units/s', dynamodbQuotas, true);
export const tableReads = quota('a table on demand, reads', 40_000, 'read units/s', dynamodbQuotas, true);
export const newTableWrites = quota('a new table on demand, writes', 4_000, 'write units/s', warmThroughput, true);
export const newTableReads = quota('a new table on demand, reads', 12_000, 'read units/s', warmThroughput, true);
export const growth = quota('growth of a table on demand in 30 minutes', 2, '× its last peak', warmThroughput, false);
export const shardReaders = quota('consumers of a stream shard', 2, 'readers', streams, false);
export const parallelization = quota(
  'concurrent batches of a shard',
  10,
  'batches',
  `${guide}/lambda/latest/dg/services-ddb-params.html`,
  false,
);
export const shardPolls = quota(
  'polls of a shard by Lambda',
  4,
  'polls/s',
  `${guide}/lambda/latest/dg/with-ddb.html`,
  false,
);

export const concurrency = quota('Lambda, concurrent runs', 1_000, 'runs', functionConcurrency, true);
export const runsPerConcurrency = quota(
  'Lambda, runs',
  10,
  'runs/s per concurrent run',
  functionConcurrency,
  false,
  'quoted',
);
export const scaling = quota('Lambda, new environments of a function', 100, 'environments/s', functionScaling, false);

export const scalingBurst = quota('Lambda, new environments at once', 1_000, 'environments', functionScaling, false);

export const gatewayRequests = quota(
  'API Gateway: HTTP, WebSocket and messages to connections together',
  10_000,
  'requests/s',
  gatewayQuotas,
  true,
);
export const gatewayBurst = quota('API Gateway, burst', 5_000, 'requests', gatewayQuotas, false, 'quoted');
export const newConnections = quota('WebSocket, new connections', 500, 'connections/s', socketQuotas, true);
export const connectionHours = quota('WebSocket, duration of a connection', 2, 'hours', socketQuotas, false);

export const signIns = quota('Cognito, signing in and renewing', 120, 'requests/s', cognitoQuotas, true);
export const signUps = quota('Cognito, signing up and confirming', 50, 'requests/s', cognitoQuotas, true);
export const poolUsers = quota('Cognito, users of a pool', 40e6, 'users', cognitoQuotas, true);
export const emails = quota("Cognito's own sender, e-mails", 50, 'e-mails/day', cognitoQuotas, false);

export const sesEmails = quota(
  'SES out of the sandbox, e-mails: AWS grants each account its own',
  50_000,
  'e-mails/day',
  `${guide}/ses/latest/dg/quotas.html`,
  true,
  'assumed',
);

export const quotas: Quota[] = [
  partitionWrites,
  partitionReads,
  partitionSize,
  tableWrites,
  tableReads,
  newTableWrites,
  newTableReads,
  growth,
  shardReaders,
  parallelization,
  shardPolls,
  concurrency,
  runsPerConcurrency,
  scaling,
  scalingBurst,
  gatewayRequests,
  gatewayBurst,
  newConnections,
  connectionHours,
  signIns,
  signUps,
  poolUsers,
  emails,
  sesEmails,
];
