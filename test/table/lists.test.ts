import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findUser } from '../../core/find-user.ts';
import { findUsers } from '../../core/find-users.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages } from '../../core/list-messages.ts';
import type { Uuid } from '../../core/model/id.ts';
import { inboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { headOf, inboxRowItem } from '../../core/table/items.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { freshToken } from '../support/fresh-token.ts';
import { originalMessage, originalRow } from '../support/originals.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;
const clock = clockAt('2023-12-31T23:59:58.000000+00:00');

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table, { now: clock.now });
});

beforeEach(async () => {
  [ada, bob] = [await s.given.user(), await s.given.user()];
});

const cursorOf = (next: object | undefined) => (next && 'cursor' in next ? (next.cursor as string) : undefined);

async function conversationOf(length: number): Promise<Message[]> {
  const sent = [await s.when.sends(ada, bob, 'm1')];
  for (let n = 2; n <= length; n++) {
    clock.move(300_000); // crosses New Year on the way
    sent.push(await s.when.sendsIn(n % 2 ? ada : bob, sent[0]?.message_group_uuid as Uuid, `m${n}`));
  }
  return sent;
}

describe('listing the messages of a conversation', () => {
  test('starts with the newest page, oldest message first, and its cursors lead to the oldest message', async () => {
    const sent = await conversationOf(25);
    const [{ message_group_uuid }] = sent as [Message];
    const pages: Message[][] = [];
    let cursor: string | undefined;
    do {
      const page = await listMessages(s.deps, bob, { message_group_uuid, limit: 10, cursor });
      pages.push(page.messages);
      cursor = cursorOf(page.next);
    } while (cursor);
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(pages.reverse().flat()).toEqual(sent);
  });

  test.each([1, 5, 6, 7])(
    'in pages of %i returns each message exactly once, and ends without an empty page',
    async (limit) => {
      const sent = await conversationOf(6);
      const [{ message_group_uuid }] = sent as [Message];
      const pages: Message[][] = [];
      let cursor: string | undefined;
      do {
        const page = await listMessages(s.deps, ada, { message_group_uuid, limit, cursor });
        expect(page.messages.length).toBeGreaterThan(0);
        pages.unshift(page.messages);
        cursor = cursorOf(page.next);
      } while (cursor);
      expect(pages.flat()).toEqual(sent);
    },
  );

  test('with `after` returns the messages after that time, and `after` for the next page', async () => {
    const sent = await conversationOf(6);
    const [{ message_group_uuid, created_at }] = sent as [Message];
    const one = await listMessages(s.deps, ada, { message_group_uuid, after: created_at, limit: 3 });
    expect(one.messages).toEqual(sent.slice(1, 4));
    expect(one.next).toEqual({ after: sent[3]?.created_at });
    const two = await listMessages(s.deps, ada, { message_group_uuid, limit: 3, ...one.next });
    expect(two.messages).toEqual(sent.slice(4));
    expect(two.next).toBeUndefined();
    const none = await listMessages(s.deps, ada, { message_group_uuid, after: sent.at(-1)?.created_at });
    expect(none).toEqual({ messages: [], limit: 20, seen: 0 });
  });

  test('returns 20 messages by default', async () => {
    const [{ message_group_uuid }] = (await conversationOf(22)) as [Message];
    expect((await listMessages(s.deps, ada, { message_group_uuid })).messages).toHaveLength(20);
  });

  test('returns a hundred of the largest messages in one page', async () => {
    const largest = '😀'.repeat(1024);
    const [{ message_group_uuid }] = (await conversationOf(1)) as [Message];
    for (let n = 0; n < 100; n++) await s.when.sendsIn(ada, message_group_uuid, largest);
    const page = await listMessages(s.deps, ada, { message_group_uuid, limit: 100 });
    expect(page.messages.every(({ message }) => message === largest)).toBe(true);
    expect(page.messages).toHaveLength(100);
    expect((await listMessages(s.deps, ada, { message_group_uuid, limit: 100, ...page.next })).messages).toHaveLength(
      1,
    );
  });

  test.each([0, 101, -1, 1.5, '', 'x', '1e1', ' 5', '+5', '0x10', null, NaN])('rejects the limit %j', async (limit) => {
    const message_group_uuid = randomUUID();
    await expect(listMessages(s.deps, ada, { message_group_uuid, limit })).rejects.toThrow(/^limit_invalid$/);
  });

  test('rejects invalid uuids, times and cursors, and cursor together with after', async () => {
    const [{ message_group_uuid, created_at }] = (await conversationOf(3)) as [Message];
    const page = await listMessages(s.deps, ada, { message_group_uuid, limit: 1 });
    const cursor = cursorOf(page.next);
    const list = (input: object, me = ada) => listMessages(s.deps, me, { message_group_uuid, ...input });
    await expect(list({ message_group_uuid: 'x' })).rejects.toThrow(/^message_group_uuid_invalid$/);
    await expect(list({ after: '2023' })).rejects.toThrow(/^after_invalid$/);
    await expect(list({ cursor: `${cursor}x` })).rejects.toThrow(/^cursor_invalid$/);
    await expect(list({ cursor: '' })).rejects.toThrow(/^cursor_invalid$/);
    await expect(list({ cursor, after: created_at })).rejects.toThrow(/^cursor_invalid$/);
    await expect(list({ cursor }, bob)).rejects.toThrow(/^cursor_invalid$/);
    await expect(listMessageGroups(s.deps, ada, { cursor })).rejects.toThrow(/^cursor_invalid$/);
  });

  test('gives a stranger the same error as a caller who names an unknown conversation', async () => {
    const [{ message_group_uuid }] = (await conversationOf(1)) as [Message];
    const eve = await s.given.user();
    await expect(listMessages(s.deps, eve, { message_group_uuid })).rejects.toThrow(/^message_group_unknown$/);
    const unknown = { message_group_uuid: randomUUID() };
    await expect(listMessages(s.deps, ada, unknown)).rejects.toThrow(/^message_group_unknown$/);
  });

  test('accepts the uuid of the conversation in capitals', async () => {
    const sent = await conversationOf(2);
    const message_group_uuid = sent[0]?.message_group_uuid.toUpperCase();
    expect((await listMessages(s.deps, ada, { message_group_uuid })).messages).toEqual(sent);
  });
});

