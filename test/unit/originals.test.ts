import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { type MergedConversation, Originals } from '../../admin/import/merge-originals.ts';
import { type OriginalItem, readOriginalItem } from '../../admin/import/original-items.ts';
import { readTime, zoneOffset } from '../../admin/import/original-time.ts';
import { CommandError } from '../../bin/console/command-error.ts';
import { itemsOf } from '../../bin/console/item-file.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Handle, User } from '../../core/model/user.ts';
import type { Item } from '../../core/table/items.ts';
import { originalMessage, originalRow, originalUser } from '../support/originals.ts';

const utc = zoneOffset('UTC');

describe('a time of the original service', () => {
  test.each([
    ['2023-03-24T09:45:01.561513+00:00', '2023-03-24T09:45:01.561513+00:00'],
    ['2023-03-24T05:45:01.561513-04:00', '2023-03-24T09:45:01.561513+00:00'],
    ['2023-03-24T15:15:01.561513+0530', '2023-03-24T09:45:01.561513+00:00'],
    ['2023-03-24T09:45:01Z', '2023-03-24T09:45:01.000000+00:00'],
    ['2023-03-24 09:45:01.5', '2023-03-24T09:45:01.500000+00:00'],
    ['2023-03-24T09:45:01.561513999', '2023-03-24T09:45:01.561513+00:00'],
    ['2023-12-31T23:59:59-10:00', '2024-01-01T09:59:59.000000+00:00'],
  ])('%s is %s', (text, expected) => {
    expect(readTime(text, utc)).toBe(expected);
  });

  test.each([
    ['2024-07-01T12:00:00', 'America/Toronto', '2024-07-01T16:00:00.000000+00:00'],
    ['2024-01-01T12:00:00', 'America/Toronto', '2024-01-01T17:00:00.000000+00:00'],
    ['2024-03-31T01:59:59', 'Europe/Berlin', '2024-03-31T00:59:59.000000+00:00'],
    ['2024-03-31T03:00:00', 'Europe/Berlin', '2024-03-31T01:00:00.000000+00:00'],
    ['2024-07-01T12:00:00', '+05:30', '2024-07-01T06:30:00.000000+00:00'],
    ['2024-07-01T12:00:00Z', 'Europe/Berlin', '2024-07-01T12:00:00.000000+00:00'],
  ])('%s in %s is %s', (text, zone, expected) => {
    expect(readTime(text, zoneOffset(zone))).toBe(expected);
  });

  test.each([
    '',
    'yesterday',
    '2023-03-24',
    '2023-02-30T00:00:00Z',
    '2023-03-24T25:00:00Z',
    '2023-03-24T09:45:01+24:00',
    '2023-03-24T09:45:01 UTC',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+01:00',
    '2023-03-24T09:45:01.',
    '1679651101',
  ])('"%s" is refused', (text) => {
    expect(readTime(text, utc)).toBeUndefined();
  });
});

const ana = originalUser('ana');
const ben = originalUser('ben');
const at = (minute: number) => `2023-03-24T05:${String(minute).padStart(2, '0')}:00-04:00`;
const options = { offsetOf: utc, latest: '2023-03-26T00:00:00.000000+00:00' as Timestamp };
const read = (item: Item) => readOriginalItem(item, options);

