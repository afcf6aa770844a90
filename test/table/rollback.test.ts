import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { readability } from '../../admin/doctor/check-readability.ts';
import { examine, type Finding, repair } from '../../admin/doctor/examine.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { interceptedTable, justBefore } from '../support/intercepted-table.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, empty, load, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
const clock = clockAt('2026-11-27T12:00:00.000000+00:00');
let s: Scenario;
let ada: User;
let bob: User;
let cy: User;
let dan: User;

beforeEach(async () => {
  await empty(table);
  s = scenario(table, { now: clock.now });
  [ada, bob, cy, dan] = [await s.given.user(), await s.given.user(), await s.given.user(), await s.given.user()];
});

/** Prepares the table for version 0.2. @returns what was found, and what is left */
async function prepare(through: Table = table): Promise<{ found: Finding[]; left: Finding[] }> {
  const context = { ...scenario(through, { now: clock.now }).deps, grace: 0 };
  const [found, left]: [Finding[], Finding[]] = [[], []];
  for await (const diagnosis of examine(context, { segments: 1, examiner: readability })) {
    found.push(...diagnosis.findings);
    left.push(...(await repair(context, diagnosis, readability)));
  }
  return { found, left };
}

/** The codes of what this version's doctor finds. */
async function contradictions(): Promise<Set<string>> {
  const codes = new Set<string>();
  for await (const { findings } of examine({ ...s.deps, grace: 0 })) for (const { code } of findings) codes.add(code);
  return codes;
}

const itemAt = async (Key: items.Key) =>
  (await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }))).Item;

/**
 * What version 0.2 finds wrong: it knows seven kinds of items and pairs, compares the names in heads and rows with the users, and looks
 * for each row in the inbox, at the head's `inbox_at`.
 */
