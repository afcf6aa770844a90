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
import { findings } from '../support/doctor-fixture.ts';
import { injectFaults } from '../support/faults.ts';
import { scenario } from '../support/scenario.ts';
import { dump, empty, load, localConfig, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
const { given, when, then, deps } = scenario(table);
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

describe('an imported conversation is stored as if its messages had been sent here,', () => {
  test.each([1, 94, 95, 250])('with %i message(s)', async (count) => {
    const progress: number[] = [];
    const imported = conversation(count);
    expect(await importConversation(deps, imported, (stored) => progress.push(stored))).toBe(true);
    expect(progress.reduce((sum, n) => sum + n, 0)).toBe(count);
    const stored = await then.conversation(ada, imported.message_group_uuid);
    expect(stored.map(({ message, seq }) => [message, seq])).toEqual(
      Array.from({ length: count }, (_, n) => [`line ${n + 1}`, n + 1]),
    );
    const bobs = stored.filter(({ sender }) => sender.user_uuid === bob.user_uuid).length;
    expect(await then.inbox(ada)).toMatchObject([{ message: `line ${count}`, unread_count: Math.min(2, bobs) }]);
    expect(await then.inbox(bob)).toMatchObject([{ message: `line ${count}`, unread_count: 0 }]);
    expect(await findings(context)).toEqual([]);
  });
});

test('an imported conversation accepts further messages', async () => {
  const imported = conversation(100);
  await importConversation(deps, imported);
  const sent = await when.sends(bob, ada, 'sent after the import');
  expect(sent).toMatchObject({ message_group_uuid: imported.message_group_uuid, seq: 101 });
  await when.projected(sent.message_group_uuid);
  expect(await then.inbox(ada)).toMatchObject([{ message: 'sent after the import', unread_count: 3 }]);
  expect(await findings(context)).toEqual([]);
});

test('an import for two users who have a conversation already writes nothing', async () => {
  const { message_group_uuid } = await when.sends(ada, bob, 'hello');
  await when.projected(message_group_uuid);
  const before = await dump(table);
  expect(await importConversation(deps, conversation(200))).toBe(false);
  expect(await importConversation(deps, conversation(3, { message_group_uuid }))).toBe(false);
  expect(await dump(table)).toEqual(before);
});

test('two concurrent imports for one pair store one conversation', async () => {
  const other = scenario(openTable(table.name, localConfig(dynamodbEndpoint))).deps;
  const outcomes = await Promise.all([
    importConversation(deps, conversation(50)),
    importConversation(other, conversation(50)),
  ]);
  expect(outcomes.sort()).toEqual([false, true]);
  expect(await findings(context)).toEqual([]);
});

test('an imported row whose sort key is taken gets the next free one', async () => {
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

test('the next batch removes a row even if it had got a later sort key', async () => {
  const endOfFirst = fromMicros(start + 93 * 1_000);
  await load(table, [{ ...inboxRowKey(bob.user_uuid, endOfFirst), message_group_uuid: randomUUID() }]);
  await importConversation(deps, conversation(100));
  expect(await dump(table, `GRP#${ada.user_uuid}`)).toHaveLength(1);
});

test('an import that ends early leaves a shorter, consistent conversation', async () => {
  const shaky = scenario(openTable(table.name, localConfig(dynamodbEndpoint)), { retryBudget: 50 }).deps;
  injectFaults(shaky.table, [undefined, undefined, ...Array(1_000).fill('conflict')]);
  const imported = conversation(250);
  await expect(importConversation(shaky, imported)).rejects.toThrow(/^message_group_busy$/);
  expect(await then.conversation(ada, imported.message_group_uuid)).toHaveLength(188);
  expect(await findings(context)).toEqual([]);
});

test('an import stops when a user sends into its conversation, and keeps that message', async () => {
  const interrupted = scenario(openTable(table.name, localConfig(dynamodbEndpoint))).deps;
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
  const imported = conversation(250);
  await expect(importConversation(interrupted, imported)).rejects.toThrow(/^message_group_busy$/);
  const stored = await then.conversation(ada, imported.message_group_uuid);
  expect(stored.map(({ message }) => message).slice(93)).toEqual(['line 94', 'meanwhile']);
  await when.projected(imported.message_group_uuid);
  expect(await findings(context)).toEqual([]);
});