describe('an item that cannot be imported is named with its key, the reason and the field:', () => {
  const group = randomUUID();
  const message = originalMessage(group, ana, at(1), 'a secret');
  const row = originalRow(group, ana, ben, at(1));
  const without = (item: Item, name: string) =>
    Object.fromEntries(Object.entries(item).filter(([key]) => key !== name));

  test.each<[string, Item, object]>([
    ['an unknown prefix', { ...message, pk: `ROOM#${group}` }, { reason: 'item_unknown' }],
    ['no key', without(message, 'pk'), { reason: 'item_unknown' }],
    ['no id', without(message, 'message_uuid'), { reason: 'field_missing', field: 'message_uuid' }],
    ['no text', without(message, 'message'), { reason: 'field_missing', field: 'message' }],
    ['no sender', without(message, 'user_uuid'), { reason: 'field_missing', field: 'user_uuid' }],
    ['no time', without(message, 'sk'), { reason: 'field_missing', field: 'sk' }],
    ['no UUID', { ...message, pk: 'MSG#general' }, { reason: 'uuid_invalid', field: 'pk' }],
    ['an id that is no UUID', { ...message, message_uuid: '7' }, { reason: 'uuid_invalid', field: 'message_uuid' }],
    ['a malformed time', { ...message, sk: '24.3.2023' }, { reason: 'time_invalid', field: 'sk' }],
    ['a time in the future', { ...message, sk: '2023-03-26T00:00:01Z' }, { reason: 'time_in_future', field: 'sk' }],
    ['an empty text', { ...message, message: '' }, { reason: 'message_blank', field: 'message' }],
    [
      'a text that is too long',
      { ...message, message: '🙂'.repeat(1025) },
      { reason: 'message_exceed_max_chars', field: 'message' },
    ],
    ['half a surrogate pair', { ...message, message: 'a\ud83d' }, { reason: 'message_invalid', field: 'message' }],
    [
      'a row without conversation',
      without(row, 'message_group_uuid'),
      { reason: 'field_missing', field: 'message_group_uuid' },
    ],
    ['a row without the other user', without(row, 'user_uuid'), { reason: 'field_missing', field: 'user_uuid' }],
    ['a row without owner', { ...row, pk: 'GRP#' }, { reason: 'field_missing', field: 'pk' }],
  ])('%s', (_, item, expected) => {
    const result = read(item);
    expect(result).toEqual({ bad: { key: `${item.pk ?? '?'} ${item.sk ?? '?'}`, ...expected } });
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  test('a text of 1024 code points is none', () => {
    expect(read({ ...message, message: '🙂'.repeat(1024) })).toHaveProperty('message');
  });
});

describe('merging', () => {
  const ours = (handle: string): User => ({
    user_uuid: `our-${handle}` as Uuid,
    handle: handle as Handle,
    display_name: handle,
  });
  const userOf = (id: string) =>
    [ana, ben].filter((user) => user.user_uuid === id).map(({ handle }) => ours(handle))[0];
  const merge = (...items: Item[]) => {
    const originals = new Originals();
    for (const item of items) originals.add(read(item) as Exclude<OriginalItem, { bad: unknown }>);
    return originals.merge(userOf);
  };
  const textsOf = ({ messages }: MergedConversation) => messages.map(({ text, by }) => `${by} ${text}`);
  const [one, other] = [randomUUID(), randomUUID()];

  test('makes one conversation of those of a pair, in the order of their times, whatever their order in the source', () => {
    const items = [
      originalMessage(other, ben, at(4), 'd'),
      originalRow(other, ben, ana, at(4)),
      originalMessage(one, ana, at(1), 'a'),
      originalMessage(other, ben, '2023-03-24T09:02:00+00:00', 'b'),
      originalMessage(one, ben, '2023-03-24T11:03:00+02:00', 'c'),
    ];
    const { conversations, badConversations, badItems } = merge(...items);
    expect({ badConversations, badItems }).toEqual({ badConversations: [], badItems: [] });
    expect(conversations.map(({ uuids }) => uuids)).toEqual([[one, other]]);
    expect(conversations.map(textsOf)).toEqual([['0 a', '1 b', '1 c', '1 d']]);
    expect(merge(...items.toReversed()).conversations).toMatchObject([
      { uuids: [one, other], messages: conversations[0]?.messages },
    ]);
  });

  test('orders messages of the same time by their ids, and counts a repeated id once', () => {
    const [first, second] = [randomUUID(), randomUUID()].sort() as [string, string];
    const items = [
      originalMessage(one, ana, at(1), 'second', second),
      originalMessage(one, ben, at(1), 'first', first),
      originalMessage(other, ana, '2023-03-24T09:01:00Z', 'second', second),
    ];
    const { conversations, badItems } = merge(...items);
    expect(conversations.map(textsOf)).toEqual([['1 first', '0 second']]);
    expect(badItems).toEqual([]);
  });

  test('leaves out a message whose id another one has, and does not count its item as used', () => {
    const id = randomUUID();
    const [row, kept, again, changed] = [
      originalRow(one, ben, ana, at(3)),
      originalMessage(one, ana, at(1), 'kept', id),
      originalMessage(one, ana, '2023-03-24T09:01:00Z', 'kept', id),
      originalMessage(one, ana, at(3), 'changed', id),
    ] as [Item, Item, Item, Item];
    const { conversations, badItems } = merge(row, changed, again, kept);
    expect(conversations.map(textsOf)).toEqual([['0 kept']]);
    expect(badItems).toEqual([{ key: `MSG#${one} ${at(3)}`, reason: 'message_uuid_doubled', field: 'message_uuid' }]);
    const keysOf = ({ pk, sk }: Item) => ({ pk, sk });
    expect(conversations[0]?.keys).toHaveLength(3);
    expect(conversations[0]?.keys).toEqual(expect.arrayContaining([row, kept, again].map(keysOf)));
  });

  test.each<[string, Item[], object]>([
    [
      'a user who is unknown here',
      [originalMessage(one, ana, at(1), 'a'), originalRow(one, ana, originalUser('eve', 'e'), at(1))],
      { reason: 'user_unknown', users: [{ user_uuid: 'e', handle: 'eve' }] },
    ],
    [
      'a third user',
      [
        originalMessage(one, ana, at(1), 'a'),
        originalMessage(one, ben, at(1), 'b'),
        originalRow(one, ana, ana, at(1)),
      ].concat(originalMessage(one, originalUser('eve', 'e'), at(2), 'c')),
      { reason: 'user_unknown', users: [{ user_uuid: 'e', handle: 'eve' }] },
    ],
    ['one user alone', [originalMessage(one, ana, at(1), 'a')], { reason: 'users_not_two' }],
    ['rows without a message', [originalRow(one, ana, ben, at(1))], { reason: 'messages_missing' }],
  ])('leaves out a conversation with %s as a whole', (_, items, expected) => {
    const { conversations, badConversations } = merge(...items);
    expect(conversations).toEqual([]);
    expect(badConversations).toEqual([{ message_group_uuids: [one], ...expected }]);
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'items-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const items = [
    originalMessage(randomUUID(), ana, at(1), 'line\u2028separator\n"{}'),
    originalRow(randomUUID(), ana, ben, at(1)),
  ];
  const stored = items.map((item) => marshall(item));
  const lines = (values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const all = async (read: AsyncIterable<Item>) => {
    const found: Item[] = [];
    for await (const item of read) found.push(item);
    return found;
  };
  const write = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test.each<[string, string, string | Buffer]>([
    ['the output of a scan', 'a.json', JSON.stringify({ Items: stored, Count: 2 }, undefined, 4)],
    ['the same on one line', 'b.json', JSON.stringify({ Items: stored })],
    ['an export to S3', 'c.json', lines(stored.map((Item) => ({ Item })))],
    ['the same, packed', 'd.json.gz', gzipSync(lines(stored.map((Item) => ({ Item }))))],
    ['the output of bin/ddb scan --json', 'e', lines(items).trimEnd()],
    ['lines that end as on Windows, and empty ones', 'f', `\ufeff${lines(items).replaceAll('\n', '\r\n')}\r\n`],
  ])('with %s is read', async (_, name, content) => {
    expect(await all(itemsOf(write(name, content)))).toEqual(items);
  });

  test('that is empty holds no item', async () => {
    expect(await all(itemsOf(write('empty', '\n')))).toEqual([]);
  });

  test.each<[string, string, string | Buffer]>([
    ['text', 'g', 'no items'],
    ['half a line', 'h', lines(items).slice(0, -9)],
    ['half a scan', 'i', JSON.stringify({ Items: stored }, undefined, 4).slice(0, -9)],
    ['half a packed file', 'j.gz', gzipSync(lines(items)).subarray(0, -9)],
    ['what is not packed', 'k.gz', lines(items)],
    ['what is not UTF-8', 'l', Buffer.from('{"pk": "caf\xe9"}', 'latin1')],
  ])('with %s is rejected in one line', async (_, name, content) => {
    const reading = all(itemsOf(write(name, content)));
    await expect(reading).rejects.toThrow(CommandError);
    await expect(reading).rejects.toThrow(/^.+$/);
  });

  test('that does not exist is rejected in one line', async () => {
    await expect(all(itemsOf(join(folder, 'missing.gz')))).rejects.toThrow(CommandError);
  });
});
