import type { DynamoDBRecord } from 'aws-lambda';
import type { Mark } from './checkpoint.ts';
import { type Deliverable, type DeliveryTools, deliver } from './deliver.ts';
import type { EventSource } from './event-sources.ts';
import type { Position } from './failures.ts';

/** A record on its way to the function. */
export interface ReadRecord extends Deliverable, Position {
  event: DynamoDBRecord;
  /** Its size in the invocation, in bytes of JSON. */
  bytes: number;
  mark: Mark;
}

export interface LaneTools extends DeliveryTools<ReadRecord> {
  signal: AbortSignal;
  /** Told of an error that is none of the function's, a failure file that cannot be written for one. */
  onTrouble(error: unknown): void;
}

// "The payload size reaches 6 MB", less a little for what stands around the records:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
const maximumPayloadBytes = 6 * 1024 * 1024 - 10_000;
const troublePauseMs = 1_000;

/**
 * Delivers records one batch at a time, in the order in which they came. A shard has as many lanes as its
 * parallelization factor, and all records of one partition key go through the same, so that a batch that fails again
 * and again holds up no other lane.
 */
export class Lane {
  readonly #waiting: ReadRecord[] = [];
  readonly #source: EventSource;
  readonly #tools: LaneTools;
  #draining = false;
  #onArrival = () => {};

  /** Fulfilled when nothing waits any more, or the poller has stopped; never rejected. */
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
        // What was finished is no longer waiting; the rest is tried again, for nothing else would deliver it.
        if (!signal.aborted) onTrouble(error);
        await wait(troublePauseMs).catch(() => {});
      }
    }
    this.#draining = false;
  }

  /** Waits until the batch is full or the batch window, which opens with the first record that waits, has passed. */
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
