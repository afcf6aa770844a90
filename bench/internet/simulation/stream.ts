import { type Behaviour, messagesPerProjection } from '../behaviour.ts';
import { batchDuration } from '../operations.ts';
import type { Random } from './random.ts';

const groupCount = 16;

export interface StreamSettings {
  batchSize: number;
  /** Batches of one shard at a time. */
  parallelization: number;
  /** Seconds of the stream that one batch takes in. */
  window: number;
  /** Seconds after which a record goes to the failure queue. */
  maximumAge: number;
}

/** What the projector takes up in one second. */
export interface Plan {
  /** Concurrent runs. */
  concurrency: number;
  projections: number;
  /** Messages, by group of shards. */
  messages: number[];
}

interface ShardGroup {
  weight: number;
  /** First in, first out: how many messages were stored at which second. */
  queue: { at: number; messages: number }[];
  messages: number;
}

/** The stream, and the projector that follows it. Its shards are in groups, of which some get more messages than others. */
export class Stream {
  private readonly random: Random;
  private readonly settings: StreamSettings;
  private readonly behaviour: Behaviour;
  private readonly groups: ShardGroup[];

  constructor(random: Random, settings: StreamSettings, behaviour: Behaviour) {
    this.random = random;
    this.settings = settings;
    this.behaviour = behaviour;
    const weights = Array.from({ length: groupCount }, () => 0.75 + 0.5 * random.uniform());
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.groups = weights.map((weight) => ({ weight: weight / sum, queue: [], messages: 0 }));
  }

  get queued(): number {
    return this.groups.reduce((sum, { messages }) => sum + messages, 0);
  }

  /** @returns the age of the oldest message, in seconds */
  age(second: number): number {
    return this.groups.reduce((oldest, { queue }) => Math.max(oldest, queue[0] ? second - queue[0].at : 0), 0);
  }

  append(at: number, messages: number): void {
    let left = messages;
    this.groups.forEach((group, index) => {
      const isLast = index === this.groups.length - 1;
      const count = isLast ? left : Math.min(left, this.random.round(messages * group.weight));
      left -= count;
      if (count === 0) return;
      group.queue.push({ at, messages: count });
      group.messages += count;
    });
  }

  /** @param shards open ones, of the whole table */
  plan(shards: number): Plan {
    const lanes = (shards / groupCount) * this.settings.parallelization; // batches of a group at a time
    const plan: Plan = { concurrency: 0, projections: 0, messages: [] };
    for (const { queue, messages } of this.groups) {
      const isBehind = queue.length > 1; // otherwise each poll of a shard takes what has come since the one before
      const waiting = isBehind ? messages : messages * Math.min(1, this.settings.window);
      const perBatch = Math.min(this.settings.batchSize, Math.max(1, waiting / lanes));
      // Messages of one burst that are in one batch need one projection: the further the projector is behind, the fewer.
      const span = isBehind ? (perBatch * lanes) / (queue[0]?.messages ?? 1) : 0; // seconds of the stream in one batch
      const together = messagesPerProjection(this.behaviour, Math.max(this.settings.window, span));
      const seconds = batchDuration(perBatch / together) / 1_000;
      const taken = Math.min(messages, Math.floor((lanes * perBatch) / seconds));
      plan.messages.push(taken);
      plan.projections += taken / together;
      plan.concurrency += (taken / perBatch) * seconds;
    }
    return plan;
  }

  /** @returns how many messages were projected, of those that were planned; the others stay in the stream */
  project(plan: Plan, granted: number): number {
    let projected = 0;
    this.groups.forEach((group, index) => {
      const done = Math.min(group.messages, this.random.round((plan.messages[index] ?? 0) * granted));
      take(group, done);
      projected += done;
    });
    return projected;
  }

  /** @returns how many messages have become too old, and are in the failure queue now */
  expire(second: number): number {
    let expired = 0;
    for (const group of this.groups) {
      while (group.queue[0] && second - group.queue[0].at > this.settings.maximumAge) {
        const { messages } = group.queue[0];
        take(group, messages);
        expired += messages;
      }
    }
    return expired;
  }
}

/** Takes the oldest messages out of a group's queue. */
function take(group: ShardGroup, messages: number): void {
  let left = messages;
  while (left > 0 && group.queue[0]) {
    const [oldest] = group.queue;
    const count = Math.min(left, oldest.messages);
    oldest.messages -= count;
    left -= count;
    if (oldest.messages === 0) group.queue.shift();
  }
  group.messages -= messages;
}
