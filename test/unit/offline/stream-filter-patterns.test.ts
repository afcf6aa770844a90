import { expect, test } from 'vitest';
import { compileFilters } from '../../../offline/stream/filter-patterns.ts';

const message = {
  eventName: 'INSERT',
  dynamodb: {
    Keys: { pk: { S: 'MSG#grahams' } },
    NewImage: { pk: { S: 'MSG#grahams' }, empty: { S: '' }, gone: { NULL: true }, tags: { SS: ['red', 'green'] } },
    SizeBytes: 26,
  },
};
const wants = (...patterns: unknown[]) => compileFilters(patterns)(message);
const inImage = (name: string, type: string, ...conditions: unknown[]) => ({
  dynamodb: { NewImage: { [name]: { [type]: conditions } } },
});

test('the filter pattern of projectInbox matches new messages only', () => {
  const wanted = compileFilters([{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'MSG#' }] } } } }]);
  expect(wanted(message)).toBe(true);
  expect(wanted({ ...message, eventName: 'MODIFY' })).toBe(false);
  expect(wanted({ ...message, dynamodb: { Keys: { pk: { S: 'GRP#MSG#' } } } })).toBe(false);
});

test('without a pattern every record matches', () => {
  expect(compileFilters(undefined)(message)).toBe(true);
  expect(wants()).toBe(true);
});

test('all keys, one value of a list and one pattern must match', () => {
  expect(wants({ eventName: ['INSERT'], dynamodb: { SizeBytes: [27] } })).toBe(false);
  expect(wants({ eventName: ['REMOVE', 'INSERT'] })).toBe(true);
  expect(wants({ eventName: ['REMOVE'] }, { eventName: ['INSERT'] })).toBe(true);
  expect(wants({ eventName: ['REMOVE'] }, { eventName: ['MODIFY'] })).toBe(false);
});

test('exact values are compared without conversion', () => {
  expect(wants({ dynamodb: { SizeBytes: [26] } })).toBe(true);
  expect(wants({ dynamodb: { SizeBytes: ['26'] } })).toBe(false);
  expect(wants({ eventName: ['insert'] })).toBe(false);
  expect(wants(inImage('gone', 'NULL', true))).toBe(true);
});

test('null, the empty string and a missing value differ', () => {
  expect(wants(inImage('empty', 'S', ''))).toBe(true);
  expect(wants(inImage('empty', 'S', null))).toBe(false);
  expect(wants(inImage('absent', 'S', ''))).toBe(false);
  expect(wants(inImage('absent', 'S', null))).toBe(false);
  expect(compileFilters([{ detail: [null] }])({ detail: null })).toBe(true);
});

test('exists applies to leaf nodes only', () => {
  expect(wants(inImage('pk', 'S', { exists: true }))).toBe(true);
  expect(wants(inImage('pk', 'S', { exists: false }))).toBe(false);
  expect(wants(inImage('absent', 'S', { exists: false }))).toBe(true);
  expect(wants({ dynamodb: { OldImage: { pk: { S: [{ exists: false }] } } } })).toBe(true);
  expect(wants({ dynamodb: { NewImage: [{ exists: true }] } })).toBe(false);
});

test('a list in the record matches by any of its elements', () => {
  expect(wants(inImage('tags', 'SS', 'green'))).toBe(true);
  expect(wants(inImage('tags', 'SS', { prefix: 'gr' }))).toBe(true);
  expect(wants(inImage('tags', 'SS', 'blue'))).toBe(false);
});

test('in a list of objects one element must match all keys', () => {
  const wanted = compileFilters([{ L: { a: [1], b: [2] } }]);
  expect(wanted({ L: [{ a: 1, b: 2 }] })).toBe(true);
  expect(wanted({ L: [{ a: 1 }, { b: 2 }] })).toBe(false);
});

test('inherited properties of a record do not match', () => {
  expect(compileFilters([{ constructor: { name: ['Object'] } }])({})).toBe(false);
});

test.each([
  [{ eventName: 'INSERT' }],
  [{ eventName: [] }],
  [{ eventName: [{ 'anything-but': 'INSERT' }] }],
  [{ dynamodb: { SizeBytes: [{ numeric: ['>', 1] }] } }],
  [{ eventName: [{ suffix: 'T' }] }],
  [{ eventName: [{ 'equals-ignore-case': 'insert' }] }],
  [{ eventName: [{ prefix: { 'equals-ignore-case': 'in' } }] }],
  [{ eventName: [{ prefix: 'I', exists: true }] }],
  [{ eventName: [{ exists: 'yes' }] }],
  [{ eventName: [['INSERT']] }],
  [{ $or: [{ eventName: ['INSERT'] }] }],
  [{ dynamodb: {} }],
  [{}],
  ['INSERT'],
  [null],
])('the unsupported pattern %j stops the start', (pattern) => {
  expect(() => compileFilters([pattern])).toThrow();
});
