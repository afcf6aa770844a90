import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { examine } from '../../admin/doctor/examine.ts';
import { newMemory } from '../../core/deps.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { listMessages } from '../../core/list-messages.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { userKey } from '../../core/table/items.ts';
import { unmuteMessageGroup } from '../../core/unmute-message-group.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, newTable } from '../support/table.ts';

// What a participant does to a conversation for themselves: clear it, mute it, mark it as unread.

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;
let cy: User;
const clock = clockAt('2024-02-29T12:00:00.000000+00:00');

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table, { now: clock.now });
});
beforeEach(async () => {
  clock.move(1_000_000);
  [ada, bob, cy] = [await s.given.user(), await s.given.user(), await s.given.user()];
});

const texts = async (me: User, { message_group_uuid }: Message) =>
  (await s.then.conversation(me, message_group_uuid)).map(({ message }) => message);
const inbox = async (me: User) => (await s.then.inbox(me)).map(({ message, unread_count }) => [message, unread_count]);
const sends = async (from: User, to: User, text: string) => {
  clock.move(10);
  const message = await s.when.sends(from, to, text);
  await s.when.projected(message.message_group_uuid);
  return message;
};
const stateOf = (me: User, { message_group_uuid }: Message) => getMessageGroup(s.deps, me, { message_group_uuid });
/** What the doctor finds in the conversations of these users. */
async function findings(...conversations: Uuid[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { subject, findings } of examine({ ...s.deps, grace: 0 }))
    if (subject.kind !== 'conversation' || conversations.includes(subject.conversation))
      found.push(...findings.map(({ code }) => code));
  return found;
}

describe('clearing a conversation', () => {
  test('takes it out of one inbox, until a newer message arrives', async () => {
    const first = await sends(bob, ada, 'first');
    const second = await sends(ada, bob, 'second');
    await s.when.clears(ada, second);
    expect(await inbox(ada)).toEqual([]);
    expect(await texts(ada, first)).toEqual([]);
    expect(await inbox(bob)).toEqual([['second', 1]]);
    expect(await texts(bob, first)).toEqual(['first', 'second']);
    expect(await findings(first.message_group_uuid)).toEqual([]);
    await sends(bob, ada, 'third');
    expect(await inbox(ada)).toEqual([['third', 1]]);
    expect(await texts(ada, first)).toEqual(['third']);
    expect(await dump(table, `HIDDEN#${ada.user_uuid}`)).toEqual([]);
    expect(await findings(first.message_group_uuid)).toEqual([]);
  });

  test('leaves no second row when the doctor repairs the conversation', async () => {
    const first = await sends(bob, ada, 'first');
    await s.when.clears(ada, first);
    await s.when.sendsIn(bob, first.message_group_uuid, 'second');
    const diagnoses = [];
    for await (const diagnosis of examine({ ...s.deps, grace: 0 })) diagnoses.push(diagnosis);
    const [diagnosis] = diagnoses.filter(
      ({ subject }) => subject.kind === 'conversation' && subject.conversation === first.message_group_uuid,
    );
    await diagnosis?.repair?.(); // once: the next run of the doctor would mend a second row
    expect(await dump(table, `HIDDEN#${ada.user_uuid}`)).toEqual([]);
    expect(await inbox(ada)).toEqual([['second', 1]]);
  });

  test('up to a message before the newest one leaves the newer ones, and their unread count', async () => {
    const first = await sends(bob, ada, 'first');
    await sends(bob, ada, 'second');
    await s.when.clears(ada, first);
    expect(await inbox(ada)).toEqual([['second', 1]]);
    expect(await texts(ada, first)).toEqual(['second']);
  });

  test('is never taken back: an earlier message has no effect, and neither has marking one as read', async () => {
    const first = await sends(bob, ada, 'first');
    const second = await sends(bob, ada, 'second');
    await s.when.clears(ada, second);
    const [head] = await dump(table, `HEAD#${first.message_group_uuid}`);
    await s.when.clears(ada, first);
    await s.when.clears(ada, second);
    await s.when.reads(ada, first);
    expect(await dump(table, `HEAD#${first.message_group_uuid}`)).toEqual([head]);
  });

  test('is refused for a time without a message, and to strangers', async () => {
    const first = await sends(bob, ada, 'first');
    const none = { ...first, created_at: clock.now().replace('2024', '2020') as Message['created_at'] };
    await expect(s.when.clears(ada, none)).rejects.toThrow(/^message_unknown$/);
    await expect(s.when.clears(cy, first)).rejects.toThrow(/^message_group_unknown$/);
    await expect(s.when.clears(cy, none)).rejects.toThrow(/^message_group_unknown$/);
  });

  test('leaves no cursor into what was cleared, and a client that was away goes on behind it', async () => {
    const all: Message[] = [];
    for (const text of ['1', '2', '3', '4', '5']) all.push(await sends(bob, ada, text));
    const [first, , third, fourth] = all as [Message, Message, Message, Message];
    const { message_group_uuid } = first;
    const list = async (input: object) => {
      const { messages, next } = await listMessages(s.deps, ada, { message_group_uuid, ...input });
      return { texts: messages.map(({ message }) => message), next };
    };
    await s.when.clears(ada, third);
    expect(await list({ limit: 2 })).toEqual({ texts: ['4', '5'], next: expect.anything() });
    const { next } = await list({ limit: 1 });
    expect(await list({ limit: 1, ...next })).toEqual({ texts: ['4'], next: expect.anything() });
    expect(await list({ limit: 3, ...next })).toEqual({ texts: ['4'], next: undefined });
    expect(await list({ limit: 1, after: first.created_at })).toEqual({
      texts: ['4'],
      next: { after: fourth.created_at },
    });
    expect(await list({ after: fourth.created_at })).toEqual({ texts: ['5'], next: undefined });
  });

  test('shows in the state of the conversation, which has no text then', async () => {
    const first = await sends(bob, ada, 'first');
    expect(await stateOf(ada, first)).not.toHaveProperty('cleared');
    await s.when.clears(ada, first);
    expect(await stateOf(ada, first)).toMatchObject({
      row: { message: '', unread_count: 0 },
      seq: 1,
      cleared: first.created_at,
    });
    const theirs = await stateOf(bob, first);
    expect(theirs.row.message).toBe('first');
    expect(theirs).not.toHaveProperty('cleared');
  });

  test('moves both rows when another hidden row is at the place', async () => {
    // Two conversations of ada get a message in the same microsecond, one after the other at that place.
    const [one, other] = [await s.when.sends(bob, ada, 'one'), await s.when.sends(cy, ada, 'other')];
    expect(one.created_at).toBe(other.created_at);
    await s.when.clears(ada, one);
    clock.set(one.created_at);
    await s.when.clears(ada, other);
    const hidden = await dump(table, `HIDDEN#${ada.user_uuid}`);
    expect(hidden.map(({ message }) => message).sort()).toEqual(['one', 'other']);
    expect(new Set(hidden.map(({ sk }) => sk)).size).toBe(2);
    const [head] = await dump(table, `HEAD#${other.message_group_uuid}`);
    const [row] = await dump(table, `GRP#${cy.user_uuid}`);
    expect(row?.sk).toBe(head?.inbox_at);
    expect(await findings(other.message_group_uuid)).toEqual([]);
  });
});

