import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backOff, type DeliveryRules, type Discarded, deliver, type Outcome } from '../../../offline/stream/deliver.ts';

interface TestRecord {
  sequenceNumber: string;
  name: string;
  key: string;
  readAt: number;
}

type Handler = (records: TestRecord[], call: number) => Outcome;

const rules: DeliveryRules = {
  reportsItemFailures: false,
  bisects: false,
  maximumRetries: Number.POSITIVE_INFINITY,
  maximumAgeMs: 24 * 60 * 60 * 1000,
};

const answers = (response: unknown): Outcome => ({ result: 'answered', response });
const failure: Outcome = { result: 'failed', functionError: 'Unhandled' };
const reportOf = (records: TestRecord[]): Outcome =>
  answers({ batchItemFailures: records.map((record) => ({ itemIdentifier: record.sequenceNumber })) });

const isBad = (record: TestRecord) => record.name.startsWith('bad');
const throwsOnBad: Handler = (records) => (records.some(isBad) ? failure : answers(null));
const reportsBad: Handler = (records) => reportOf(records.filter(isBad));

/** Records with names such as `a1 a2 bad b1`; the key is the first character, the sequence number the position. */
const recordsOf = (names: string, readAt = 0): TestRecord[] =>
  names.split(' ').map((name, index) => ({ sequenceNumber: String(100 + index), name, key: name.slice(0, 1), readAt }));

const namesOf = (records: TestRecord[]) => records.map((record) => record.name).join(' ');

/** Delivers with a clock that only `wait` advances; returns everything that happened. */
async function delivery(batch: TestRecord[], settings: Partial<DeliveryRules>, handler: Handler) {
  const calls: TestRecord[][] = [];
  const discarded: Discarded<TestRecord>[] = [];
  const finished: TestRecord[] = [];
  const waits: number[] = [];
  let now = 0;
  await deliver(
    batch,
    { ...rules, ...settings },
    {
      invoke: async (records) => handler(records, calls.push(records) - 1),
      wait: async (milliseconds) => {
        waits.push(milliseconds);
        now += milliseconds;
      },
      now: () => now,
      finished: (records) => finished.push(...records),
      onFailure: (failed) => discarded.push(failed),
    },
  );
  return { calls: calls.map(namesOf), discarded, finished: namesOf(finished), waits, now };
}

describe('the batch a1 a2 bad b1 b2, when the function fails on the record bad:', () => {
  const batch = () => recordsOf('a1 a2 bad b1 b2');

  test('the whole batch is retried, and discarded after the last retry', async () => {
    const { calls, discarded, finished } = await delivery(batch(), { maximumRetries: 3 }, throwsOnBad);
    expect(calls).toEqual(Array(4).fill('a1 a2 bad b1 b2'));
    expect(discarded).toEqual([
      { records: batch(), condition: 'RetryAttemptsExhausted', invokeCount: 4, functionError: 'Unhandled' },
    ]);
    expect(finished).toBe('a1 a2 bad b1 b2');
  });

  test('nothing is retried if maximumRetryAttempts is 0', async () => {
    const { calls, discarded } = await delivery(batch(), { maximumRetries: 0 }, throwsOnBad);
    expect(calls).toHaveLength(1);
    expect(discarded.map((one) => one.invokeCount)).toEqual([1]);
  });

  test('without a limit the batch is retried until the records expire', async () => {
    const { calls, discarded, now } = await delivery(batch(), { maximumAgeMs: 60_000 }, throwsOnBad);
    expect(calls.length).toBeGreaterThan(10);
    expect(discarded.map((one) => one.condition)).toEqual(['RecordAgeExceeded']);
    expect(discarded[0]?.invokeCount).toBe(calls.length);
    expect(now).toBeGreaterThan(60_000);
    expect(now).toBeLessThan(66_000);
  });

  test('ReportBatchItemFailures: the retry begins at the lowest failed sequence number', async () => {
    const settings = { reportsItemFailures: true, maximumRetries: 3 };
    const { calls, discarded, finished } = await delivery(batch(), settings, reportsBad);
    expect(calls).toEqual(['a1 a2 bad b1 b2', 'bad b1 b2', 'bad b1 b2', 'bad b1 b2']);
    expect(discarded.map((one) => namesOf(one.records))).toEqual(['bad b1 b2']);
    expect(discarded[0]).not.toHaveProperty('functionError');
    expect(finished).toBe('a1 a2 bad b1 b2');
  });

  test('without ReportBatchItemFailures a report is ignored', async () => {
    const { calls, discarded } = await delivery(batch(), { maximumRetries: 3 }, reportsBad);
    expect(calls).toHaveLength(1);
    expect(discarded).toEqual([]);
  });

  test('bisecting isolates the bad record, which keeps all its retries', async () => {
    const { calls, discarded, waits } = await delivery(batch(), { bisects: true, maximumRetries: 3 }, throwsOnBad);
    expect(calls).toEqual(['a1 a2 bad b1 b2', 'a1 a2', 'bad b1 b2', 'bad', 'bad', 'bad', 'bad', 'b1 b2']);
    expect(discarded.map((one) => namesOf(one.records))).toEqual(['bad']);
    expect(waits).toHaveLength(3);
  });

  test('bisecting with ReportBatchItemFailures splits at the returned sequence number, and discards only the bad record', async () => {
    const settings = { reportsItemFailures: true, bisects: true, maximumRetries: 3 };
    const { calls, discarded } = await delivery(batch(), settings, reportsBad);
    expect(calls).toEqual(['a1 a2 bad b1 b2', 'bad b1 b2', 'bad', 'bad', 'bad', 'bad', 'b1 b2']);
    expect(discarded.map((one) => namesOf(one.records))).toEqual(['bad']);
  });

  test('a batch that succeeds on a retry is not discarded', async () => {
    const { calls, discarded } = await delivery(batch(), { maximumRetries: 3 }, (_, call) =>
      call < 3 ? failure : answers(null),
    );
    expect(calls).toHaveLength(4);
    expect(discarded).toEqual([]);
  });
});

