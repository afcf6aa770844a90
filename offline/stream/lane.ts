import type { DynamoDBRecord } from 'aws-lambda';
import type { Mark } from './checkpoint.ts';
import { type Deliverable, type DeliveryTools, deliver } from './deliver.ts';
import type { EventSource } from './event-sources.ts';
import type { Position } from './failures.ts';

/** A record that waits for its delivery. */
export interface ReadRecord extends Deliverable, Position {
  event: DynamoDBRecord;
  /** Its size in the payload of the invocation, as JSON. */
  bytes: number;
  mark: Mark;
}

export interface LaneTools extends DeliveryTools<ReadRecord> {
  signal: AbortSignal;
  /** Called with an error that the function did not cause, for example a failure file that cannot be written. */
  onTrouble(error: unknown): void;
}

// Lambda invokes a function when "the payload size reaches 6 MB"; the margin is for the JSON around the records.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
const maximumPayloadBytes = 6 * 1024 * 1024 - 10_000;
const troublePauseMs = 1_000;

/**
 * Delivers records one batch at a time, in the order of their arrival. A shard has as many lanes as its parallelization factor. All
 * records of one partition key go through the same lane, so a batch that keeps failing blocks no other lane.
 */
export class Lane {
  readonly #waiting: ReadRecord[] = [];
  readonly #source: EventSource;
  readonly #tools: LaneTools;
  #draining = false;
  #onArrival = () => {};

  /** Resolves when no record waits or the poller has stopped. Never rejects. */
  idle: Promise<void> = Promise.resolve();

  constructor(source: EventSource, tools: LaneTools) {
    this.#source = source;
    this.#tools = {
      ...tools,
      finished: (records) => {
        this.#waiting.splice(0, records.length);
        tools.finished(records);
      },
    };
  }

  push(records: ReadRecord[]): void {
    this.#waiting.push(...records);
    this.#onArrival();
    if (this.#draining || this.#waiting.length === 0) return;
    this.#draining = true;
    this.idle = this.#drain();
  }

  async #drain(): Promise<void> {
    const { signal, wait, onTrouble } = this.#tools;
    while (this.#waiting.length > 0 && !signal.aborted) {
      try {
        await this.#gather();
        await deliver(this.#nextBatch(), this.#source, this.#tools);
      } catch (error) {
        // Only the records that were not delivered are still in the lane. They are delivered again after a pause.
        if (!signal.aborted) onTrouble(error);
        await wait(troublePauseMs).catch(() => {});
      }
    }
    this.#draining = false;
  }

  /** Waits until the batch is full or the batch window has passed. The window opens when the first record arrives. */
  async #gather(): Promise<void> {
    if (this.#source.batchWindowMs === 0) return;
    const full = new Promise<void>((resolve) => {
      this.#onArrival = () => this.#isFull() && resolve();
      this.#onArrival();
    });
    await Promise.race([full, this.#tools.wait(this.#source.batchWindowMs)]);
  }

  #isFull(): boolean {
    const { length } = this.#nextBatch();
    return length === this.#source.batchSize || length < this.#waiting.length;
  }

  #nextBatch(): ReadRecord[] {
    let bytes = 0;
    const candidates = this.#waiting.slice(0, this.#source.batchSize);
    const tooMany = candidates.findIndex((record, index) => {
      bytes += record.bytes;
      return index > 0 && bytes > maximumPayloadBytes;
    });
    return tooMany === -1 ? candidates : candidates.slice(0, tooMany);
  }
}
