import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backOff, type DeliveryRules, type Discarded, deliver, type Outcome } from '../../../offline/stream/deliver.ts';

interface Letter {
  sequenceNumber: string;
  name: string;
  key: string;
  readAt: number;
}

type Handler = (letters: Letter[], call: number) => Outcome;

const rules: DeliveryRules = {
  reportsItemFailures: false,
  bisects: false,
  maximumRetries: Number.POSITIVE_INFINITY,
  maximumAgeMs: 24 * 60 * 60 * 1000,
};

const answers = (response: unknown): Outcome => ({ result: 'answered', response });
const failure: Outcome = { result: 'failed', functionError: 'Unhandled' };
const reportOf = (letters: Letter[]): Outcome =>
  answers({ batchItemFailures: letters.map((letter) => ({ itemIdentifier: letter.sequenceNumber })) });

const isBad = (letter: Letter) => letter.name.startsWith('bad');
const throwsOnBad: Handler = (letters) => (letters.some(isBad) ? failure : answers(null));
const reportsBad: Handler = (letters) => reportOf(letters.filter(isBad));

/** Letters named like `a1 a2 bad b1`; the key is the first character, the sequence number the place. */
const lettersOf = (names: string, readAt = 0): Letter[] =>
  names.split(' ').map((name, index) => ({ sequenceNumber: String(100 + index), name, key: name.slice(0, 1), readAt }));

const namesOf = (letters: Letter[]) => letters.map((letter) => letter.name).join(' ');

/** Delivers with a clock that only `wait` moves, and tells all that happened. */
async function delivery(batch: Letter[], settings: Partial<DeliveryRules>, handler: Handler) {
  const calls: Letter[][] = [];
  const discarded: Discarded<Letter>[] = [];
  const finished: Letter[] = [];
  const waits: number[] = [];
  let now = 0;
  await deliver(
    batch,
    { ...rules, ...settings },
    {
      invoke: async (letters) => handler(letters, calls.push(letters) - 1),
      wait: async (milliseconds) => {
        waits.push(milliseconds);
        now += milliseconds;
      },
      now: () => now,
      finished: (letters) => finished.push(...letters),
      onFailure: (failed) => discarded.push(failed),
    },
  );
  return { calls: calls.map(namesOf), discarded, finished: namesOf(finished), waits, now };
}

describe('a1 a2 bad b1 b2, the function failing on bad', () => {
  const batch = () => lettersOf('a1 a2 bad b1 b2');

  test('is tried again as a whole, and given up as a whole after the last retry', async () => {
    const { calls, discarded, finished } = await delivery(batch(), { maximumRetries: 3 }, throwsOnBad);
    expect(calls).toEqual(Array(4).fill('a1 a2 bad b1 b2'));
    expect(discarded).toEqual([
      { records: batch(), condition: 'RetryAttemptsExhausted', invokeCount: 4, functionError: 'Unhandled' },
    ]);
    expect(finished).toBe('a1 a2 bad b1 b2');
  });

  test('no retry at all when maximumRetryAttempts is 0', async () => {
    const { calls, discarded } = await delivery(batch(), { maximumRetries: 0 }, throwsOnBad);
    expect(calls).toHaveLength(1);
    expect(discarded.map((one) => one.invokeCount)).toEqual([1]);
  });

  test('is tried until the records expire when the retries have no limit', async () => {
    const { calls, discarded, now } = await delivery(batch(), { maximumAgeMs: 60_000 }, throwsOnBad);
    expect(calls.length).toBeGreaterThan(10);
    expect(discarded.map((one) => one.condition)).toEqual(['RecordAgeExceeded']);
    expect(discarded[0]?.invokeCount).toBe(calls.length);
    expect(now).toBeGreaterThan(60_000);
    expect(now).toBeLessThan(66_000);
  });

  test('ReportBatchItemFailures: retries from the lowest failed sequence number', async () => {
    const settings = { reportsItemFailures: true, maximumRetries: 3 };
    const { calls, discarded, finished } = await delivery(batch(), settings, reportsBad);
    expect(calls).toEqual(['a1 a2 bad b1 b2', 'bad b1 b2', 'bad b1 b2', 'bad b1 b2']);
    expect(discarded.map((one) => namesOf(one.records))).toEqual(['bad b1 b2']);
    expect(discarded[0]).not.toHaveProperty('functionError');
    expect(finished).toBe('a1 a2 bad b1 b2');
  });

  test('a report counts for nothing unless ReportBatchItemFailures is set', async () => {
    const { calls, discarded } = await delivery(batch(), { maximumRetries: 3 }, reportsBad);
    expect(calls).toHaveLength(1);
    expect(discarded).toEqual([]);
  });

  test('bisecting isolates the bad one, which still has all its retries', async () => {
    const { calls, discarded, waits } = await delivery(batch(), { bisects: true, maximumRetries: 3 }, throwsOnBad);
    expect(calls).toEqual(['a1 a2 bad b1 b2', 'a1 a2', 'bad b1 b2', 'bad', 'bad', 'bad', 'bad', 'b1 b2']);
    expect(discarded.map((one) => namesOf(one.records))).toEqual(['bad']);
    expect(waits).toHaveLength(3);
  });

  test('both: bisected at the returned sequence number, and only the bad one is given up', async () => {
    const settings = { reportsItemFailures: true, bisects: true, maximumRetries: 3 };
    const { calls, discarded } = await delivery(batch(), settings, reportsBad);
    expect(calls).toEqual(['a1 a2 bad b1 b2', 'bad b1 b2', 'bad', 'bad', 'bad', 'bad', 'b1 b2']);
    expect(discarded.map((one) => namesOf(one.records))).toEqual(['bad']);
  });

  test('a failure that passes is not given up', async () => {
    const { calls, discarded } = await delivery(batch(), { maximumRetries: 3 }, (_, call) =>
      call < 3 ? failure : answers(null),
    );
    expect(calls).toHaveLength(4);
    expect(discarded).toEqual([]);
  });
});