describe('listing a user’s conversations', () => {
  test('returns the most recent first, page by page', async () => {
    const others: User[] = [];
    for (let n = 0; n < 7; n++) {
      const other = await s.given.user();
      clock.move(1_000_000);
      const { message_group_uuid } = await s.when.sends(n % 2 ? ada : other, n % 2 ? other : ada, `hello ${n}`);
      await s.when.projected(message_group_uuid);
      others.unshift(other);
    }
    const seen: User[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMessageGroups(s.deps, ada, { limit: 3, cursor });
      seen.push(...page.rows.map(({ other }) => other));
      sizes.push(page.rows.length);
      cursor = cursorOf(page.next);
    } while (cursor);
    expect(sizes).toEqual([3, 3, 1]);
    expect(seen).toEqual(others);
  });

  test('returns a row that it reads at both its old and its new sort key only once, in its newer state', async () => {
    const [first] = (await conversationOf(1)) as [Message];
    await s.when.projected(first.message_group_uuid);
    const cy = await s.given.user();
    clock.move(10);
    const between = await s.when.sends(cy, ada, 'between');
    await s.when.projected(between.message_group_uuid);
    // A query can see both places while the row moves.
    const [item] = await dump(table, `HEAD#${first.message_group_uuid}`);
    const head = headOf(item ?? {});
    clock.move(10);
    const newer = { ...first, message: 'newer', created_at: clock.now() };
    await load(table, [
      inboxRowItem(ada.user_uuid, inboxRow(head, newer, ada.user_uuid, first.sender), newer.created_at),
    ]);
    const { rows } = await listMessageGroups(s.deps, ada, {});
    expect(rows.map(({ message }) => message)).toEqual(['newer', 'between']);
  });

  test('returns no rows of other users: a new user’s list is empty', async () => {
    const [{ message_group_uuid }] = (await conversationOf(1)) as [Message];
    await s.when.projected(message_group_uuid);
    expect(await listMessageGroups(s.deps, await s.given.user(), {})).toEqual({ rows: [], limit: 20 });
  });
});

