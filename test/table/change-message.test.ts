import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newMemory } from '../../core/deps.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { headOf } from '../../core/table/items.ts';
import { putChangedMessage } from '../../core/table/writes.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { interceptedTable } from '../support/intercepted-table.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, newTable } from '../support/table.ts';

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

const day = 24 * 60 * 60 * 1_000_000; // microseconds
const sends = async (from: User, to: User, text: string, key?: string) => {
  clock.move(10);
  return s.when.sends(from, to, text, key);
};
/** What an inbox shows once the projector knows that a message was changed. */
async function inbox(me: User, { message_group_uuid }: Message) {
  await s.when.projected(message_group_uuid);
  return (await s.then.inbox(me)).map(({ message, unread_count }) => [message, unread_count]);
}
const never = { created_at: '2023-03-24T09:45:01.561513+00:00' as Timestamp };

describe('an edited message', () => {
  test('has the new text for both, in its place, with the time and number of the change', async () => {
    const first = await sends(ada, bob, 'frist');
    const second = await sends(ada, bob, 'second');
    clock.move(10);
    const edited = await s.when.edits(ada, first, 'first');
    expect(edited).toEqual({ ...first, message: 'first', revision: 1, edited_at: clock.now() });
    expect(await s.then.conversation(bob, first.message_group_uuid)).toEqual([edited, second]);
    expect(await inbox(bob, second)).toEqual([['second', 2]]);
    expect(await s.when.edits(ada, first, 'FIRST')).toMatchObject({ message: 'FIRST', revision: 2 });
  });

  test('shows in both inboxes if it is the newest one, and no unread count changes', async () => {
    const first = await sends(ada, bob, 'frist');
    await s.when.projected(first.message_group_uuid);
    await s.when.edits(ada, first, 'first');
    expect(await inbox(bob, first)).toEqual([['first', 1]]);
    expect(await inbox(ada, first)).toEqual([['first', 0]]);
  });

  test('with the text that it has stays as it is', async () => {
    const first = await sends(ada, bob, 'first');
    expect(await s.when.edits(ada, first, 'first')).toEqual(first);
    expect((await dump(table, `HEAD#${first.message_group_uuid}`))[0]).not.toHaveProperty('version');
  });

  test('is what a repetition of its request answers', async () => {
    const first = await sends(ada, bob, 'frist', 'key');
    const edited = await s.when.edits(ada, first, 'first');
    expect(await sends(ada, bob, 'frist', 'key')).toEqual(edited);
  });

  test('has the text of the last of 20 edits at once, and counts all of them', async () => {
    const first = await sends(ada, bob, 'first');
    const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`);
    const edits = await Promise.all(texts.map((text) => s.when.edits(ada, first, text)));
    expect(edits.map(({ revision }) => revision).sort((a = 0, b = 0) => a - b)).toEqual(texts.map((_, n) => n + 1));
    const [stored] = await s.then.conversation(bob, first.message_group_uuid);
    expect(stored).toEqual(edits.find(({ revision }) => revision === 20));
    const [head] = await dump(table, `HEAD#${first.message_group_uuid}`);
    expect(head?.version).toBe(20);
  });

  test('is not stored over a revision that was not read, whatever its head says', async () => {
    const first = await sends(ada, bob, 'first');
    const edited = await s.when.edits(ada, first, 'edited');
    const head = headOf((await dump(table, `HEAD#${first.message_group_uuid}`))[0] ?? {});
    const late = {
      before: first,
      after: { ...first, message: 'late', revision: 1 },
      head: { before: head, after: head },
    };
    expect(await putChangedMessage(table, late, Date.now() + 1_000)).toHaveProperty('message');
    expect(await s.then.conversation(ada, first.message_group_uuid)).toEqual([edited]);
  });

  test('takes no message from 50 sends at once, and no reading is lost', async () => {
    const first = await sends(ada, bob, 'first');
    const sent = Array.from({ length: 50 }, (_, n) => s.when.sendsIn(bob, first.message_group_uuid, `m${n}`));
    await Promise.all([...sent, s.when.edits(ada, first, 'edited'), s.when.reads(bob, first)]);
    await s.when.projected(first.message_group_uuid);
    const messages = await s.then.conversation(ada, first.message_group_uuid);
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 51 }, (_, n) => n + 1));
    expect(await s.then.inbox(bob)).toMatchObject([{ unread_count: 0 }]);
    expect(messages[0]?.message).toBe('edited');
  });

  test('is one of the sender’s, of the last 24 hours', async () => {
    const first = await sends(ada, bob, 'first');
    await expect(s.when.edits(bob, first, 'mine')).rejects.toThrow(/^message_not_yours$/);
    await expect(s.when.edits(cy, first, 'mine')).rejects.toThrow(/^message_group_unknown$/);
    await expect(s.when.edits(ada, { ...first, ...never }, 'none')).rejects.toThrow(/^message_unknown$/);
    await expect(s.when.edits(cy, { ...first, ...never }, 'none')).rejects.toThrow(/^message_group_unknown$/);
    await expect(s.when.edits(ada, first, ' ')).rejects.toThrow(/^message_blank$/);
    clock.move(day);
    await s.when.edits(ada, first, 'just in time');
    clock.move(1_000_000);
    await expect(s.when.edits(ada, first, 'too late')).rejects.toThrow(/^edit_window_over$/);
    expect(await s.then.conversation(bob, first.message_group_uuid)).toMatchObject([{ message: 'just in time' }]);
  });
});