async function unreadable(): Promise<string[]> {
  const all = await dump(table);
  const found = new Map(all.map((item) => [`${item.pk} ${item.sk}`, item]));
  const at = ({ pk, sk }: items.Key) => found.get(`${pk} ${sk}`);
  const wrong: string[] = [];
  for (const item of all) {
    const name = `${item.pk} ${item.sk}`;
    if (!/^(MSG|GRP|HEAD|USR|HANDLE|COGNITO|SENT|PAIR)#/.test(name)) wrong.push(name);
    if (/^PAIR#/.test(name) && !item.message_group_uuid) wrong.push(name);
    if (!/^HEAD#/.test(name)) continue;
    const participants = item.participants as User[];
    for (const [n, { user_uuid, handle, display_name }] of participants.entries()) {
      const user = at(items.userKey(user_uuid));
      if (user?.handle !== handle || user?.display_name !== display_name) wrong.push(`${name} ${user_uuid}`);
      const other = participants[1 - n] as User;
      const newest = at(items.messageKey(item.message_group_uuid as Uuid, item.last_message_at as never));
      const row = at(items.inboxRowKey(user_uuid, item.inbox_at as never));
      const [sent, read] = [item.sent, item.read] as Record<string, number>[];
      const expected = {
        message_group_uuid: item.message_group_uuid,
        message: newest?.message,
        user_uuid: other.user_uuid,
        user_handle: other.handle,
        user_display_name: other.display_name,
        last_message_at: item.last_message_at,
        unread_count: (sent?.[other.user_uuid] ?? 0) - (read?.[user_uuid] ?? 0),
      };
      const same = Object.entries(expected).every(([attribute, value]) => row?.[attribute] === value);
      if (!same || item.shown_at !== item.last_message_at) wrong.push(`row of ${name} ${user_uuid}`);
      const rows = all.filter(
        ({ pk, message_group_uuid: of }) => pk === items.inbox(user_uuid) && of === expected.message_group_uuid,
      );
      if (rows.length !== 1) wrong.push(`${rows.length} rows of ${name} ${user_uuid}`);
    }
  }
  return wrong;
}

/** Everything that only new routes write, in four conversations and between users who have none. */
async function changedInEveryWay(): Promise<Message> {
  const first = await s.when.sends(ada, bob, 'first', 'key-1');
  const { message_group_uuid: conversation } = first;
  clock.move(1_000_000);
  const second = await s.when.sends(bob, ada, 'second');
  await s.when.edits(ada, first, 'edited');
  await s.when.deletes(bob, second);
  await s.when.mutes(ada, conversation);
  await s.when.marksUnread(bob, conversation);
  await s.when.projected(conversation);
  await s.when.clears(ada, second);
  // Where ada's hidden row would be in her inbox, there is that of another conversation.
  await s.when.sends(cy, ada, 'at the same microsecond');
  clock.move(1_000_000);
  const cleared = await s.when.sends(bob, cy, 'seen again');
  await s.when.clears(cy, cleared);
  clock.move(1_000_000);
  await s.when.sends(bob, cy, 'newer than what is cleared');
  await s.when.projected(cleared.message_group_uuid);
  await s.when.sends(dan, cy, 'not edited');
  await updateProfile(s.deps, dan, { display_name: 'New name', read_receipts: false });
  await s.when.blocks(ada, bob);
  await s.when.blocks(bob, ada);
  await s.when.blocks(bob, dan);
  await s.when.blocks(ada, dan);
  await s.when.unblocks(ada, dan);
  return second;
}

test('a table that new routes have changed in every way is readable for version 0.2 after it, and as sound as before', async () => {
  const newest = await changedInEveryWay();
  expect(await contradictions()).toEqual(new Set());
  expect((await unreadable()).length).toBeGreaterThan(10);

  const { found, left } = await prepare();
  expect(left).toEqual([]);
  const blocks = found
    .filter(({ code }) => code === 'rollback_block')
    .map(({ user_uuid, found: of }) => [user_uuid, of]);
  expect(new Set(blocks.map(String))).toEqual(
    new Set(
      [
        [ada, bob],
        [bob, ada],
        [bob, dan],
      ].map((pair) => String(pair.map((user) => user?.user_uuid))),
    ),
  );
  expect(new Set(found.map(({ code }) => code))).toEqual(
    new Set(['rollback_names', 'rollback_row_hidden', 'rollback_block', 'rollback_pair', 'rollback_search']),
  );
  expect(await unreadable()).toEqual([]);
  // For this version, too, nothing contradicts anything else: the functions that still run go on.
  expect(await contradictions()).toEqual(new Set(['search_differs']));

  const namesOf = ({ user_uuid, handle, display_name }: User) => ({ user_uuid, handle, display_name });
  const head = await itemAt(items.headKey(newest.message_group_uuid));
  expect(head).toMatchObject({
    participants: [namesOf(ada), namesOf(bob)],
    version: 2,
    shown_version: 2,
  });
  expect(head).not.toHaveProperty('cleared0');
  expect(head).not.toHaveProperty('blocked_by');
  const place = (head as items.Item).inbox_at as Timestamp;
  expect(place > newest.created_at).toBe(true); // the row of another conversation was in its way
  expect(await itemAt(items.inboxRowKey(ada.user_uuid, place))).toMatchObject({
    message: '',
    unread_count: 0,
    muted: true,
  });
  expect(await itemAt(items.pairKey(ada.user_uuid, bob.user_uuid))).toEqual({
    ...items.pairKey(ada.user_uuid, bob.user_uuid),
    message_group_uuid: newest.message_group_uuid,
  });
  // What is cleared, but hides no row, stays cleared for this version.
  const [seenAgain] = (await s.then.inbox(cy)).filter(({ message }) => message.startsWith('newer'));
  expect(await s.then.conversation(cy, seenAgain?.message_group_uuid as Uuid)).toHaveLength(1);
  await s.when.sends(ada, bob, 'no block');

  for await (const diagnosis of examine({ ...s.deps, grace: 0 }))
    expect(await repair({ ...s.deps, grace: 0 }, diagnosis)).toEqual([]);
  await s.when.projected(newest.message_group_uuid);
  expect(await contradictions()).toEqual(new Set());
});

test('a second preparation writes nothing', async () => {
  await changedInEveryWay();
  await prepare();
  const before = await dump(table);
  let writes = 0;
  const counted = interceptedTable(table, 'TransactWriteItemsCommand', (go) => {
    writes++;
    return go();
  });
  expect(await prepare(counted)).toEqual({ found: [], left: [] });
  expect(writes).toBe(0);
  expect(await dump(table)).toEqual(before);
});

test('a preparation that ends after any of its writes leaves nothing that another one does not finish', async () => {
  await changedInEveryWay();
  const context = { ...s.deps, grace: 0 };
  let runs = 0;
  for (let isDone = false; !isDone; runs++) {
    isDone = true;
    for await (const diagnosis of examine(context, { segments: 1, examiner: readability })) {
      isDone = false;
      await diagnosis.repair?.(); // one transaction
      break;
    }
    expect([...(await contradictions())].filter((code) => code !== 'search_differs')).toEqual([]);
  }
  expect(runs).toBeGreaterThan(5);
  expect(await unreadable()).toEqual([]);
});

test('names that a user has changed since a row was written get into the row', async () => {
  const { message_group_uuid: conversation, created_at } = await s.when.sends(ada, bob, 'first');
  await updateProfile(s.deps, ada, { display_name: 'New name' });
  await prepare();
  expect(await itemAt(items.inboxRowKey(bob.user_uuid, created_at))).toMatchObject({
    user_display_name: 'New name',
  });
  // Another process had the old name in mind, and so did its row.
  await change(items.inboxRowKey(bob.user_uuid, created_at), 'user_display_name', 'Old name');
  expect((await prepare()).found).toMatchObject([
    { code: 'rollback_names', message_group_uuid: conversation, field: 'inbox row' },
  ]);
  expect(await unreadable()).toEqual([]);
});

const change = (Key: items.Key, attribute: string, value: unknown) =>
  table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key,
      UpdateExpression: 'SET #attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': value },
    }),
  );

