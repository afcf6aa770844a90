import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Uuid } from '../../core/model/id.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { conversationOfMessage, type Nudge, nudgeOf } from '../../core/table/stream-record.ts';
import type { Plan } from './plan.ts';
import { isOutage, isRefusal, Process, type World } from './process.ts';
import type { Change } from './table/memory-table.ts';

const mostAttempts = 4; // as maximumRetryAttempts in serverless.yml, and the first one
const pollMillis = 2;

/**
 * Follows the table's stream as Lambda does: in order within a partition, several partitions beside each other, a failed conversation
 * again until its attempts are used up; then it waits on the failure destination for the operator.
 */
export class StreamConsumer {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #counts: Record<string, number>;
  readonly #onViolation: (error: Error) => void;
  readonly #failed: Told[] = [];
  readonly #busy = new Set<string>();
  readonly #waiting: Told[] = [];
  #read = 0;
  #process: Process;

  /** @param onViolation is called with an error that no projection may have */
  constructor(world: World, plan: Plan, counts: Record<string, number>, onViolation: (error: Error) => void) {
    this.#world = world;
    this.#plan = plan;
    this.#counts = counts;
    this.#onViolation = onViolation;
    this.#process = new Process('projector', world, Math.min(plan.retryBudget, 2_000));
  }

  /** @param isOpen whether requests may still write: the stream is polled that long, and until nothing waits */
  follow(isOpen: () => boolean): void {
    const { scheduler, random } = this.#world;
    this.#fetch();
    this.#deliver();
    if (!isOpen() && this.#waiting.length === 0 && this.#busy.size === 0) return;
    scheduler.add(
      () => 'the stream is polled',
      () => this.follow(isOpen),
      pollMillis * (1 + random() * 4),
    );
  }

  /** Delivers what is left, and what is on the failure destination. */
  async finish(): Promise<void> {
    this.#fetch();
    const left = [...this.#failed.splice(0), ...this.#waiting.splice(0)];
    await this.#projectAll(left);
  }

  /** Delivers the whole stream once more. */
  replay(): Promise<void> {
    return this.#projectAll(this.#world.table.changes.flatMap(toTold));
  }

  async #projectAll(messages: Told[]): Promise<void> {
    const process = new Process('projector', this.#world, 6_000);
    for (const message of messages) await project(process, [message]);
  }

  #fetch(): void {
    const { changes } = this.#world.table;
    for (const change of changes.slice(this.#read)) {
      for (const message of toTold(change)) {
        this.#waiting.push(message);
        if (this.#happens(this.#plan.doubles))
          this.#waiting.splice(Math.floor(this.#world.random() * this.#waiting.length), 0, message);
      }
    }
    this.#read = changes.length;
  }

  /** Begins a batch for every conversation of which none is under way. */
  #deliver(): void {
    const { random } = this.#world;
    while (this.#waiting.length > 0) {
      const [{ conversation }] = this.#waiting as [Told];
      if (this.#busy.has(conversation) && random() < 0.9) return; // Lambda invokes beside itself only rarely
      const size = 1 + Math.floor(random() * 3);
      const batch: Told[] = [];
      for (let n = 0; n < this.#waiting.length && batch.length < size; )
        if (this.#waiting[n]?.conversation === conversation) batch.push(...this.#waiting.splice(n, 1));
        else n++;
      this.#begin(conversation, batch, 1);
    }
  }

  #begin(conversation: Uuid, batch: Told[], attempt: number): void {
    if (this.#process.hasEnded)
      this.#process = new Process('projector', this.#world, Math.min(this.#plan.retryBudget, 2_000));
    this.#busy.add(conversation);
    this.#counts.projections = (this.#counts.projections ?? 0) + 1;
    project(this.#process, batch).then(
      () => this.#busy.delete(conversation),
      (error: Error) => {
        if (attempt < mostAttempts)
          this.#world.scheduler.add(
            () => 'a batch is delivered again',
            () => this.#begin(conversation, batch, attempt + 1),
            pollMillis,
          );
        else {
          this.#busy.delete(conversation);
          this.#failed.push(...batch);
          this.#counts['given up'] = (this.#counts['given up'] ?? 0) + 1;
        }
        if (!isOutage(error) && !isRefusal(error) && !/older than a message|has no head/.test(error.message))
          this.#onViolation(error);
      },
    );
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#world.random() < probability;
  }
}

/** What the projector takes from a record of the stream. */
interface Told {
  conversation: Uuid;
  nudge: Nudge;
}

/** One conversation of a batch, as handlers/stream/project-inbox.ts handles it. */
const project = (process: Process, told: Told[]) =>
  process.run((deps) =>
    projectInbox(deps, (told[0] as Told).conversation, {
      sentAt: told
        .flatMap(({ nudge: { sentAt } }) => sentAt ?? [])
        .sort()
        .at(-1),
      isChanged: told.some(({ nudge: { isChanged } }) => isChanged),
    }),
  );

const read = new WeakMap<Change, Told[]>();

/** Reads the stream record of a change as the projector does, once; empty if its event source does not want the record. */
function toTold(change: Change): Told[] {
  let told = read.get(change);
  if (!told) {
    const isWanted = change.eventName !== 'REMOVE' && change.keys.pk.startsWith('MSG#');
    const record = isWanted && recordOf(change);
    const conversation = record && conversationOfMessage(record);
    told = conversation ? [{ conversation, nudge: nudgeOf([record]) }] : [];
    read.set(change, told);
  }
  return told;
}

/** The stream record of a change. */
export function recordOf({ eventName, keys, after, sequence }: Change): DynamoDBRecord {
  const record = {
    eventName,
    dynamodb: {
      Keys: marshall(keys),
      ...(after && { NewImage: marshall(after) }),
      SequenceNumber: String(sequence),
    },
  };
  return record as unknown as DynamoDBRecord;
}
