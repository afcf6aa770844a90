import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  type DynamoDBStreamsClientConfig,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';

/** Where some neighbouring records of a stream stand: the first and the last of them. */
export interface StreamRange {
  streamArn: string;
  shardId: string;
  startSequenceNumber: string;
  endSequenceNumber: string;
}

export type Stream = DynamoDBStreamsClient;

/**
 * Opens the streams of DynamoDB. Region, credentials and a local endpoint come from the environment, as the SDK reads it.
 * @param config overrides for tests and commands
 */
export function openStreams(config: DynamoDBStreamsClientConfig = {}): Stream {
  return new DynamoDBStreamsClient({
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    ...config,
  });
}

/** The stream no longer has the records: it forgets after 24 hours, and whole when its table is made anew. */
export class RangeIsGone extends Error {
  constructor(cause: string) {
    super(`the stream no longer has these records (${cause})`);
    this.name = 'RangeIsGone';
  }
}

// A shard may answer with empty pages before it comes to its records. Ours was read up to the end of the range once, so this
// many in a row mean that the end is not there any more.
const emptyPagesAtMost = 100;

/**
 * The records of a range, a page at a time, in DynamoDB's attribute-value form.
 * @param pageSize how many are asked for at once; 1000 is the most that DynamoDB gives
 * @throws RangeIsGone when not all of them can be read
 */
export async function* readRange(stream: Stream, range: StreamRange, pageSize = 1_000): AsyncGenerator<unknown[]> {
  const { streamArn: StreamArn, shardId: ShardId, startSequenceNumber: SequenceNumber } = range;
  const end = BigInt(range.endSequenceNumber); // numbers of up to 40 digits, not always of one width
  const from = { StreamArn, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber } as const;
  let iterator = (await orGone(stream.send(new GetShardIteratorCommand(from)))).ShardIterator;
  for (let emptyPages = 0; iterator !== undefined && emptyPages < emptyPagesAtMost; emptyPages++) {
    const page = await orGone(stream.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: pageSize })));
    const records = page.Records ?? [];
    const wanted = records.filter(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0) <= end);
    if (wanted.length > 0) yield wanted;
    if (BigInt(records.at(-1)?.dynamodb?.SequenceNumber ?? 0) >= end) return;
    if (records.length > 0) emptyPages = 0;
    iterator = page.NextShardIterator;
  }
  throw new RangeIsGone('the shard ends before');
}

/** @returns `ENABLED`, `ENABLING` … */
export async function streamStatus(stream: Stream, StreamArn: string): Promise<string | undefined> {
  return (await stream.send(new DescribeStreamCommand({ StreamArn, Limit: 1 }))).StreamDescription?.StreamStatus;
}

const gone = ['TrimmedDataAccessException', 'ResourceNotFoundException'];

async function orGone<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof Error && gone.includes(error.name) ? new RangeIsGone(error.name) : error;
  }
}