describe('clearing a conversation at the same time as', () => {
  const again = () => scenario(table, { now: clock.now, memory: newMemory(table.runtime) }); // another process

  /** Two conversations of ada, whose rows want the same place: both are cleared, and one of them changes at the same time. */
  async function cleared(change: (message: Message) => Promise<unknown>): Promise<Message> {
    const [one, other] = [await s.when.sends(bob, ada, 'one'), await s.when.sends(cy, ada, 'other')];
    expect(one.created_at).toBe(other.created_at);
    clock.move(10);
    await Promise.all([again().when.clears(ada, one), change(one), again().when.clears(ada, other)]);
    for (const { message_group_uuid } of [one, other]) await s.when.projected(message_group_uuid);
    expect(await findings(one.message_group_uuid, other.message_group_uuid)).toEqual([]);
    return one;
  }
  const rounds = Array.from({ length: 6 });

  test('a new message arrives shows that message alone', async () => {
    for (const _ of rounds) {
      clock.move(1_000_000);
      const one = await cleared((message) => again().when.sendsIn(bob, message.message_group_uuid, 'new'));
      expect(await texts(ada, one)).toEqual(['new']);
      expect((await texts(bob, one)).slice(-2)).toEqual(['one', 'new']);
      expect(await inbox(ada)).toEqual([['new', 1]]);
      await s.when.clears(ada, await s.when.sendsIn(bob, one.message_group_uuid, 'for the next round'));
    }
  });

  test('its message is edited or deleted leaves it cleared, and shows the change to the other user', async () => {
    for (const [n] of rounds.entries()) {
      clock.move(1_000_000);
      const one = await cleared((message) =>
        n % 2 ? again().when.edits(bob, message, 'edited') : again().when.deletes(bob, message),
      );
      expect(await inbox(ada)).toEqual([]);
      expect(await texts(ada, one)).toEqual([]);
      expect((await s.then.inbox(bob))[0]?.message).toBe(n % 2 ? 'edited' : '');
    }
  });
});