test('rows that move between two reads of a preparation are read again', async () => {
  const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
  await dropSearchItems();
  clock.move(1_000_000);
  await s.when.sends(bob, ada, 'second');
  await change(items.userKey(ada.user_uuid), 'display_name', 'New name');
  await change(items.headKey(conversation), 'participants', [{ ...ada, display_name: 'New name' }, bob]);
  const moving = justBefore(table, 'TransactGetItemsCommand', () => s.when.projected(conversation)); // with the old name, which it remembers
  await prepare(moving);
  expect((await unreadable()).filter((name) => name.startsWith('row'))).toEqual([]);
});

test('a message and its projection during a preparation are not lost, and double no row', async () => {
  const first = await s.when.sends(ada, bob, 'first');
  await s.when.clears(bob, first);
  await dropSearchItems();
  clock.move(1_000_000);
  const busy = justBefore(table, 'TransactWriteItemsCommand', async () => {
    await s.when.sends(ada, bob, 'second');
    await s.when.projected(first.message_group_uuid);
  });
  expect((await prepare(busy)).left).toEqual([]);
  await s.when.projected(first.message_group_uuid);
  expect(await unreadable()).toEqual([]);
  expect(await contradictions()).toEqual(new Set(['search_differs']));
});

test('a first contact during a preparation keeps its pair', async () => {
  await s.when.blocks(ada, bob);
  await s.when.unblocks(ada, bob);
  await dropSearchItems();
  const late = justBefore(table, 'TransactWriteItemsCommand', () => s.when.sends(ada, bob, 'first'));
  expect((await prepare(late)).left).toEqual([]);
  expect(await contradictions()).toEqual(new Set(['search_differs']));
  expect(await unreadable()).toEqual([]);
});

/** So that the first write of a preparation is that of a conversation or pair. */
async function dropSearchItems(): Promise<void> {
  const kept = (await dump(table)).filter(({ pk }) => !String(pk).startsWith('NAME#'));
  await empty(table);
  await load(table, kept);
}
