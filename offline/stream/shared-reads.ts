import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';

/** A place in a shard. */
export type Position = 'TRIM_HORIZON' | 'LATEST' | { after: string };

/** What to read next. */
export interface Next {
  streamArn: string;
  shardId: string;
  position: Position;
  /** Of the answer before, if it is still good. */
  iterator?: string | undefined;
  /** How long to wait before the read, in milliseconds. */
  pauseMs: number;
}

export interface Answer {
  records: StreamRecord[];
  /** Undefined at the end of a closed shard. */
  iterator: string | undefined;
}

/** Rejects once the signal is aborted. */
type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

interface Read {
  answer: Promise<Answer>;
  ending: AbortController;
  waiting: number;
}

/**
 * Reads shards for all consumers of a stream. Consumers that wait at the same place share one read: without that, an idle stack would
 * spend most of its CPU time on two consumers that ask the same twenty times a second. Each consumer goes on by itself, so a slow one
 * reads its own, later pages.
 */
export class SharedReads {
  readonly #reads = new Map<string, Read>();
  readonly #client: DynamoDBStreamsClient;
  readonly #wait: Wait;

  constructor(client: DynamoDBStreamsClient, wait: Wait) {
    this.#client = client;
    this.#wait = wait;
  }

  /**
   * Reads at most 1,000 records.
   * @throws the reason of `signal` once it is aborted, and errors of GetShardIterator and GetRecords
   */
  async read(next: Next, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const read = this.#join(next);
    read.waiting += 1;
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([read.answer, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      read.waiting -= 1;
      if (read.waiting === 0) read.ending.abort();
    }
  }

  #join(next: Next): Read {
    const { streamArn, shardId, position } = next;
    if (position === 'LATEST') return this.#start(next); // the place that it means depends on the time
    const key = JSON.stringify([streamArn, shardId, position]);
    const known = this.#reads.get(key);
    if (known && !known.ending.signal.aborted) return known;
    const read = this.#start(next);
    this.#reads.set(key, read);
    const forget = () => this.#reads.get(key) === read && this.#reads.delete(key);
    read.answer.then(forget, forget);
    return read;
  }

  #start(next: Next): Read {
    const ending = new AbortController();
    const answer = this.#answer(next, ending.signal);
    answer.catch(() => {}); // nobody waits for a read that was ended
    return { answer, ending, waiting: 0 };
  }

  async #answer({ streamArn, shardId, position, iterator, pauseMs }: Next, signal: AbortSignal): Promise<Answer> {
    if (pauseMs > 0) await this.#wait(pauseMs, signal);
    const options = { abortSignal: signal };
    let from = iterator;
    if (from === undefined) {
      const type = typeof position === 'string' ? position : 'AFTER_SEQUENCE_NUMBER';
      const SequenceNumber = typeof position === 'string' ? undefined : position.after;
      const input = { StreamArn: streamArn, ShardId: shardId, ShardIteratorType: type, SequenceNumber } as const;
      from = (await this.#client.send(new GetShardIteratorCommand(input), options)).ShardIterator;
    }
    const page = await this.#client.send(new GetRecordsCommand({ ShardIterator: from, Limit: 1000 }), options);
    return { records: page.Records ?? [], iterator: page.NextShardIterator };
  }
}
