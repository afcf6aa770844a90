import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Discarded } from './deliver.ts';

/** Where discarded records come from. */
export interface Origin {
  functionName: string;
  region: string;
  streamArn: string;
  shardId: string;
}

/** A discarded record: its position in the shard and the time of its write in epoch seconds. Never its content. */
export interface Position {
  sequenceNumber: string;
  createdAt: number;
}

/**
 * The message that AWS sends to the failure destination of a stream: the position of the discarded records, not their
 * content. Its format is that of the example in
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html. `responseContext` is missing if the
 * function was never called; `functionError` is missing if the function returned normally but reported item failures.
 * @param now in epoch milliseconds
 */
export function failureMessage({ records, condition, ...calls }: Discarded<Position>, origin: Origin, now: number) {
  const [first, last] = [records[0], records.at(-1)];
  if (!first || !last) throw new Error('no records were discarded');
  const { invokeCount, functionError } = calls;
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: `arn:aws:lambda:${origin.region}:000000000000:function:${origin.functionName}`,
      condition,
      approximateInvokeCount: invokeCount,
    },
    ...(invokeCount > 0 && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...(functionError !== undefined && { functionError }),
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: origin.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: toIsoSeconds(first.createdAt),
      approximateArrivalOfLastRecord: toIsoSeconds(last.createdAt),
      batchSize: records.length,
      streamArn: origin.streamArn,
    },
  };
}

/** Appends a message to `<stateFolder>/failures/<name>.jsonl`, the local failure destination: one JSON object per line. */
export function appendFailure(stateFolder: string, name: string, message: object): void {
  const folder = join(stateFolder, 'failures');
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, `${name}.jsonl`), `${JSON.stringify(message)}\n`);
}

function toIsoSeconds(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
