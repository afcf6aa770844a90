import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { mergeGenerators } from '../../admin/doctor/merge-generators.ts';

async function* values(...all: number[]) {
  yield* all;
}

async function* failing(): AsyncGenerator<number> {
  yield 1;
  await setImmediate();
  throw new Error('no answer');
}

test('merged generators yield the values of all', async () => {
  const merged: number[] = [];
  for await (const value of mergeGenerators([values(1, 2), values(3)])) merged.push(value);
  expect(merged.toSorted()).toEqual([1, 2, 3]);
});

test('a generator that fails while the caller works with its last value fails the caller, not the process', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const work = async () => {
    for await (const _ of mergeGenerators([failing(), values(2)]))
      for (let turns = 0; turns < 5; turns++) await setImmediate();
  };
  await expect(work()).rejects.toThrow('no answer');
  expect(unhandled).toEqual([]);
});
