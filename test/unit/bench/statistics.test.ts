import { expect, test } from 'vitest';
import { interleave } from '../../../bench/harness/interleave.ts';
import { median, quantile, ratio, summary } from '../../../bench/harness/statistics.ts';

test('a quantile lies between the two nearest samples', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(quantile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
  expect(quantile([7], 0.99)).toBe(7);
  expect(() => median([])).toThrow('at least one sample');
});

test('a summary has the quantiles of all samples, in any order', () => {
  const samples = Array.from({ length: 101 }, (_, n) => (n * 37) % 101);
  expect(summary(samples)).toEqual({ rounds: 101, median: 50, p95: 95, p99: 99 });
});

test('a ratio compares the medians, so that one slow call changes nothing', () => {
  expect(ratio([3, 3, 900], [2, 2, 2])).toBe(1.5);
});

test('subjects are called in turn, each round beginning with the next one, and the first rounds are not measured', async () => {
  const calls: string[] = [];
  const subject = (name: string) => async () => void calls.push(name);
  const prepared: string[] = [];
  const rounds: number[] = [];
  const samples = await interleave(
    { a: subject('a'), b: subject('b'), c: subject('c') },
    {
      rounds: 10,
      prepare: async (name) => void prepared.push(name),
      afterRound: (done) => void rounds.push(done),
    },
  );
  expect(calls.slice(0, 9).join('')).toBe('abcbcacab');
  expect(calls).toHaveLength(33); // a tenth of the rounds comes before
  expect(prepared).toEqual(calls);
  expect(samples.a).toHaveLength(10);
  expect(rounds).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