describe('the response of a function that reports item failures', () => {
  const succeeds = async (response: unknown) => {
    const settings = { reportsItemFailures: true, maximumRetries: 0 };
    const { discarded } = await delivery(recordsOf('a1 a2 a3'), settings, () => answers(response));
    return discarded.map((one) => namesOf(one.records)).join() || 'success';
  };
  const failed = (...identifiers: unknown[]) => ({
    batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
  });

  test.each([[null], [undefined], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }]])(
    '%j is a success',
    async (response) => expect(await succeeds(response)).toBe('success'),
  );

  test.each([
    [failed('')],
    [failed(null)],
    [failed('999')],
    [failed('102', '999')],
    [failed(101)],
    [{ batchItemFailures: [null] }],
    [{ batchItemFailures: [{ sequenceNumber: '102' }] }],
    [{ batchItemFailures: 'a2' }],
    [[]],
    ['done'],
    [7],
  ])('%j fails the whole batch', async (response) => expect(await succeeds(response)).toBe('a1 a2 a3'));

  test('of several reported sequence numbers the lowest counts, in any order', async () => {
    expect(await succeeds(failed('102', '101'))).toBe('a2 a3');
  });
});

describe('what counts as an attempt, and what does not:', () => {
  test('an endpoint that does not answer uses up no retry', async () => {
    const { calls, discarded, finished } = await delivery(recordsOf('a1'), { maximumRetries: 0 }, (_, call) =>
      call < 50 ? { result: 'unreachable' } : answers(null),
    );
    expect(calls).toHaveLength(51);
    expect([discarded, finished]).toEqual([[], 'a1']);
  });

  test('records grow older while the endpoint does not answer', async () => {
    const { discarded } = await delivery(recordsOf('a1'), { maximumAgeMs: 1000 }, () => ({ result: 'unreachable' }));
    expect(discarded).toEqual([{ records: recordsOf('a1'), condition: 'RecordAgeExceeded', invokeCount: 0 }]);
  });

  test('expired records go to the failure destination without an invocation, the others are delivered', async () => {
    const [old, young] = [recordsOf('a1', -2000), recordsOf('a2 a3')];
    const { calls, discarded, finished } = await delivery([...old, ...young], { maximumAgeMs: 1000 }, throwsOnBad);
    expect(discarded).toEqual([{ records: old, condition: 'RecordAgeExceeded', invokeCount: 0 }]);
    expect([calls, finished]).toEqual([['a2 a3'], 'a1 a2 a3']);
  });

  test('a stop ends the delivery: no record is finished or discarded', async () => {
    const stopped = new AbortController();
    const touched: unknown[] = [];
    const ended = deliver(
      recordsOf('a1 a2'),
      { ...rules, maximumRetries: 0 },
      {
        invoke: async () => {
          stopped.abort(new Error('stopped'));
          throw new Error('the call was cut off');
        },
        wait: async () => {},
        now: () => 0,
        finished: (records) => touched.push(records),
        onFailure: (failed) => touched.push(failed),
        signal: stopped.signal,
      },
    );
    await expect(ended).rejects.toThrow('stopped');
    expect(touched).toEqual([]);
  });

  test('an invocation that throws for another reason is a failed attempt', async () => {
    const { discarded } = await delivery(recordsOf('a1'), { maximumRetries: 1 }, () => {
      throw new TypeError('broken');
    });
    expect(discarded.map((one) => [one.invokeCount, one.functionError])).toEqual([[2, 'TypeError']]);
  });
});

