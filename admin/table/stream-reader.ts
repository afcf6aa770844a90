import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  type DynamoDBStreamsClientConfig,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';

/** The position of consecutive records in a stream, given by their first and last sequence number. */
export interface StreamRange {
  streamArn: string;
  shardId: string;
  startSequenceNumber: string;
  endSequenceNumber: string;
}

export type Stream = DynamoDBStreamsClient;

/**
 * Creates a client for DynamoDB Streams. The SDK takes region, credentials and a local endpoint from the environment.
 * @param config overrides for tests and commands
 */
export function openStreams(config: DynamoDBStreamsClientConfig = {}): Stream {
  return new DynamoDBStreamsClient({
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    ...config,
  });
}

/** The stream no longer has the records: it keeps them for 24 hours, and a recreated table has a new stream. */
export class RecordsLostError extends Error {
  constructor(cause: string) {
    super(`the stream no longer has these records (${cause})`);
    this.name = 'RecordsLostError';
  }
}

// A shard may return empty pages before its records. After this many of them in a row, the records count as deleted:
// Lambda has already read the shard beyond the range, so it is not that they do not exist yet.
const maxEmptyPages = 100;

/**
 * The records of a range, page by page, in DynamoDB's attribute-value form.
 * @param pageSize the largest number of records on a page; DynamoDB's limit is 1000
 * @throws RecordsLostError when the stream no longer has all of them; other errors of the SDK as they are
 */
export async function* readRange(stream: Stream, range: StreamRange, pageSize = 1_000): AsyncGenerator<unknown[]> {
  const { streamArn: StreamArn, shardId: ShardId, startSequenceNumber: SequenceNumber } = range;
  const end = BigInt(range.endSequenceNumber); // sequence numbers have up to 40 digits and no fixed width, so they are compared as numbers
  const from = { StreamArn, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber } as const;
  let iterator = (await orRecordsLost(stream.send(new GetShardIteratorCommand(from)))).ShardIterator;
  for (let emptyPages = 0; iterator !== undefined && emptyPages < maxEmptyPages; emptyPages++) {
    const page = await orRecordsLost(stream.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: pageSize })));
    const records = page.Records ?? [];
    const wanted = records.filter(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0) <= end);
    if (wanted.length > 0) yield wanted;
    if (BigInt(records.at(-1)?.dynamodb?.SequenceNumber ?? 0) >= end) return;
    if (records.length > 0) emptyPages = 0;
    iterator = page.NextShardIterator;
  }
  throw new RecordsLostError('the shard ends before the last of them');
}

/** @returns `ENABLED`, `ENABLING` … */
export async function streamStatus(stream: Stream, StreamArn: string): Promise<string | undefined> {
  return (await stream.send(new DescribeStreamCommand({ StreamArn, Limit: 1 }))).StreamDescription?.StreamStatus;
}

const lossErrors = ['TrimmedDataAccessException', 'ResourceNotFoundException'];

async function orRecordsLost<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    throw error instanceof Error && lossErrors.includes(error.name) ? new RecordsLostError(error.name) : error;
  }
}
