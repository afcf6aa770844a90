import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countUnread } from '../../core/count-unread.ts';
import { newMemory } from '../../core/deps.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { listMessages } from '../../core/list-messages.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import { isSeen } from '../../core/model/seen.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey, inboxRowItem } from '../../core/table/items.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table);
});
beforeEach(async () => {
  [ada, bob] = [await s.given.user(), await s.given.user()];
});

/** A process that remembers nothing. */
const cold = () => ({ ...s.deps, memory: newMemory(systemRuntime) });
/** The messages of a conversation that a user has sent: whether they show as seen. */
async function seenBy(me: User, { message_group_uuid }: Message): Promise<(boolean | undefined)[]> {
  const { messages, seen } = await listMessages(cold(), me, { message_group_uuid, limit: 100 });
  return messages.filter(({ sender }) => sender.user_uuid === me.user_uuid).map((each) => isSeen(each, me, seen));
}
const readBy = async (me: User, { message_group_uuid }: Message) =>
  (await getMessageGroup(cold(), me, { message_group_uuid })).read;

describe('a message is seen', () => {
  test('once the other participant has read it, as a list and the state of the conversation say', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    await s.when.sends(bob, ada, 'an answer');
    await s.when.sends(ada, bob, 'second');
    expect([await seenBy(ada, first), await readBy(ada, first)]).toEqual([[false, false], 0]);
    await s.when.reads(bob, first);
    expect([await seenBy(ada, first), await readBy(ada, first)]).toEqual([[true, false], 1]);
    expect([await seenBy(bob, first), await readBy(bob, first)]).toEqual([[false], 0]);
  });

  test('by its sender only: the other participant learns of no message whether its reader has seen it', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    await s.when.reads(bob, first);
    const { messages, seen } = await listMessages(s.deps, bob, { message_group_uuid: first.message_group_uuid });
    expect(messages.map((each) => isSeen(each, bob, seen))).toEqual([undefined]);
  });

  test.each(['the reader', 'the sender'])('as nobody can tell while %s has no read receipts', async (who) => {
    const first = await s.when.sends(ada, bob, 'first');
    await s.when.sends(bob, ada, 'an answer');
    await s.when.reads(bob, first);
    await s.given.withoutReceipts(who === 'the reader' ? bob : ada);
    for (const me of [ada, bob]) {
      expect(await seenBy(me, first)).toEqual([undefined]);
      expect(await readBy(me, first)).toBeUndefined();
    }
    // Their own devices stay in step.
    const { row } = await getMessageGroup(s.deps, bob, { message_group_uuid: first.message_group_uuid });
    expect(row.unread_count).toBe(0);
  });
});

test('a head holds names of its participants and nothing else, whatever is known of them', async () => {
  const sender = { ...ada, read_receipts: false, email: 'ada@example.com' };
  const { message_group_uuid } = await s.when.sends(sender, bob, 'first');
  const [head] = await dump(table, headKey(message_group_uuid).pk);
  expect(head?.participants).toEqual(
    [ada, bob].map(({ user_uuid, handle, display_name }) => ({ user_uuid, handle, display_name })),
  );
});

describe('what is unread', () => {
  const unread = () => countUnread(s.deps, ada);

  test('counts messages and conversations, and nothing of muted ones', async () => {
    expect(await unread()).toEqual({ unread_count: 0, message_groups: 0, more: false });
    const cy = await s.given.user();
    const first = await s.when.sends(bob, ada, 'first');
    await s.when.projected((await s.when.sends(bob, ada, 'second')).message_group_uuid);
    const { message_group_uuid } = await s.when.sends(cy, ada, 'hello');
    expect(await unread()).toEqual({ unread_count: 3, message_groups: 2, more: false });
    await s.when.mutes(ada, message_group_uuid);
    expect(await unread()).toEqual({ unread_count: 2, message_groups: 1, more: false });
    await s.when.reads(ada, first);
    expect(await unread()).toEqual({ unread_count: 1, message_groups: 1, more: false });
    await s.when.clears(ada, first);
    await s.when.marksUnread(ada, message_group_uuid);
    expect(await unread()).toEqual({ unread_count: 1, message_groups: 1, more: false });
  });

  test('counts the 200 most recent conversations, each once, and says when there are more', async () => {
    const row = (n: number, unread_count = 1, conversation = n) =>
      inboxRowItem(
        ada.user_uuid,
        {
          message_group_uuid: `00000000-0000-4000-8000-${String(conversation).padStart(12, '0')}` as Uuid,
          other: bob,
          message: '🦀'.repeat(1024),
          last_message_at: fromMicros(n),
          unread_count,
        },
        fromMicros(n),
      );
    await load(
      table,
      Array.from({ length: 200 }, (_, n) => row(n + 1)),
    );
    expect(await unread()).toEqual({ unread_count: 200, message_groups: 200, more: false });
    await load(table, [row(0, 1_000)]);
    expect(await unread()).toEqual({ unread_count: 200, message_groups: 200, more: true });
    await load(table, [row(300, 7, 200)]); // a row that has just moved
    expect(await unread()).toEqual({ unread_count: 205, message_groups: 199, more: true });
  });
});
