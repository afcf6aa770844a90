import { setTimeout as wait } from 'node:timers/promises';
import type { DynamoDBRecord } from 'aws-lambda';
import { messageRecord } from '../../test/support/stream-record.ts';
import { batches, batchSize, type ProjectorWorld, sendAll, type Talk } from './world.ts';

/**
 * A burst that is there already when the projector begins: first all messages are sent, then all are projected, in batches.
 * @returns milliseconds of each round
 */
export async function burst(
  world: ProjectorWorld,
  { conversations, messages, rounds }: { conversations: number; messages: number; rounds: number },
  afterRound: (done: number) => void,
): Promise<{ sending: number[]; projecting: number[] }> {
  let talks: Talk[] = [];
  let records: DynamoDBRecord[] = [];
  return interleaveInOrder(rounds, afterRound, async () => {
    talks = await Promise.all(Array.from({ length: conversations }, world.talk));
    return {
      sending: async () => {
        records = await sendAll(talks, messages);
      },
      projecting: async () => {
        for (const batch of batches(records)) await world.project(batch);
      },
      after: async () => {
        for (const talk of talks) await talk.check();
      },
    };
  });
}

/** Sending comes before projecting in each round, whatever the round, since the one makes what the other takes. */
async function interleaveInOrder(
  rounds: number,
  afterRound: (done: number) => void,
  prepare: () => Promise<Record<'sending' | 'projecting' | 'after', () => Promise<void>>>,
): Promise<{ sending: number[]; projecting: number[] }> {
  const samples = { sending: [] as number[], projecting: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const { after, ...steps } = await prepare();
    for (const name of ['sending', 'projecting'] as const) {
      const from = performance.now();
      await steps[name]();
      if (round > 0) samples[name].push(performance.now() - from); // the first round warms up
    }
    await after();
    if (round > 0) afterRound(round);
  }
  return samples;
}

/** Message by message: each is projected before the next one is sent. @returns milliseconds of each message */
export async function steady(
  world: ProjectorWorld,
  rounds: number,
  afterRound: (done: number) => void,
): Promise<{ sending: number[]; projecting: number[] }> {
  const talk = await world.talk();
  let record: DynamoDBRecord | undefined;
  const samples = await interleaveInOrder(rounds, afterRound, async () => ({
    sending: async () => {
      record = messageRecord(await talk.send());
    },
    projecting: () => world.project(record ? [record] : []),
    after: async () => {},
  }));
  await talk.check();
  return samples;
}

export interface Load {
  /** Messages a second. */
  rate: number;
  /** By message: milliseconds from the answer to the sender until the inboxes show it. */
  lags: number[];
  /** The most records that waited at the same time. */
  longestQueue: number;
  batches: number;
}

/**
 * Sends messages at a rate, in all conversations in turn, while the projector takes what is there, one batch at a time, as Lambda does with
 * one shard.
 */
export async function underLoad(
  world: ProjectorWorld,
  { conversations, messages, rate }: { conversations: number; messages: number; rate: number },
  progress: (projected: number) => void,
): Promise<Load> {
  const talks = await Promise.all(Array.from({ length: conversations }, world.talk));
  const load: Load = { rate, lags: [], longestQueue: 0, batches: 0 };
  const queue: { record: DynamoDBRecord; answeredAt: number }[] = [];
  let wake = () => {};

  const from = performance.now();
  const send = async (n: number) => {
    await wait(Math.max(0, from + (n * 1_000) / rate - performance.now()));
    const record = messageRecord(await (talks[n % conversations] as Talk).send());
    queue.push({ record, answeredAt: performance.now() });
    load.longestQueue = Math.max(load.longestQueue, queue.length);
    wake();
  };
  const projectAll = async () => {
    while (load.lags.length < messages) {
      const batch = queue.splice(0, batchSize);
      if (batch.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      await world.project(batch.map(({ record }) => record));
      const now = performance.now();
      load.lags.push(...batch.map(({ answeredAt }) => now - answeredAt));
      load.batches++;
      progress(load.lags.length);
    }
  };
  await Promise.all([...Array.from({ length: messages }, (_, n) => send(n)), projectAll()]);
  for (const talk of talks) await talk.check();
  return load;
}
