import { expect, test } from 'vitest';
import { mergeGenerators } from '../../admin/doctor/merge-generators.ts';
import { newRateLimiter } from '../../admin/doctor/rate-limit.ts';

test('without a rate, no read waits', async () => {
  await newRateLimiter(undefined)(1_000_000);
});

test('with a rate, concurrent reads together keep to it', async () => {
  const limit = newRateLimiter(1_000);
  const since = performance.now();
  await Promise.all([limit(50), limit(50), limit(100)]);
  expect(performance.now() - since).toBeGreaterThan(195);
});

test('merged generators yield everything of each, and fail if one of them fails', async () => {
  async function* count(from: number, to: number) {
    for (let n = from; n < to; n++) yield n;
  }
  const all: number[] = [];
  for await (const n of mergeGenerators([count(0, 5), count(5, 6), count(6, 6), count(6, 20)])) all.push(n);
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));

  // biome-ignore lint/correctness/useYield: it fails before its first item
  async function* broken(): AsyncGenerator<number> {
    throw new Error('broken');
  }
  const reading = async () => {
    for await (const _ of mergeGenerators([count(0, 5), broken()]));
  };
  await expect(reading()).rejects.toThrow('broken');
});
