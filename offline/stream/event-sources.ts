import type { DynamoDBRecord } from 'aws-lambda';
import type { DeliveryRules } from './deliver.ts';
import { compileFilters } from './filter-patterns.ts';

/** A function that receives the table's stream, with the settings of its event source mapping. */
export interface EventSource extends DeliveryRules {
  /** The name of the function in `serverless.yml`, and its deployed name. */
  name: string;
  functionName: string;
  batchSize: number;
  /** How long to wait for a batch to fill. */
  batchWindowMs: number;
  startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /**
   * How many batches of one shard may be delivered at the same time. No two of them have records of the same
   * partition key.
   */
  parallelizationFactor: number;
  wants(record: DynamoDBRecord): boolean;
  hasFailureDestination: boolean;
}

/** The part of a function in `serverless.service.functions` that is read here. */
export interface FunctionLike {
  name?: string;
  events?: Record<string, unknown>[];
}

const streamRetentionSeconds = 24 * 60 * 60; // AWS: -1 means until the record expires, and DynamoDB keeps stream records for a day
const unlimited = -1; // the value that AWS uses

/**
 * Collects the enabled `stream` events of a service; settings that are left out get the same defaults as in the
 * deployment.
 * @throws Error naming the function and the setting when the local poller does not emulate that setting
 */
export function eventSources(functions: Record<string, FunctionLike>): EventSource[] {
  return Object.entries(functions).flatMap(([name, { name: functionName = name, events = [] }]) =>
    events
      .filter((event) => event.stream !== undefined)
      .map((event) => (typeof event.stream === 'object' ? event.stream : { arn: event.stream }) as StreamSettings)
      .filter((stream) => stream.enabled !== false)
      .map((stream) => {
        try {
          return eventSource(name, functionName, stream);
        } catch (error) {
          throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
        }
      }),
  );
}

interface StreamSettings {
  type?: string;
  arn: unknown; // ignored: there is one table
  enabled?: boolean;
  batchSize?: number;
  batchWindow?: number;
  startingPosition?: string;
  parallelizationFactor?: number;
  filterPatterns?: unknown;
  functionResponseType?: string;
  bisectBatchOnFunctionError?: boolean;
  maximumRetryAttempts?: number;
  maximumRecordAgeInSeconds?: number;
  destinations?: { onFailure?: unknown };
}

function eventSource(name: string, functionName: string, stream: StreamSettings): EventSource {
  const {
    type = 'dynamodb',
    arn: _arn,
    enabled: _enabled,
    batchSize = 10, // the default of osls; that of AWS is 100
    batchWindow = 0,
    startingPosition = 'TRIM_HORIZON',
    parallelizationFactor = 1,
    filterPatterns,
    functionResponseType,
    bisectBatchOnFunctionError: bisects = false,
    maximumRetryAttempts = unlimited,
    maximumRecordAgeInSeconds = unlimited,
    destinations,
    ...others
  } = stream;
  // Refuse a setting that is not emulated: ignoring it would make the local stack behave differently from the
  // deployed one.
  const [other] = Object.keys(others);
  if (other) throw new Error(`stream setting ${other} is not emulated locally`);
  if (type !== 'dynamodb') throw new Error(`a stream of type ${type} is not emulated locally`);
  if (startingPosition !== 'TRIM_HORIZON' && startingPosition !== 'LATEST') {
    throw new Error(`startingPosition ${startingPosition} is not supported by DynamoDB streams`);
  }
  return {
    name,
    functionName,
    batchSize,
    batchWindowMs: batchWindow * 1000,
    startingPosition,
    parallelizationFactor,
    wants: compileFilters(filterPatterns),
    reportsItemFailures: functionResponseType === 'ReportBatchItemFailures',
    bisects,
    maximumRetries: maximumRetryAttempts === unlimited ? Number.POSITIVE_INFINITY : maximumRetryAttempts,
    maximumAgeMs: 1000 * (maximumRecordAgeInSeconds === unlimited ? streamRetentionSeconds : maximumRecordAgeInSeconds),
    hasFailureDestination: destinations?.onFailure !== undefined,
  };
}