describe('the answer of a function that reports item failures', () => {
  const succeeds = async (response: unknown) => {
    const settings = { reportsItemFailures: true, maximumRetries: 0 };
    const { discarded } = await delivery(lettersOf('a1 a2 a3'), settings, () => answers(response));
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

  test('the lowest of several counts, whatever their order', async () => {
    expect(await succeeds(failed('102', '101'))).toBe('a2 a3');
  });
});

describe('what is no attempt', () => {
  test('an endpoint that does not answer is waited for and uses up no retry', async () => {
    const { calls, discarded, finished } = await delivery(lettersOf('a1'), { maximumRetries: 0 }, (_, call) =>
      call < 50 ? { result: 'unreachable' } : answers(null),
    );
    expect(calls).toHaveLength(51);
    expect([discarded, finished]).toEqual([[], 'a1']);
  });

  test('but the records grow older meanwhile', async () => {
    const { discarded } = await delivery(lettersOf('a1'), { maximumAgeMs: 1000 }, () => ({ result: 'unreachable' }));
    expect(discarded).toEqual([{ records: lettersOf('a1'), condition: 'RecordAgeExceeded', invokeCount: 0 }]);
  });

  test('expired records go to the failure destination without a call, the others are delivered', async () => {
    const [old, young] = [lettersOf('a1', -2000), lettersOf('a2 a3')];
    const { calls, discarded, finished } = await delivery([...old, ...young], { maximumAgeMs: 1000 }, throwsOnBad);
    expect(discarded).toEqual([{ records: old, condition: 'RecordAgeExceeded', invokeCount: 0 }]);
    expect([calls, finished]).toEqual([['a2 a3'], 'a1 a2 a3']);
  });

  test('a stop ends the delivery: nothing is finished or given up', async () => {
    const stopped = new AbortController();
    const touched: unknown[] = [];
    const ended = deliver(
      lettersOf('a1 a2'),
      { ...rules, maximumRetries: 0 },
      {
        invoke: async () => {
          stopped.abort(new Error('stopped'));
          throw new Error('the call was cut off');
        },
        wait: async () => {},
        now: () => 0,
        finished: (letters) => touched.push(letters),
        onFailure: (failed) => touched.push(failed),
        signal: stopped.signal,
      },
    );
    await expect(ended).rejects.toThrow('stopped');
    expect(touched).toEqual([]);
  });

  test('a call that throws for any other reason is a failed attempt', async () => {
    const { discarded } = await delivery(lettersOf('a1'), { maximumRetries: 1 }, () => {
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

describe('any batch with any poisonous records', () => {
  const batches = fc
    .array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), poisonous: fc.boolean() }), { minLength: 1, maxLength: 40 })
    .map((specs) =>
      specs.map(({ key, poisonous }, index) => ({
        sequenceNumber: String(index).padStart(21, '0'),
        name: poisonous ? `bad${index}` : `${key}${index}`,
        key,
        readAt: 0,
      })),
    );
  const retries = fc.nat({ max: 4 });
  const reports: Record<string, Handler> = {
    'throws on the first one': throwsOnBad,
    'reports the first one': (letters) => reportOf(letters.filter(isBad).slice(0, 1)),
    'reports them all': reportsBad,
    'reports them all, backwards': (letters) => reportOf(letters.filter(isBad).reverse()),
    'reports what it does not know': (letters) =>
      letters.some(isBad) ? answers({ batchItemFailures: [{}] }) : answers({}),
  };

  test.each(Object.entries(reports))('a function that bisects and %s', async (_, handler) => {
    await fc.assert(
      fc.asyncProperty(batches, retries, async (batch, maximumRetries) => {
        const delivered: Letter[] = [];
        const settings = { bisects: true, reportsItemFailures: true, maximumRetries };
        const { calls, discarded, finished } = await delivery(batch, settings, (letters, call) => {
          const healthy = letters.slice(0, letters.findIndex(isBad) === -1 ? letters.length : letters.findIndex(isBad));
          delivered.push(...healthy);
          return handler(letters, call);
        });
        const poisonous = batch.filter(isBad);
        // Each poisonous record ends on the failure destination once, alone, after all its retries; nothing else does.
        expect(discarded.map((one) => namesOf(one.records))).toEqual(poisonous.map((letter) => letter.name));
        expect(discarded.every((one) => one.condition === 'RetryAttemptsExhausted')).toBe(true);
        expect(poisonous.every((bad) => calls.filter((call) => call === bad.name).length > maximumRetries)).toBe(true);
        // Every healthy one reaches the function, and everything is finished once, in order.
        expect(new Set(delivered)).toEqual(new Set(batch.filter((letter) => !isBad(letter))));
        expect(finished).toBe(namesOf(batch));
        // In order within a key: a record is first delivered after all earlier ones of its key.
        for (const key of ['a', 'b', 'c']) {
          const first = [...new Set(delivered.filter((letter) => letter.key === key))];
          expect(first).toEqual(
            [...first].sort((one, other) => one.sequenceNumber.localeCompare(other.sequenceNumber)),
          );
        }
        // A binary tree over the batch, one call for each place it was cut at, and the retries.
        expect(calls.length).toBeLessThanOrEqual(2 * batch.length + poisonous.length * (maximumRetries + 1));
      }),
    );
  });

  test.each(Object.entries(reports))(
    'without bisecting, a function that %s: at most the retries',
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

  test('whatever a function answers, everything is finished once and in order', async () => {
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