test('messages that are changed at once do not refuse each other, and raise the version once each', async () => {
  const [one, two, three] = [await sends(ada, bob, '1'), await sends(ada, bob, '2'), await sends(bob, ada, '3')];
  let attempts = 0;
  const late = interceptedTable(table, 'TransactWriteItemsCommand', async (go) => {
    if (attempts++ === 0) {
      await s.when.deletes(ada, two);
      await s.when.edits(bob, three, 'edited');
    }
    return go();
  });
  await scenario(late, { now: clock.now, memory: newMemory(table.runtime) }).when.deletes(ada, one);
  expect(attempts).toBe(1);
  const [head] = await dump(table, `HEAD#${one.message_group_uuid}`);
  expect(head?.version).toBe(3);
  expect(await inbox(ada, one)).toEqual([['edited', 1]]);
});

describe('a deleted message', () => {
  test('has no text any more, anywhere in the table, and keeps its place and its unread count', async () => {
    const first = await sends(ada, bob, 'a secret');
    await s.when.projected(first.message_group_uuid);
    clock.move(10);
    await s.when.deletes(ada, first);
    const deleted = { ...first, message: '', revision: 1, deleted_at: clock.now() };
    expect(await s.then.conversation(bob, first.message_group_uuid)).toEqual([deleted]);
    expect(await inbox(bob, first)).toEqual([['', 1]]);
    const mine = (await dump(table)).filter((item) => JSON.stringify(item).includes(first.message_group_uuid));
    expect(JSON.stringify(mine)).not.toContain('a secret');
    expect(await s.when.sends(ada, bob, 'next')).toMatchObject({ seq: 2, sender_seq: 2 });
  });

  test('stays deleted: once more changes nothing, and no edit brings it back', async () => {
    const first = await sends(ada, bob, 'first');
    await s.when.deletes(ada, first);
    const stored = await dump(table, `MSG#${first.message_group_uuid}`);
    clock.move(10);
    await s.when.deletes(ada, first);
    await expect(s.when.edits(ada, first, 'back')).rejects.toThrow(/^message_deleted$/);
    expect(await dump(table, `MSG#${first.message_group_uuid}`)).toEqual(stored);
  });

  test('may be of any age, but only of the sender', async () => {
    const first = await sends(ada, bob, 'first');
    await expect(s.when.deletes(bob, first)).rejects.toThrow(/^message_not_yours$/);
    await expect(s.when.deletes(cy, first)).rejects.toThrow(/^message_group_unknown$/);
    await expect(s.when.deletes(ada, { ...first, ...never })).rejects.toThrow(/^message_unknown$/);
    clock.move(2 * day);
    await s.when.deletes(ada, first);
    expect(await s.then.conversation(bob, first.message_group_uuid)).toMatchObject([{ message: '' }]);
  });

  test('wins over edits at the same time', async () => {
    const first = await sends(ada, bob, 'first');
    const edits = Array.from({ length: 10 }, (_, n) =>
      s.when.edits(ada, first, `text ${n}`).catch(({ message }) => message),
    );
    await s.when.deletes(ada, first);
    for (const outcome of await Promise.all(edits))
      if (typeof outcome === 'string') expect(outcome).toBe('message_deleted');
    expect(await s.then.conversation(bob, first.message_group_uuid)).toMatchObject([{ message: '' }]);
  });
});

test('a message that its sender has cleared cannot be changed', async () => {
  const first = await sends(ada, bob, 'first');
  await s.when.clears(ada, first);
  await expect(s.when.edits(ada, first, 'again')).rejects.toThrow(/^message_unknown$/);
  await expect(s.when.deletes(ada, first)).rejects.toThrow(/^message_unknown$/);
});