describe('a muted conversation', () => {
  test('says so in one inbox, until it is unmuted', async () => {
    const { message_group_uuid } = await sends(bob, ada, 'first');
    const muted = async () => [await s.then.inbox(ada), await s.then.inbox(bob)].map(([row]) => row?.muted);
    await s.when.mutes(ada, message_group_uuid);
    await s.when.mutes(ada, message_group_uuid);
    expect(await muted()).toEqual([true, undefined]);
    await sends(bob, ada, 'second');
    expect(await muted()).toEqual([true, undefined]);
    expect(await findings(message_group_uuid)).toEqual([]);
    await s.when.mutes(bob, message_group_uuid);
    await unmuteMessageGroup(s.deps, ada, { message_group_uuid });
    expect(await muted()).toEqual([undefined, true]);
    await unmuteMessageGroup(s.deps, bob, { message_group_uuid });
    expect(await dump(table, `HEAD#${message_group_uuid}`)).toEqual([
      expect.not.objectContaining({ muted_by: expect.anything() }),
    ]);
    await expect(s.when.mutes(cy, message_group_uuid)).rejects.toThrow(/^message_group_unknown$/);
  });
});

describe('a conversation that is marked as unread', () => {
  test('stays so until it is read, whatever was read before', async () => {
    const first = await sends(bob, ada, 'first');
    await s.when.reads(ada, first);
    const row = async () =>
      (await s.then.inbox(ada)).map(({ marked_unread, unread_count }) => [marked_unread, unread_count]);
    await s.when.marksUnread(ada, first.message_group_uuid);
    expect(await row()).toEqual([[true, 0]]);
    await sends(ada, bob, 'second');
    expect(await row()).toEqual([[true, 0]]);
    await s.when.reads(ada, first);
    expect(await row()).toEqual([[undefined, 0]]);
    await expect(s.when.marksUnread(cy, first.message_group_uuid)).rejects.toThrow(/^message_group_unknown$/);
  });
});

describe('a conversation that is marked as unread', () => {
  test('stays so when a cleared message is read', async () => {
    const first = await sends(bob, ada, 'first');
    await s.when.clears(ada, first);
    await sends(bob, ada, 'second');
    await s.when.marksUnread(ada, first.message_group_uuid);
    await s.when.reads(ada, first);
    expect(await s.then.inbox(ada)).toMatchObject([{ marked_unread: true, unread_count: 1 }]);
  });
});

test('what one participant does for themselves leaves the head without names, and all goes on', async () => {
  const { message_group_uuid } = await sends(bob, ada, 'first');
  const participants = async () => (await dump(table, `HEAD#${message_group_uuid}`))[0]?.participants;
  expect(await participants()).toEqual([bob, ada]);
  await s.when.mutes(ada, message_group_uuid);
  expect(await participants()).toEqual([{ user_uuid: bob.user_uuid }, { user_uuid: ada.user_uuid }]);
  await sends(ada, bob, 'second');
  expect(await s.then.inbox(ada)).toMatchObject([{ other: bob, message: 'second' }]);
  expect(await s.then.inbox(bob)).toMatchObject([{ other: ada, message: 'second' }]);
});

test('names are answered as they are now, within a minute', async () => {
  const first = await sends(bob, ada, 'first');
  const rename = (name: string) =>
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: userKey(bob.user_uuid),
        UpdateExpression: 'SET display_name = :name',
        ExpressionAttributeValues: { ':name': name },
      }),
    );
  await rename('Robert');
  let millis = 1_000; // lru-cache takes 0 for unset
  const later = scenario(table, { now: clock.now, memory: newMemory({ millis: () => millis }) });
  expect((await later.then.inbox(ada)).map(({ other }) => other.display_name)).toEqual(['Robert']);
  const messages = await later.then.conversation(ada, first.message_group_uuid);
  expect(messages.map(({ sender }) => sender.display_name)).toEqual(['Robert']);
  const { row } = await getMessageGroup(later.deps, ada, { message_group_uuid: first.message_group_uuid });
  expect(row.other.display_name).toBe('Robert');
  clock.move(10);
  const second = await later.when.sends(ada, bob, 'second');
  await later.when.projected(second.message_group_uuid);
  const [stored] = await dump(table, `GRP#${ada.user_uuid}`);
  expect(stored?.user_display_name).toBe('Robert');
  await rename('Rob');
  expect((await later.then.inbox(ada)).map(({ other }) => other.display_name)).toEqual(['Robert']);
  millis += 60_001;
  expect((await later.then.inbox(ada)).map(({ other }) => other.display_name)).toEqual(['Rob']);
});
