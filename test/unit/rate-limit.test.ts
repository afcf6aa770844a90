import { expect, test } from 'vitest';
import { mergeGenerators } from '../../admin/doctor/merge-generators.ts';
import { newRateLimiter } from '../../admin/doctor/rate-limit.ts';

test('without a rate nobody waits', async () => {
  await newRateLimiter(undefined)(1_000_000);
});

test('with one, all that is read together is held to it', async () => {
  const pace = newRateLimiter(1_000);
  const since = performance.now();
  await Promise.all([pace(50), pace(50), pace(100)]);
  expect(performance.now() - since).toBeGreaterThan(195);
});

test('segments merged: everything of each, and a failure of one is the failure of all', async () => {
  async function* count(from: number, to: number) {
    for (let n = from; n < to; n++) yield n;
  }
  const all: number[] = [];
  for await (const n of mergeGenerators([count(0, 5), count(5, 6), count(6, 6), count(6, 20)])) all.push(n);
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));

  // biome-ignore lint/correctness/useYield: it fails before it has anything
  async function* broken(): AsyncGenerator<number> {
    throw new Error('broken');
  }
  const reading = async () => {
    for await (const _ of mergeGenerators([count(0, 5), broken()]));
  };
  await expect(reading()).rejects.toThrow('broken');
});