describe('items of the original service, which have no numbers,', () => {
  const at = (n: number) => `2025-01-01T00:00:${String(n).padStart(2, '0')}-05:00`;

  test('are in no inbox: a page holds the rows that this service wrote', async () => {
    const mine = await s.when.sends(bob, ada, 'mine');
    await load(
      table,
      Array.from({ length: 50 }, (_, n) => originalRow(randomUUID(), ada, bob, at(n))),
    );
    const page = await listMessageGroups(s.deps, ada, { limit: 20 });
    expect(page.rows.map(({ message_group_uuid }) => message_group_uuid)).toEqual([mine.message_group_uuid]);
    expect(page.next).toBeUndefined();
  });

  test('are in no conversation, and cannot be marked as read', async () => {
    const sent = await conversationOf(2);
    const { message_group_uuid } = sent[0] as Message;
    const created_at = '2024-01-01T00:00:00.000000+00:00' as Timestamp;
    await load(table, [
      ...Array.from({ length: 30 }, (_, n) => originalMessage(message_group_uuid, bob, at(n), 'no number')),
      originalMessage(message_group_uuid, bob, created_at, 'no number'),
    ]);
    expect((await listMessages(s.deps, ada, { message_group_uuid })).messages).toEqual(sent);
    await expect(s.when.reads(ada, { message_group_uuid, created_at })).rejects.toThrow(/^message_unknown$/);
  });
});

test('all reads are consistent, except those of the pair, where the write condition prevents a second conversation, and of names', async () => {
  const reader = scenario(openTable(table.name, localConfig(dynamodbEndpoint)), { now: clock.now });
  const reads: unknown[] = [];
  const isSearch = (input: object) => JSON.stringify(input).includes('NAME#');
  reader.deps.table.client.middlewareStack.add((next) => (args) => {
    const { ConsistentRead, Key } = args.input as { ConsistentRead?: boolean; Key?: { sk: string } };
    const isOfNames = 'RequestItems' in args.input;
    if (!('TransactItems' in args.input) && !isOfNames)
      reads.push([Key?.sk === 'PAIR' || isSearch(args.input), ConsistentRead]);
    return next(args);
  });
  const sent = await reader.when.sends(ada, bob, 'one');
  await reader.when.sendsIn(bob, sent.message_group_uuid, 'two');
  await reader.when.reads(bob, sent);
  await reader.then.inbox(ada);
  await reader.then.conversation(ada, sent.message_group_uuid);
  await findUsers(reader.deps, ada, { prefix: 'pp' });
  await expect(whoAmI(reader.deps, 'unknown', freshToken)).rejects.toThrow();
  expect(reads.length).toBeGreaterThan(8);
  const kinds = new Set(reads.map((read) => JSON.stringify(read)));
  expect([...kinds].sort()).toEqual(['[false,true]', '[true,false]']);
});

describe('finding users', () => {
  test('by a handle or by its prefix', async () => {
    for (const handle of ['zoe', 'zora', 'zorro', 'zz_top']) await s.given.user(handle);
    expect((await findUser(s.deps, '@Zora')).handle).toBe('zora');
    await expect(findUser(s.deps, 'zo')).rejects.toThrow(/^handle_unknown$/);
    await expect(findUser(s.deps, 'no such handle!')).rejects.toThrow(/^handle_unknown$/);
    const handlesOf = async (input: object) => (await findUsers(s.deps, ada, input)).rows.map(({ handle }) => handle);
    expect(await handlesOf({ prefix: 'zo' })).toEqual(['zoe', 'zora', 'zorro']);
    expect(await handlesOf({ prefix: '@ZOR' })).toEqual(['zora', 'zorro']);
    expect(await handlesOf({ prefix: 'zo', limit: '2' })).toEqual(['zoe', 'zora']);
    expect(await handlesOf({ prefix: 'zx' })).toEqual([]);
    expect((await findUsers(s.deps, ada, { prefix: 'zo', limit: 2 })).more).toBe(true);
    expect((await findUsers(s.deps, ada, { prefix: 'zo', limit: 3 })).more).toBe(false);
    for (const prefix of ['x'.repeat(81), '\ud800', undefined])
      await expect(handlesOf({ prefix })).rejects.toThrow(/^prefix_invalid$/);
    for (const prefix of ['', '@', 'a b', 'z', '!!', 'é', ' z'])
      await expect(handlesOf({ prefix })).rejects.toThrow(/^prefix_too_short$/);
    for (const limit of [0, 11]) await expect(handlesOf({ prefix: 'zo', limit })).rejects.toThrow(/^limit_invalid$/);
  });

  test('by an identity fails if no user has it', async () => {
    await expect(whoAmI(s.deps, randomUUID(), freshToken)).rejects.toThrow(/^person_unknown$/);
    const [user] = await dump(table, `USR#${ada.user_uuid}`);
    expect(await whoAmI(s.deps, String(user?.cognito_user_id), freshToken)).toEqual({ ...ada, read_receipts: true });
  });
});
