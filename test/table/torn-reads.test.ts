import { randomUUID } from 'node:crypto';
import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createUser } from '../../core/create-user.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { listMessages } from '../../core/list-messages.ts';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { headKey, type Item, type Key, messageKey, userKey } from '../../core/table/items.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { freshToken } from '../support/fresh-token.ts';
import { HiddenItems } from '../support/hidden-items.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { load, localConfig, newTable } from '../support/table.ts';

// DynamoDB shows the items of one write transaction one by one; DynamoDB Local shows them all at once. For each pair of items that a
// verb reads, these tests hide the one that the other leads to.

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;
let cy: User;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table);
});
beforeEach(async () => {
  [ada, bob, cy] = [await s.given.user(), await s.given.user(), await s.given.user()];
});

/** A process that remembers nothing, and the items that are hidden from it. */
function coldProcess(replaced: Parameters<typeof scenario>[1] = {}): Scenario & { hidden: HiddenItems } {
  const process = scenario(openTable(table.name, localConfig(dynamodbEndpoint)), replaced);
  return Object.assign(process, { hidden: new HiddenItems(process.deps.table) });
}

const stored = async (Key: Key): Promise<Item> =>
  (await table.client.send(new GetCommand({ TableName: table.name, Key }))).Item as Item;
const keyOf = ({ message_group_uuid, created_at }: Message) => messageKey(message_group_uuid, created_at);
const headOf = ({ message_group_uuid }: Message) => headKey(message_group_uuid);
const unread = async (user: User) => (await s.then.inbox(user)).map(({ unread_count }) => unread_count);

const three = async () =>
  [await s.when.sends(ada, bob, 'm1'), await s.when.sends(bob, ada, 'm2'), await s.when.sends(ada, bob, 'm3')] as [
    Message,
    Message,
    Message,
  ];
const texts = ({ messages }: { messages: Message[] }) => messages.map(({ message }) => message);

describe('a send', () => {
  test('to a user finds the head of the pair while it is hidden', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const late = coldProcess();
    late.hidden.hide(headOf(first));
    expect(await late.when.sends(bob, ada, 'second')).toMatchObject({ seq: 2 });
  });

  test('into a conversation finds its head while it is hidden', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const late = coldProcess();
    late.hidden.hide(headOf(first));
    expect(await late.when.sendsIn(bob, first.message_group_uuid, 'second')).toMatchObject({ seq: 2 });
  });

  test('into a conversation of others is rejected while its head is hidden', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    await expect(coldProcess().when.sendsIn(cy, message_group_uuid, 'may I?')).rejects.toThrow('message_group_unknown');
  });

  test.each(['first', 'second'])(
    'that is repeated with its key finds the %s message of a conversation while it is hidden',
    async (which) => {
      if (which === 'second') await s.when.sends(ada, bob, 'before');
      const message = await s.when.sends(ada, bob, 'once', 'key');
      const late = coldProcess();
      late.hidden.hide(keyOf(message));
      expect(await late.when.sends(ada, bob, 'once', 'key')).toEqual(message);
      expect(late.hidden.size).toBe(0);
    },
  );
});

describe('marking as read', () => {
  test('finds the head while it is hidden', async () => {
    const message = await s.when.sends(ada, bob, 'first');
    const late = coldProcess();
    late.hidden.hide(headOf(message));
    await late.when.reads(bob, message);
    expect(await unread(bob)).toEqual([0]);
  });

  test('finds the message that the caller names while it is hidden', async () => {
    const message = await s.when.sends(ada, bob, 'first');
    const late = coldProcess();
    late.hidden.hide(keyOf(message), { reads: 1 });
    await late.when.reads(bob, message);
    expect(await unread(bob)).toEqual([0]);
  });

  test('finds the newest message, which the head names, while it is hidden', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const second = await s.when.sends(ada, bob, 'second');
    const late = coldProcess();
    late.hidden.hide(keyOf(second));
    await late.when.reads(bob, first);
    await s.when.projected(first.message_group_uuid);
    expect(await unread(bob)).toEqual([1]);
  });

  test('never counts more messages as read than the head counts as sent', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const before = await stored(headOf(first));
    const second = await s.when.sends(ada, bob, 'second');
    const late = coldProcess();
    late.hidden.hide(headOf(first), { before });
    await late.when.reads(bob, second);
    const { sent, read } = (await stored(headOf(first))) as {
      sent: Record<string, number>;
      read: Record<string, number>;
    };
    expect(read[bob.user_uuid]).toBe(sent[ada.user_uuid]);
    expect(await unread(bob)).toEqual([0]);
  });
});

