import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Progress } from '../../../offline/stream/checkpoint.ts';
import { type EventSource, eventSources } from '../../../offline/stream/event-sources.ts';
import { Lane, type ReadRecord } from '../../../offline/stream/lane.ts';

// How long poison holds up a lane of the projector, with the settings of serverless.yml and a clock of its own. A lane is what Lambda
// delivers one batch at a time: a shard has as many as its parallelizationFactor. The settings of the event source follow from these numbers.

const serverless = readFileSync(resolve(import.meta.dirname, '../../../serverless.yml'), 'utf8');
const { functions } = parse(serverless, { logLevel: 'error' }); // !GetAtt
const [source] = eventSources({ projectInbox: functions.projectInbox }) as [EventSource];

const second = 1_000;
const hour = 3_600 * second;
const streamRetention = 24 * hour;
const retryBudget = 2 * second; // handlers/stream/project-inbox.ts: how long a call with poison takes

/**
 * Delivers records that were written at once, of which those named `poison` always fail.
 * @param failing how long a call with poison takes
 */
async function delivered(names: string[], settings: Partial<EventSource> = {}, failing = retryBudget) {
  let now = 0;
  let calls = 0;
  const conditions: string[] = [];
  const doneAt = new Map<string, number>();
  const progress = new Progress();
  const lane = new Lane(
    { ...source, ...settings },
    {
      now: () => now,
      wait: async (milliseconds) => {
        now += milliseconds;
      },
      signal: new AbortController().signal,
      onTrouble: (error) => {
        throw error;
      },
      finished: (records) => {
        for (const { sequenceNumber } of records) doneAt.set(sequenceNumber, now);
      },
      onFailure: ({ records, condition }) => conditions.push(...records.map(() => condition)),
      invoke: async (records) => {
        calls++;
        const failed = records.filter(({ event }) => event.eventName === 'REMOVE'); // stands for poison
        now += failed.length > 0 ? failing : second / 10;
        return {
          result: 'answered',
          response: { batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) },
        };
      },
    },
  );
  lane.push(
    names.map((name, n): ReadRecord => {
      const sequenceNumber = String(n).padStart(21, '0');
      const event = { eventName: name === 'poison' ? ('REMOVE' as const) : ('INSERT' as const) };
      return {
        event,
        sequenceNumber,
        createdAt: 0,
        readAt: 0,
        bytes: 1_000,
        mark: progress.add(sequenceNumber, false),
      };
    }),
  );
  await lane.idle;
  expect(doneAt.size).toBe(names.length);
  return { calls, conditions, seconds: now / second };
}

const batchOf = (poison: number[]) =>
  Array.from({ length: source.batchSize }, (_, n) => (poison.includes(n) ? 'poison' : 'fine'));
const allPoison = Array.from({ length: source.batchSize }, () => 'poison');

describe('one poisonous record in a batch', () => {
  test('takes at most 12 calls and 25 seconds, wherever it is, and goes to the failure queue alone', async () => {
    const places = await Promise.all(batchOf([]).map((_, place) => delivered(batchOf([place]))));
    expect(Math.max(...places.map(({ calls }) => calls - 1))).toBeLessThanOrEqual(12 + 7); // and the sound halves
    expect(Math.max(...places.map(({ seconds }) => seconds))).toBeLessThanOrEqual(25 + 1);
    for (const { conditions } of places) expect(conditions).toEqual(['RetryAttemptsExhausted']);
  });

  test('keeps two of them below the threshold of inboxes-late', async () => {
    const { seconds } = await delivered(batchOf([49, 99]));
    expect(seconds).toBeLessThan(60);
  });
});

describe('a batch of nothing but poison', () => {
  test('takes each record through all its retries: less than 20 minutes', async () => {
    const { calls, conditions, seconds } = await delivered(allPoison);
    const { batchSize, maximumRetries } = source;
    expect(calls).toBe(2 * batchSize - 1 + maximumRetries * batchSize); // the tree of halves, and the retries of its leaves
    expect(conditions).toHaveLength(batchSize);
    expect(seconds).toBeLessThan(20 * 60);
  });

  test('ten of them in a row expire no record behind them', async () => {
    const names = [...Array.from({ length: 10 }, () => allPoison).flat(), 'fine'];
    const { conditions } = await delivered(names);
    expect(conditions).not.toContain('RecordAgeExceeded');
    expect(conditions).toHaveLength(names.length - 1);
    const hasty = await delivered(names, { maximumAgeMs: 300 * second });
    expect(hasty.conditions).toContain('RecordAgeExceeded');
    expect(hasty.conditions).toHaveLength(names.length); // the sound record, too
  });

  test('while the database does not answer, takes hours: an outage of an hour gives up few records', async () => {
    const functionTimeout = 20 * second;
    const { seconds } = await delivered(allPoison, { maximumAgeMs: streamRetention }, functionTimeout);
    expect(seconds).toBeGreaterThan(2 * 3_600);
  });
});

test('a record that is given up for its age can be redriven for longer than it has waited', () => {
  expect(source.maximumAgeMs).toBeGreaterThanOrEqual(4 * hour);
  expect(streamRetention - source.maximumAgeMs).toBeGreaterThanOrEqual(2 * source.maximumAgeMs);
});
