import { expect, test } from 'vitest';
import { differences } from '../../../bench/costs/budgets.ts';
import { type Index, indexWriteUnits, itemSize, readUnits, writeUnits } from '../../../bench/costs/rules.ts';

test('the size of an item is that of its names and values', () => {
  expect(itemSize({ pk: { S: 'abc' }, n: { N: '100' } })).toBe(2 + 3 + 1 + 2);
  expect(itemSize({ crabs: { S: '🦀🦀' } })).toBe(5 + 8);
  expect(itemSize({ m: { M: { ab: { N: '1' } } } })).toBe(1 + 3 + 1 + 2 + 2);
});

test.each([
  [0, 1],
  [1024, 1],
  [1025, 2],
  [4097, 5],
])('an item of %d bytes is written for %d units, in a transaction for twice as many', (size, units) => {
  expect(writeUnits(size, 'standard')).toBe(units);
  expect(writeUnits(size, 'transactional')).toBe(2 * units);
});

test('a read costs a unit for 4 KB, half of it if eventually consistent, twice as much in a transaction', () => {
  expect([0, 4096, 4097].map((size) => readUnits(size, 'strong'))).toEqual([1, 1, 2]);
  expect([0, 4096, 4097].map((size) => readUnits(size, 'eventual'))).toEqual([0.5, 0.5, 1]);
  expect([0, 4096, 4097].map((size) => readUnits(size, 'transactional'))).toEqual([2, 2, 4]);
});

test('a write costs in an index what it changes there', () => {
  const index: Index = { name: 'by_time', key: ['user', 'time'], projects: ['text'] };
  const item = (time: string, more: object = {}) => ({ pk: { S: 'p' }, user: { S: 'u' }, time: { S: time }, ...more });
  const units = (before: object | undefined, after: object | undefined) =>
    indexWriteUnits(index, ['pk'], before as never, after as never);
  expect(units(undefined, item('1'))).toBe(1);
  expect(units(item('1'), undefined)).toBe(1);
  expect(units(item('1'), item('2'))).toBe(2); // the key changes: deleted and put
  expect(units(item('1'), item('1', { text: { S: 'x' } }))).toBe(1);
  expect(units(item('1'), item('1', { other: { S: 'x' } }))).toBe(0); // it is not projected
  expect(units(item('1'), item('1', { text: { S: 'x'.repeat(1500) } }))).toBe(2);
  expect(units(undefined, { pk: { S: 'p' }, user: { S: 'u' } })).toBe(0); // without a key it is not in the index
});

test('a difference from the budget says by how much', () => {
  const budget = { writeUnits: 4, readUnits: 0, requests: 1, functionRuns: 1 };
  expect(differences(budget, budget)).toEqual([]);
  expect(differences({ ...budget, writeUnits: 6, readUnits: 1.5 }, budget)).toEqual([
    '2 more write units (6, budget 4)',
    '1.5 more read units (1.5, budget 0)',
  ]);
  expect(differences({ ...budget, requests: 0 }, budget)).toEqual(['1 less requests (0, budget 1)']);
});