describe('the state of a conversation', () => {
  const state = (of: Scenario, me: User, { message_group_uuid }: Message) =>
    getMessageGroup(of.deps, me, { message_group_uuid });

  test.each(['head', 'newest message'])('is shown even while reads do not find the %s yet', async (which) => {
    await s.when.sends(ada, bob, 'first');
    const second = await s.when.sends(ada, bob, 'second');
    const late = coldProcess();
    late.hidden.hide(which === 'head' ? headOf(second) : keyOf(second));
    expect(await state(late, bob, second)).toMatchObject({
      seq: 2,
      read: 0,
      row: { message: 'second', unread_count: 2 },
    });
  });

  test('counts the newest message although the first read of the head did not', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const before = await stored(headOf(first));
    await s.when.sends(ada, bob, 'second');
    const late = coldProcess();
    late.hidden.hide(headOf(first), { before });
    expect(await state(late, bob, first)).toMatchObject({ seq: 2, row: { message: 'second' } });
  });

  test('tells how many of the caller’s messages the other participant has read', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    await s.when.sends(ada, bob, 'second');
    await s.when.reads(bob, first);
    expect(await state(s, ada, first)).toMatchObject({ seq: 2, read: 1, row: { unread_count: 0 } });
    expect(await state(s, bob, first)).toMatchObject({ seq: 2, read: 0, row: { unread_count: 1 } });
  });
});

describe('a page of messages', () => {
  test('is shown while the head is hidden', async () => {
    const [, , { message_group_uuid }] = await three();
    const late = coldProcess();
    late.hidden.hide(headKey(message_group_uuid));
    expect(texts(await listMessages(late.deps, ada, { message_group_uuid }))).toEqual(['m1', 'm2', 'm3']);
  });

  test.each([
    ['the first message', 0],
    ['a message between two', 1],
  ] as const)('is read again while it lacks %s', async (_, n) => {
    const messages = await three();
    const { message_group_uuid } = messages[0];
    const late = coldProcess();
    late.hidden.hide(keyOf(messages[n]), { reads: 2 });
    expect(texts(await listMessages(late.deps, ada, { message_group_uuid }))).toEqual(['m1', 'm2', 'm3']);
    expect(late.hidden.size).toBe(0);
  });

  test('after a time is read again while it lacks the next message', async () => {
    const [first, second] = await three();
    const { message_group_uuid } = first;
    const late = coldProcess();
    late.hidden.hide(keyOf(second), { reads: 2 });
    const page = await listMessages(late.deps, ada, { message_group_uuid, after: first.created_at });
    expect(texts(page)).toEqual(['m2', 'm3']);
  });

  test('that continues another is read again while it lacks the message before it', async () => {
    const [{ message_group_uuid }, second] = await three();
    const newest = await listMessages(s.deps, ada, { message_group_uuid, limit: 1 });
    const late = coldProcess();
    late.hidden.hide(keyOf(second), { reads: 2 });
    expect(texts(await listMessages(late.deps, ada, { message_group_uuid, ...newest.next }))).toEqual(['m1', 'm2']);
  });

  test('shows a gap that is older than a minute, and says so', async () => {
    const clock = clockAt('2025-05-05T05:05:07.000000+00:00');
    const { when, deps } = scenario(table, { now: clock.now });
    const first = await when.sends(ada, bob, 'm1');
    const second = await when.sends(ada, bob, 'm2');
    await when.sends(ada, bob, 'm3');
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: keyOf(second) }));
    clock.move(62_000_000);
    const { message_group_uuid } = first;
    const page = await listMessages(deps, ada, { message_group_uuid });
    expect({ texts: texts(page), gaps: page.finalGaps }).toEqual({ texts: ['m1', 'm3'], gaps: [3] });
  });
});

