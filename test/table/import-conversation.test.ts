import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ImportedConversation } from '../../admin/import/import-batches.ts';
import { importConversation } from '../../admin/import/import-conversation.ts';
import type { Uuid } from '../../core/model/id.ts';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable } from '../../core/table/client.ts';
import { inboxRowKey } from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { tamper } from '../support/faults.ts';
import { dump, empty, load, localConfig, newTable } from '../support/table.ts';
import { findings } from '../support/town.ts';
import { world } from '../support/world.ts';

const table = await newTable(dynamodbEndpoint);
const { given, when, then, deps } = world(table);
const context = { ...deps, grace: 0 };
const start = toMicros('2024-02-29T12:00:00.000000+00:00' as Timestamp);

let ada: User;
let bob: User;
beforeEach(async () => {
  await empty(table);
  [ada, bob] = [await given.user(), await given.user()];
});

const conversation = (count: number, more: Partial<ImportedConversation> = {}): ImportedConversation => ({
  message_group_uuid: randomUUID() as string as Uuid,
  participants: [ada, bob],
  messages: Array.from({ length: count }, (_, n) => ({
    by: n % 3 ? 1 : 0,
    message_uuid: randomUUID() as string as Uuid,
    message: `line ${n + 1}`,
    at: fromMicros(start + n * 1_000),
  })),
  unread: [0, 2],
  ...more,
});

describe('a conversation of any length is stored as if it had been written here', () => {
  test.each([1, 94, 95, 250])('%i messages', async (count) => {
    const told: number[] = [];
    const talk = conversation(count);
    expect(await importConversation(deps, talk, (stored) => told.push(stored))).toBe(true);
    expect(told.reduce((sum, n) => sum + n, 0)).toBe(count);
    const stored = await then.conversation(ada, talk.message_group_uuid);
    expect(stored.map(({ message, seq }) => [message, seq])).toEqual(
      Array.from({ length: count }, (_, n) => [`line ${n + 1}`, n + 1]),
    );
    const bobs = stored.filter(({ sender }) => sender.user_uuid === bob.user_uuid).length;
    expect(await then.inbox(ada)).toMatchObject([{ message: `line ${count}`, unread_count: Math.min(2, bobs) }]);
    expect(await then.inbox(bob)).toMatchObject([{ message: `line ${count}`, unread_count: 0 }]);
    expect(await findings(context)).toEqual([]);
  });
});

test('and goes on here', async () => {
  const talk = conversation(100);
  await importConversation(deps, talk);
  const sent = await when.sends(bob, ada, 'and here');
  expect(sent).toMatchObject({ message_group_uuid: talk.message_group_uuid, seq: 101 });
  await when.projected(sent.message_group_uuid);
  expect(await then.inbox(ada)).toMatchObject([{ message: 'and here', unread_count: 3 }]);
  expect(await findings(context)).toEqual([]);
});

test('two who have a conversation keep it, and nothing is written', async () => {
  const { message_group_uuid } = await when.sends(ada, bob, 'hello');
  await when.projected(message_group_uuid);
  const before = await dump(table);
  expect(await importConversation(deps, conversation(200))).toBe(false);
  expect(await importConversation(deps, conversation(3, { message_group_uuid }))).toBe(false);
  expect(await dump(table)).toEqual(before);
});

test('loaded twice at once it is there once', async () => {
  const other = world(openTable(table.name, localConfig(dynamodbEndpoint))).deps;
  const outcomes = await Promise.all([
    importConversation(deps, conversation(50)),
    importConversation(other, conversation(50)),
  ]);
  expect(outcomes.sort()).toEqual([false, true]);
  expect(await findings(context)).toEqual([]);
});

test('a taken place is left to whoever sits there', async () => {
  const newest = fromMicros(start + 99 * 1_000);
  const squatter = { ...inboxRowKey(ada.user_uuid, newest), message_group_uuid: randomUUID(), message: 'mine' };
  await load(table, [squatter]);
  await importConversation(deps, conversation(100));
  const rows = await dump(table, `GRP#${ada.user_uuid}`);
  expect(rows[0]).toEqual(squatter);
  expect(rows.slice(1)).toMatchObject([{ sk: fromMicros(start + 99 * 1_000 + 1), last_message_at: newest }]);
  await when.projected((await when.sends(ada, bob, 'moves on')).message_group_uuid);
  expect(await dump(table, `GRP#${ada.user_uuid}`)).toHaveLength(2);
});

test('the row of an earlier batch goes from where it really sits', async () => {
  const endOfFirst = fromMicros(start + 93 * 1_000);
  await load(table, [{ ...inboxRowKey(bob.user_uuid, endOfFirst), message_group_uuid: randomUUID() }]);
  await importConversation(deps, conversation(100));
  expect(await dump(table, `GRP#${ada.user_uuid}`)).toHaveLength(1);
});

test('ended in the middle it is shorter, and whole', async () => {
  const shaky = world(openTable(table.name, localConfig(dynamodbEndpoint)), { retryBudget: 50 }).deps;
  tamper(shaky.table, [undefined, undefined, ...Array(1_000).fill('conflict')]);
  const talk = conversation(250);
  await expect(importConversation(shaky, talk)).rejects.toThrow(/^message_group_busy$/);
  expect(await then.conversation(ada, talk.message_group_uuid)).toHaveLength(188);
  expect(await findings(context)).toEqual([]);
});

test('whoever writes into it meanwhile is not written over: it ends there', async () => {
  const interrupted = world(openTable(table.name, localConfig(dynamodbEndpoint))).deps;
  let transactions = 0;
  interrupted.table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'TransactWriteItemsCommand' && ++transactions === 2)
          await when.sends(bob, ada, 'meanwhile');
        return next(args);
      },
    { step: 'initialize' },
  );
  const talk = conversation(250);
  await expect(importConversation(interrupted, talk)).rejects.toThrow(/^message_group_busy$/);
  const stored = await then.conversation(ada, talk.message_group_uuid);
  expect(stored.map(({ message }) => message).slice(93)).toEqual(['line 94', 'meanwhile']);
  await when.projected(talk.message_group_uuid);
  expect(await findings(context)).toEqual([]);
});
