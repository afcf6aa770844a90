import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newDeps } from '../../core/deps.ts';
import { parse } from '../../core/model/parse.ts';
import { fromMicros, justAfter, timestamp, toMicros, toSeconds } from '../../core/model/time.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { micros } from '../support/arbitraries.ts';

const schema = timestamp('created_at_invalid');

test('microseconds stay the same when converted to text and back', () => {
  fc.assert(fc.property(micros, (at) => toMicros(fromMicros(at)) === at));
});

test('timestamps have a fixed width, and sort in the order of their times', () => {
  fc.assert(
    fc.property(micros, micros, (a, b) => {
      expect(fromMicros(a)).toHaveLength(32);
      expect(fromMicros(a) < fromMicros(b)).toBe(a < b);
    }),
  );
});

test('justAfter adds one microsecond, also across a second and a year', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }),
      (at) => toMicros(justAfter(fromMicros(at))) === at + 1,
    ),
  );
  const lastOfYear = parse(schema, '2023-12-31T23:59:59.999999+00:00');
  expect(justAfter(lastOfYear)).toBe('2024-01-01T00:00:00.000000+00:00');
});

test('a formatted time parses to itself', () => {
  fc.assert(fc.property(micros, (at) => parse(schema, fromMicros(at)) === fromMicros(at)));
});

test.each([
  ['milliseconds only', '2023-03-24T09:45:01.561+00:00'],
  ['Z instead of the offset', '2023-03-24T09:45:01.561513Z'],
  ['another offset', '2023-03-24T10:45:01.561513+01:00'],
  ['a day that does not exist', '2023-02-30T09:45:01.561513+00:00'],
  ['hour 24', '2023-02-20T24:00:00.000000+00:00'],
  ['month 13', '2023-13-01T09:45:01.561513+00:00'],
  ['a leading space', ' 2023-03-24T09:45:01.561513+00:00'],
  ['a trailing newline', '2023-03-24T09:45:01.561513+00:00\n'],
  ['the year 9999, past exact microseconds', '9999-12-31T23:59:59.999999+00:00'],
  ['a time before 1970', '1969-12-31T23:59:59.999999+00:00'],
  ['an empty text', ''],
  ['a number', 1679651101],
])('a timestamp is rejected: %s', (_, text) => {
  expect(() => parse(schema, text)).toThrow('created_at_invalid');
});

test('any other text is rejected', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => parse(schema, text)).toThrow('created_at_invalid');
    }),
  );
});

test('the system clock shows the current time in microseconds', () => {
  const { now } = newDeps({ client: {} as never, name: 'none', runtime: systemRuntime });
  const before = Date.now();
  const times = Array.from({ length: 2_000 }, () => toMicros(now()));
  const after = Date.now();
  for (const time of times) {
    expect(time).toBeGreaterThanOrEqual(before * 1000);
    expect(time).toBeLessThan((after + 1) * 1000);
  }
  expect(new Set(times.map((time) => time % 1000)).size).toBeGreaterThan(10);
});

test('seconds are whole and rounded down, as TTL requires', () => {
  expect(toSeconds(fromMicros(1_700_000_000_999_999))).toBe(1_700_000_000);
});