test('pauses grow and are bounded', () => {
  const pauses = Array.from({ length: 2000 }, (_, retry) => backOff(retry));
  expect(pauses[0]).toBeLessThanOrEqual(100);
  expect(pauses.every((pause, index) => index === 0 || pause >= (pauses[index - 1] ?? 0))).toBe(true);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(5_000);
});

describe('any batch with any poison records', () => {
  const batches = fc
    .array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), poison: fc.boolean() }), { minLength: 1, maxLength: 40 })
    .map((specs) =>
      specs.map(({ key, poison }, index) => ({
        sequenceNumber: String(index).padStart(21, '0'),
        name: poison ? `bad${index}` : `${key}${index}`,
        key,
        readAt: 0,
      })),
    );
  const retries = fc.nat({ max: 4 });
  const reports: Record<string, Handler> = {
    'throws on the first one': throwsOnBad,
    'reports the first one': (records) => reportOf(records.filter(isBad).slice(0, 1)),
    'reports them all': reportsBad,
    'reports them all in reverse order': (records) => reportOf(records.filter(isBad).reverse()),
    'reports an unknown identifier': (records) =>
      records.some(isBad) ? answers({ batchItemFailures: [{}] }) : answers({}),
  };

  test.each(Object.entries(reports))('a function that bisects and %s', async (_, handler) => {
    await fc.assert(
      fc.asyncProperty(batches, retries, async (batch, maximumRetries) => {
        const delivered: TestRecord[] = [];
        const settings = { bisects: true, reportsItemFailures: true, maximumRetries };
        const { calls, discarded, finished } = await delivery(batch, settings, (records, call) => {
          const good = records.slice(0, records.findIndex(isBad) === -1 ? records.length : records.findIndex(isBad));
          delivered.push(...good);
          return handler(records, call);
        });
        const poison = batch.filter(isBad);
        // Each poison record reaches the failure destination once, alone, after all its retries; no other record does.
        expect(discarded.map((one) => namesOf(one.records))).toEqual(poison.map((record) => record.name));
        expect(discarded.every((one) => one.condition === 'RetryAttemptsExhausted')).toBe(true);
        expect(poison.every((bad) => calls.filter((call) => call === bad.name).length > maximumRetries)).toBe(true);
        // Every good record reaches the function, and every record is finished once, in order.
        expect(new Set(delivered)).toEqual(new Set(batch.filter((record) => !isBad(record))));
        expect(finished).toBe(namesOf(batch));
        // In order within a key: the first delivery of a record comes after all earlier records of its key.
        for (const key of ['a', 'b', 'c']) {
          const first = [...new Set(delivered.filter((record) => record.key === key))];
          expect(first).toEqual(
            [...first].sort((one, other) => one.sequenceNumber.localeCompare(other.sequenceNumber)),
          );
        }
        // A binary tree over the batch, one invocation for each bisection, and the retries.
        expect(calls.length).toBeLessThanOrEqual(2 * batch.length + poison.length * (maximumRetries + 1));
      }),
    );
  });

  test.each(Object.entries(reports))(
    'without bisecting, a function that %s is invoked once and for each retry',
    async (_, handler) => {
      await fc.assert(
        fc.asyncProperty(batches, retries, fc.boolean(), async (batch, maximumRetries, reportsItemFailures) => {
          const settings = { reportsItemFailures, maximumRetries };
          const { calls, discarded, finished } = await delivery(batch, settings, handler);
          expect(calls.length).toBeLessThanOrEqual(maximumRetries + 1);
          expect(finished).toBe(namesOf(batch));
          expect(discarded.length).toBeLessThanOrEqual(1);
        }),
      );
    },
  );

  test('for any responses of a function, every record is finished once and in order', async () => {
    const response = fc.oneof(
      fc.constant(failure),
      fc.constant<Outcome>({ result: 'unreachable' }),
      fc.jsonValue().map(answers),
      fc
        .array(fc.nat({ max: 45 }))
        .map((failed) =>
          answers({ batchItemFailures: failed.map((one) => ({ itemIdentifier: String(one).padStart(21, '0') })) }),
        ),
    );
    const settings = fc.record({ bisects: fc.boolean(), reportsItemFailures: fc.boolean(), maximumRetries: retries });
    await fc.assert(
      fc.asyncProperty(batches, settings, fc.array(response, { minLength: 1 }), async (batch, chosen, script) => {
        const handler: Handler = (_, call) => script[call % script.length] as Outcome;
        const { finished } = await delivery(batch, { ...chosen, maximumAgeMs: 60_000 }, handler);
        expect(finished).toBe(namesOf(batch));
      }),
    );
  });
});
