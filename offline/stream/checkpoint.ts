import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Shard to the sequence number of its last finished record, by function, by stream ARN. */
type Positions = Record<string, Record<string, Record<string, string>>>;

/**
 * How far each function has come in each shard, remembered in a file for as long as the database is.
 * Every step is written at once (temporary file and rename, so that it is never half there): a stack that is killed
 * repeats only what it had not finished.
 */
export class Checkpoint {
  readonly #file: string | undefined;
  readonly #positions: Positions;

  /** @param file where to remember it; without one only this process does. A file that is no JSON is started anew. */
  constructor(file?: string) {
    this.#file = file;
    this.#positions = file === undefined ? {} : read(file);
  }

  /** The shards of this stream that the function has finished records of, with the last one's sequence number. */
  of(streamArn: string, name: string): Readonly<Record<string, string>> {
    return this.#positions[streamArn]?.[name] ?? {};
  }

  /** @throws what the file system throws; the position is then known to this process all the same */
  advance(streamArn: string, name: string, shardId: string, sequenceNumber: string): void {
    // A new stream means a new table: what was known of the old one is of no use to anybody.
    for (const other of Object.keys(this.#positions)) if (other !== streamArn) delete this.#positions[other];
    const functions = this.#positions[streamArn] ?? {};
    this.#positions[streamArn] = { ...functions, [name]: { ...functions[name], [shardId]: sequenceNumber } };
    this.#save();
  }

  /** Forgets shards that the stream no longer has (DynamoDB drops them after a day). */
  keepOnly(streamArn: string, name: string, shardIds: ReadonlySet<string>): void {
    const shards = this.#positions[streamArn]?.[name] ?? {};
    for (const shardId of Object.keys(shards)) if (!shardIds.has(shardId)) delete shards[shardId];
  }

  #save(): void {
    if (this.#file === undefined) return;
    const temporary = `${this.#file}.${process.pid}.tmp`;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(temporary, JSON.stringify(this.#positions, null, 2));
    renameSync(temporary, this.#file);
  }
}

function read(file: string): Positions {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Positions;
  } catch {
    return {}; // none yet, or not ours: the stream is read from its starting position, which delivers again but loses nothing
  }
}

/** One record's place in a shard. */
export interface Mark {
  readonly sequenceNumber: string;
  finished: boolean;
}

/** The records read of one shard, in its order, of which some are finished: tells how far the checkpoint may go. */
export class Progress {
  readonly #marks: Mark[] = [];

  /** How many records lie between the checkpoint and the last one read. */
  get length(): number {
    return this.#marks.length;
  }

  /** Takes note of the next record of the shard. */
  add(sequenceNumber: string, finished: boolean): Mark {
    const mark = { sequenceNumber, finished };
    this.#marks.push(mark);
    return mark;
  }

  /** The last record before which all are finished, if there is a newer one than last time. */
  settle(): string | undefined {
    const unfinished = this.#marks.findIndex((mark) => !mark.finished);
    const settled = this.#marks.splice(0, unfinished === -1 ? this.#marks.length : unfinished);
    return settled.at(-1)?.sequenceNumber;
  }
}