describe('a page of messages that still has a gap at the deadline', () => {
  const impatient = () => coldProcess({ retryBudget: 0 });

  test('ends before the later message', async () => {
    const [{ message_group_uuid }, second] = await three();
    const late = impatient();
    late.hidden.hide(keyOf(second));
    const page = await listMessages(late.deps, ada, { message_group_uuid });
    expect(page).toEqual({ messages: [expect.objectContaining({ seq: 1 })], limit: 20, seen: 0 });
  });

  test('ends before the later message, after a time', async () => {
    const [first, second] = await three();
    const { message_group_uuid } = first;
    const late = impatient();
    late.hidden.hide(keyOf(second));
    const after = { message_group_uuid, after: first.created_at };
    expect(await listMessages(late.deps, ada, after)).toEqual({ messages: [], limit: 20, seen: 0 });
  });

  test('is empty if the caller has the later message, and leads to itself', async () => {
    const [{ message_group_uuid }, second] = await three();
    const newest = await listMessages(s.deps, ada, { message_group_uuid, limit: 1 });
    const late = impatient();
    late.hidden.hide(keyOf(second), { reads: 1 });
    const none = await listMessages(late.deps, ada, { message_group_uuid, ...newest.next });
    expect(none).toEqual({ messages: [], limit: 20, seen: 0, next: newest.next });
    expect(texts(await listMessages(late.deps, ada, { message_group_uuid, ...none.next }))).toEqual(['m1', 'm2']);
  });
});

describe('a projection', () => {
  test.each(['head', 'newest message'])('finds the %s while it is hidden', async (which) => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    const second = await s.when.sends(ada, bob, 'second');
    const late = coldProcess();
    late.hidden.hide(which === 'head' ? headOf(second) : keyOf(second));
    await late.when.projected(message_group_uuid, second.created_at);
    expect(await s.then.inbox(bob)).toMatchObject([{ message: 'second', unread_count: 2 }]);
  });

  test('shows a message although the first read of the head did not know it', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const before = await stored(headOf(first));
    const second = await s.when.sends(ada, bob, 'second');
    const late = coldProcess();
    late.hidden.hide(headOf(first), { before });
    expect(await late.when.projected(first.message_group_uuid, second.created_at)).toBe(true);
    expect(await s.then.inbox(bob)).toMatchObject([{ message: 'second' }]);
  });

  test.each(['its head', 'the message'])('of a changed message reads %s again, which may be hidden', async (which) => {
    const first = await s.when.sends(ada, bob, 'frist');
    const [key, head] = [keyOf(first), headOf(first)];
    const before = { [key.pk]: await stored(key), [head.pk]: await stored(head) };
    await load(table, [
      { ...before[key.pk], message: 'first' },
      { ...before[head.pk], version: 1 },
    ]);
    const late = coldProcess();
    const hidden = which === 'its head' ? head : key;
    late.hidden.hide(hidden, { before: before[hidden.pk] as Item });
    await projectInbox(late.deps, first.message_group_uuid, { isChanged: which === 'its head' });
    expect(await s.then.inbox(bob)).toMatchObject([{ message: 'first' }]);
  });

  test('fails, so that its record comes again, while the head does not know the message', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    const later = '2199-12-31T23:59:59.999999+00:00' as Message['created_at'];
    await expect(s.when.projected(message_group_uuid, later)).rejects.toThrow('the head is older than a message');
  });
});

describe('a user', () => {
  const input = () => ({ handle: `torn_${randomUUID().slice(0, 8)}`, display_name: 'Torn', email: 'torn@example.com' });

  test('is found by an identity that is visible before the user', async () => {
    const cognito_user_id = randomUUID();
    const user = await createUser(s.deps, { ...input(), cognito_user_id });
    const late = coldProcess();
    late.hidden.hide(userKey(user.user_uuid));
    expect(await whoAmI(late.deps, cognito_user_id, freshToken)).toMatchObject({ user_uuid: user.user_uuid });
  });

  test('who was created before is returned although their item is hidden', async () => {
    const attributes = { ...input(), cognito_user_id: randomUUID() };
    const user = await createUser(s.deps, attributes);
    const late = coldProcess();
    late.hidden.hide(userKey(user.user_uuid));
    expect(await createUser(late.deps, attributes)).toEqual(user);
  });
});
