import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { openTable } from '../../core/table/client.ts';
import { localConfig } from '../../test/support/table.ts';
import { interleave } from '../harness/interleave.ts';
import type { Design, Invocation, Projector } from './design.ts';
import { openStream } from './stream.ts';
import { newTalk, type Talk, type Variant, warmFunction } from './talk.ts';
import { WriteLog } from './write-log.ts';

/** Milliseconds of each round, by variant. */
export type Times = Record<string, number[]>;
type Options = { rounds: number; afterRound: (done: number) => void };

const newClient = (endpoint: string) => openTable('', localConfig(endpoint)).client;

/** How long a send takes until it is answered. */
export async function sendTimes(variants: Variant[], endpoint: string, options: Options): Promise<Times> {
  const subjects: Record<string, () => Promise<unknown>> = {};
  for (const variant of variants) {
    const { send } = await newTalk(variant, warmFunction(newClient(endpoint)));
    await send();
    subjects[variant.name] = send;
  }
  return interleave(subjects, options);
}

/** How long it takes from the request until both inboxes show the message. The stream is read without a pause. */
export async function shownTimes(variants: Variant[], endpoint: string, options: Options): Promise<Times> {
  const subjects: Record<string, () => Promise<unknown>> = {};
  const ends: (() => void)[] = [];
  for (const variant of variants) {
    const on = warmFunction(newClient(endpoint));
    const talk = await newTalk(variant, on);
    const project = await followStream(variant.design.projector, on, endpoint, ends);
    const untilShown = async () => {
      const { text } = await talk.send();
      do await project();
      while (!(await isShown(variant.design, on.client, talk, text)));
    };
    await untilShown();
    subjects[variant.name] = untilShown;
  }
  try {
    return await interleave(subjects, options);
  } finally {
    for (const end of ends) end();
  }
}

async function isShown(design: Design, client: DynamoDBDocumentClient, { users }: Talk, text: string) {
  const inboxes = await Promise.all(users.map((user) => design.inbox(client, user)));
  return inboxes.every(([row]) => row?.text === text);
}

/** @returns a function that projects the records that the stream has by now, at least one */
async function followStream(
  projector: Projector | undefined,
  on: Invocation,
  endpoint: string,
  ends: (() => void)[],
): Promise<() => Promise<void>> {
  if (!projector) return async () => {};
  const stream = await openStream(on.client, endpoint, projector.table);
  ends.push(stream.close);
  return async () => {
    let batch: DynamoDBRecord[] = [];
    while (batch.length === 0) batch = (await stream.next()).filter(projector.wants);
    await projector.handle(on, batch);
  };
}

export const burst = { messages: 1_000, conversations: 10, batch: 100 }; // the batch size of serverless.yml

/** How long the functions on the streams take for a burst of messages that are all there when it begins, batch by batch. */
export async function burstTimes(
  variants: Variant[],
  endpoint: string,
  { bursts, progress }: { bursts: number; progress: (doing: string) => void },
): Promise<Times> {
  const times: Times = Object.fromEntries(variants.map(({ name }) => [name, []]));
  for (let n = 0; n <= bursts; n++) {
    const isWarmUp = n === 0;
    const prepared = [];
    for (const variant of variants) {
      progress(`sends burst ${n} of ${bursts}, ${variant.name}`);
      prepared.push({ variant, ...(await prepareBurst(variant, endpoint, isWarmUp ? burst.batch : burst.messages)) });
    }
    for (let from = 0; from < burst.messages; from += burst.batch) {
      progress(`projects burst ${n} of ${bursts}, message ${from}`);
      for (const { variant, on, records } of prepared) {
        const batch = records.slice(from, from + burst.batch);
        const startedAt = performance.now();
        if (batch.length > 0) await variant.design.projector?.handle(on, batch);
        if (!isWarmUp) times[variant.name]?.push(performance.now() - startedAt);
      }
    }
  }
  return times;
}

async function prepareBurst(variant: Variant, endpoint: string, messages: number) {
  const on = warmFunction(newClient(endpoint));
  const writes = new WriteLog();
  writes.follow(on.client);
  const talks = await Promise.all(Array.from({ length: burst.conversations }, () => newTalk(variant, on)));
  for (let n = 0; n < messages; n += talks.length) await Promise.all(talks.map(({ send }) => send()));
  const { projector } = variant.design;
  return { on, records: projector ? writes.take(projector) : [] };
}

/** How long the functions on the streams take for one message. */
export async function singleTimes(variants: Variant[], endpoint: string, options: Options): Promise<Times> {
  const subjects: Record<string, () => Promise<unknown>> = {};
  const next: Record<string, () => Promise<unknown>> = {};
  for (const variant of variants) {
    const { projector } = variant.design;
    if (!projector) continue;
    const on = warmFunction(newClient(endpoint));
    const writes = new WriteLog();
    writes.follow(on.client);
    const { send } = await newTalk(variant, on);
    let batch: DynamoDBRecord[] = [];
    next[variant.name] = async () => {
      await send();
      batch = writes.take(projector);
    };
    subjects[variant.name] = () => projector.handle(on, batch);
    await send();
    await projector.handle(on, writes.take(projector));
  }
  return interleave(subjects, { ...options, prepare: async (name) => next[name]?.() });
}
