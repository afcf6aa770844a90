import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { conversationItems, handleItems, inboxItems, stranger } from '../../../bench/growth/items.ts';
import { batches, batchSize } from '../../../bench/projector/world.ts';
import type { Uuid } from '../../../core/model/id.ts';
import { source } from '../../support/stream-layer.ts';
import { insertRecord } from '../../support/stream-record.ts';

const keysOf = (all: { pk?: unknown; sk?: unknown }[]) => new Set(all.map(({ pk, sk }) => `${pk} ${sk}`));

test('a generated conversation has numbered messages and the head that counts them', () => {
  const all = [...conversationItems([stranger('ada'), stranger('bob')], randomUUID() as string as Uuid, 25)];
  const head = all.pop();
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
  expect(Object.values(head?.sent as object)).toEqual([13, 12]);
  expect(head?.last_message_at).toBe(all.at(-1)?.sk);
  expect(head?.shown_at).toBe(head?.last_message_at);
});

test('a generated inbox and generated handles have one partition each, and as many keys as items', () => {
  for (const generated of [inboxItems(stranger('ada'), 30), handleItems('x', 30)]) {
    const all = [...generated];
    expect(keysOf(all).size).toBe(30);
    expect(new Set(all.map(({ pk }) => pk)).size).toBe(1);
  }
});

test('records are divided into batches of the size that serverless.yml sets', () => {
  expect(batchSize).toBe(source.batchSize);
  const records = Array.from({ length: 2 * batchSize + 1 }, (_, n) => insertRecord({ pk: 'MSG#a', sk: String(n) }));
  const divided = [...batches(records)];
  expect(divided.map(({ length }) => length)).toEqual([batchSize, batchSize, 1]);
  expect(divided.flat()).toEqual(records);
});
