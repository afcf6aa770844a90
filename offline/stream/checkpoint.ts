import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The sequence number of the last finished record, by stream ARN, function name and shard id. */
type Positions = Record<string, Record<string, Record<string, string>>>;

/**
 * How far each function has come in each shard, kept in a file for as long as the database exists. Each step is
 * written immediately, to a temporary file that is then renamed, so that the file is never incomplete: after a stack
 * is killed, only records that were not finished are delivered again.
 */
export class Checkpoint {
  readonly #file: string | undefined;
  readonly #positions: Positions;

  /** @param file where the positions are kept; undefined keeps them in memory alone. A file that is not JSON is ignored and overwritten */
  constructor(file?: string) {
    this.#file = file;
    this.#positions = file === undefined ? {} : read(file);
  }

  /** The function's position in each shard of the stream. A shard of which it has finished no record has no position. */
  of(streamArn: string, name: string): Readonly<Record<string, string>> {
    return this.#positions[streamArn]?.[name] ?? {};
  }

  /** @throws errors of the file system; the position is then kept in memory alone */
  advance(streamArn: string, name: string, shardId: string, sequenceNumber: string): void {
    // Another stream ARN means that the table was created again: positions in the old stream have no meaning any
    // more.
    for (const other of Object.keys(this.#positions)) if (other !== streamArn) delete this.#positions[other];
    const functions = this.#positions[streamArn] ?? {};
    this.#positions[streamArn] = { ...functions, [name]: { ...functions[name], [shardId]: sequenceNumber } };
    this.#save();
  }

  /** Forgets shards that the stream no longer has: DynamoDB drops them after a day. */
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
    // There is no file yet, or it cannot be read: reading from the start delivers records again but loses none.
    return {};
  }
}

/** The position of one record in a shard. */
export interface Mark {
  readonly sequenceNumber: string;
  finished: boolean;
}

/** The records read from one shard, in order, and which of them are finished. The checkpoint may advance up to the first that is not. */
export class Progress {
  readonly #marks: Mark[] = [];

  /** The number of records between the checkpoint and the last one that was read. */
  get length(): number {
    return this.#marks.length;
  }

  /** Adds the next record of the shard. */
  add(sequenceNumber: string, finished: boolean): Mark {
    const mark = { sequenceNumber, finished };
    this.#marks.push(mark);
    return mark;
  }

  /**
   * @returns the sequence number up to which all records are finished; undefined if it has not advanced since the last call
   */
  settle(): string | undefined {
    const unfinished = this.#marks.findIndex((mark) => !mark.finished);
    const settled = this.#marks.splice(0, unfinished === -1 ? this.#marks.length : unfinished);
    return settled.at(-1)?.sequenceNumber;
  }
}
