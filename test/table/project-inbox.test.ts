import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { headKey } from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { injectFaults } from '../support/faults.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';
import { withoutRows } from '../support/without-rows.ts';

let table: Table;
let clock: ReturnType<typeof clockAt>;
let s: Scenario;
let ada: User;
let bob: User;
let cy: User;

const start = '2023-03-24T09:45:01.000000+00:00' as Timestamp;
const plus = (micros: number) => fromMicros(toMicros(start) + micros);

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
});

beforeEach(async () => {
  clock = clockAt(start);
  s = scenario(table, { now: clock.now });
  [ada, bob, cy] = [await s.given.user(), await s.given.user(), await s.given.user()];
});

const anotherProcess = () => scenario(openTable(table.name, localConfig(dynamodbEndpoint)), { now: clock.now });
const rowsOf = (user: User) => dump(table, `GRP#${user.user_uuid}`);
const placesOf = async (user: User) => (await rowsOf(user)).map(({ sk, message }) => [sk, message]);

describe('a projection', () => {
  test('gives each participant one row: the newest message, the other participant, the unread count', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    clock.move(5);
    await s.when.sendsIn(ada, conversation, 'two');
    clock.move(5);
    await s.when.sendsIn(bob, conversation, 'three');
    expect(await placesOf(ada)).toEqual([[start, 'one']]);
    expect(await s.when.projected(conversation)).toBe(true);
    const shown = { message_group_uuid: conversation, message: 'three', last_message_at: plus(10), rows_rev: 2 };
    expect(await s.then.inbox(ada)).toEqual([{ ...shown, other: bob, unread_count: 1 }]);
    expect(await s.then.inbox(bob)).toEqual([{ ...shown, other: ada, unread_count: 2 }]);
  });

  test('creates both rows of a conversation that version 0.2.0 began', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    await withoutRows(table, ada.user_uuid);
    expect([await rowsOf(ada), await rowsOf(bob)]).toEqual([[], []]);
    expect(await s.when.projected(conversation)).toBe(true);
    expect(await placesOf(ada)).toEqual([[start, 'one']]);
    expect(await placesOf(bob)).toEqual([[start, 'one']]);
  });

  test('moves the rows to the new sort key, and leaves none at the old one', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    await s.when.projected(conversation);
    clock.move(7);
    await s.when.sendsIn(bob, conversation, 'two');
    await s.when.projected(conversation);
    expect(await placesOf(ada)).toEqual([[plus(7), 'two']]);
    expect(await placesOf(bob)).toEqual([[plus(7), 'two']]);
  });

  test('that is repeated changes nothing', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    await s.when.projected(conversation);
    const before = await dump(table);
    expect(await s.when.projected(conversation)).toBe(false);
    expect(await anotherProcess().when.projected(conversation)).toBe(false);
    expect(await dump(table)).toEqual(before);
  });

  test('that runs eight times concurrently leaves one row per participant', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    clock.move(3);
    await s.when.sendsIn(ada, conversation, 'two');
    const written = await Promise.all(Array.from({ length: 8 }, () => anotherProcess().when.projected(conversation)));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await placesOf(ada)).toEqual([[plus(3), 'two']]);
    expect(await placesOf(bob)).toEqual([[plus(3), 'two']]);
  });

  test('that runs concurrently with sends leaves correct rows after the last send', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        clock.move(1);
        const { when } = n % 2 ? s : anotherProcess();
        await when.sendsIn(n % 3 ? ada : bob, conversation, `m${n}`);
        await when.projected(conversation);
      }),
    );
    const newest = (await s.then.conversation(ada, conversation)).at(-1);
    for (const [me, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect(await s.then.inbox(me)).toEqual([
        expect.objectContaining({ message: newest?.message, last_message_at: newest?.created_at, other }),
      ]);
    }
  });

  test('survives conflicts, throttling and lost answers', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    clock.move(3);
    await s.when.sendsIn(ada, conversation, 'two');
    const shaky = anotherProcess();
    injectFaults(shaky.deps.table, ['conflict', 'throttled', 'lost before', 'lost after', 'lost after', 'lost after']);
    expect(await shaky.when.projected(conversation)).toBe(true);
    expect(await placesOf(ada)).toEqual([[plus(3), 'two']]);
    const [head] = await dump(table, `HEAD#${conversation}`);
    expect(head?.rows_rev).toBe(2);
  });

  test('writes rows only for the two users whose messages the head counts', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    await s.when.sendsIn(ada, conversation, 'two');
    const impatient = scenario(table, { now: clock.now, retryBudget: 150 });
    const [head] = await dump(table, `HEAD#${conversation}`);
    for (const participants of [
      [ada, cy],
      [cy, bob],
    ]) {
      await load(table, [{ ...head, participants }]);
      await expect(impatient.when.projected(conversation)).rejects.toThrow(/^message_group_busy$/);
    }
    const places = [await placesOf(ada), await placesOf(bob), await placesOf(cy)];
    expect(places).toEqual([[[start, 'one']], [[start, 'one']], []]);
  });

  test('fails for a message without a head', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'one');
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(conversation) }));
    await expect(s.when.projected(conversation)).rejects.toThrow('the conversation of a message has no head');
  });
});

describe('with two conversations of one user in the same microsecond,', () => {
  /** Lets each of these users write to ada a while before, so that a message at the start is no first contact. */
  const wroteBefore = async (...users: User[]) => {
    clock.move(-1_000);
    for (const user of users) await s.when.sends(user, ada, 'before');
    clock.set(start);
  };

  test('the second row gets the next free sort key immediately if the message begins a conversation', async () => {
    await s.when.sends(bob, ada, 'from bob');
    const two = await s.when.sends(cy, ada, 'from cy');
    expect(two).toMatchObject({ created_at: start, seq: 1 });
    expect(await placesOf(ada)).toEqual([
      [start, 'from bob'],
      [plus(1), 'from cy'],
    ]);
    expect(await placesOf(cy)).toEqual([[plus(1), 'from cy']]);
    const [head] = await dump(table, `HEAD#${two.message_group_uuid}`);
    expect(head).toMatchObject({ inbox_at: plus(1), shown_at: start, last_message_at: start });
    expect(await s.when.projected(two.message_group_uuid)).toBe(false);
  });

  test('the second row gets the next free sort key, and shows the true time of its message', async () => {
    await wroteBefore(bob, cy);
    const one = await s.when.sends(bob, ada, 'from bob');
    const two = await s.when.sends(cy, ada, 'from cy');
    await s.when.projected(one.message_group_uuid);
    await s.when.projected(two.message_group_uuid);
    expect(await placesOf(ada)).toEqual([
      [start, 'from bob'],
      [plus(1), 'from cy'],
    ]);
    expect(await placesOf(cy)).toEqual([[plus(1), 'from cy']]);
    const inbox = await s.then.inbox(ada);
    expect(inbox.map(({ last_message_at }) => last_message_at)).toEqual([start, start]);
    const [head] = await dump(table, `HEAD#${two.message_group_uuid}`);
    expect(head).toMatchObject({ inbox_at: plus(1), shown_at: start, last_message_at: start });
    expect(await s.when.projected(two.message_group_uuid)).toBe(false);
  });

  test('a next message whose time is the sort key of the moved row updates the row without moving it', async () => {
    await wroteBefore(bob, cy);
    const one = await s.when.sends(bob, ada, 'from bob');
    const two = await s.when.sends(cy, ada, 'from cy');
    await s.when.projected(one.message_group_uuid);
    await s.when.projected(two.message_group_uuid);
    const next = await s.when.sendsIn(cy, two.message_group_uuid, 'again from cy');
    expect(next.created_at).toBe(plus(1)); // the clock stands still, so this is the next microsecond: the place of the row
    await s.when.projected(two.message_group_uuid);
    expect(await placesOf(ada)).toEqual([
      [start, 'from bob'],
      [plus(1), 'again from cy'],
    ]);
    expect(await placesOf(cy)).toEqual([[plus(1), 'again from cy']]);
    expect((await s.then.inbox(ada))[0]).toMatchObject({ unread_count: 3 });
  });

  test('a sort key that the conversation’s own row has counts as free', async () => {
    const dan = await s.given.user();
    await wroteBefore(bob, cy, dan);
    const conversations = [];
    for (const sender of [bob, cy, dan])
      conversations.push((await s.when.sends(sender, ada, sender.handle)).message_group_uuid);
    for (const conversation of conversations) await s.when.projected(conversation);
    expect((await placesOf(ada)).map(([sk]) => sk)).toEqual([start, plus(1), plus(2)]);
    // dan's next message is at +1, the place of cy's row, so his row goes to the next free place: +2, where it is already
    const next = await s.when.sendsIn(dan, conversations[2] as never, 'dan again');
    expect(next.created_at).toBe(plus(1));
    await s.when.projected(conversations[2] as never);
    expect(await placesOf(ada)).toEqual([
      [start, bob.handle],
      [plus(1), cy.handle],
      [plus(2), 'dan again'],
    ]);
  });

  test('marking as read does not move a moved row back, even after the sort key of its true time has become free', async () => {
    await wroteBefore(bob, cy);
    const one = await s.when.sends(bob, ada, 'from bob');
    const two = await s.when.sends(cy, ada, 'from cy');
    await s.when.projected(one.message_group_uuid);
    await s.when.projected(two.message_group_uuid);
    clock.move(10);
    await s.when.sendsIn(bob, one.message_group_uuid, 'bob moves on');
    await s.when.projected(one.message_group_uuid);
    await s.when.reads(ada, two);
    expect(await rowsOf(ada)).toMatchObject([
      { sk: plus(1), unread_count: 0 },
      { sk: plus(10), unread_count: 3 },
    ]);
    expect(await rowsOf(cy)).toMatchObject([{ sk: plus(1) }]);
  });

  test('twenty concurrent projections get twenty different sort keys', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => s.given.user()));
    await wroteBefore(...others);
    const sent = await Promise.all(others.map((other) => s.when.sends(other, ada, other.handle)));
    await Promise.all(sent.map(({ message_group_uuid }) => anotherProcess().when.projected(message_group_uuid)));
    const places = (await placesOf(ada)).map(([sk]) => sk);
    expect(places).toEqual(Array.from({ length: 20 }, (_, n) => plus(n)));
    for (const other of others) expect(await rowsOf(other)).toHaveLength(1);
  });
});

describe('marking as read', () => {
  const fiveMessages = async () => {
    const sent = [await s.when.sends(ada, bob, 'a1')];
    const conversation = sent[0]?.message_group_uuid as never;
    for (const [sender, text] of [
      [bob, 'b1'],
      [bob, 'b2'],
      [ada, 'a2'],
      [bob, 'b3'],
    ] as const) {
      clock.move(10);
      sent.push(await s.when.sendsIn(sender, conversation, text));
    }
    await s.when.projected(conversation);
    return sent;
  };
  const unread = async (me: User) => (await s.then.inbox(me))[0]?.unread_count;

  test('counts the other’s messages after the marked one as unread, and never moves back', async () => {
    const [a1, b1, , a2, b3] = await fiveMessages();
    expect([await unread(ada), await unread(bob)]).toEqual([3, 2]);
    await s.when.reads(ada, b1 as never);
    expect(await unread(ada)).toBe(2);
    await s.when.reads(ada, a2 as never);
    expect(await unread(ada)).toBe(1);
    await s.when.reads(ada, a1 as never);
    expect(await unread(ada)).toBe(1);
    await s.when.reads(ada, b3 as never);
    expect([await unread(ada), await unread(bob)]).toEqual([0, 2]);
  });

  test('a second time writes nothing', async () => {
    const [, , , , b3] = await fiveMessages();
    await s.when.reads(ada, b3 as never);
    const before = await dump(table);
    await s.when.reads(ada, b3 as never);
    expect(await dump(table)).toEqual(before);
  });

  test('before the first projection creates both rows', async () => {
    const first = await s.when.sends(ada, bob, 'one');
    await withoutRows(table, bob.user_uuid);
    expect([await s.then.inbox(ada), await s.then.inbox(bob)]).toEqual([[], []]);
    await s.when.reads(bob, first);
    expect(await unread(bob)).toBe(0);
    expect(await s.then.inbox(ada)).toHaveLength(1);
    expect(await s.when.projected(first.message_group_uuid)).toBe(false);
  });

  test('shows a newer message that is not yet projected as unread', async () => {
    const sent = await fiveMessages();
    clock.move(10);
    await s.when.sendsIn(bob, sent[0]?.message_group_uuid as never, 'b4');
    await s.when.reads(ada, sent[4] as never);
    expect(await s.then.inbox(ada)).toMatchObject([{ message: 'b4', unread_count: 1 }]);
    expect(await rowsOf(ada)).toHaveLength(1);
  });

  test('while the other participant keeps sending ends with the exact unread count', async () => {
    const [first] = await fiveMessages();
    const conversation = first?.message_group_uuid as never;
    const marked: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const { when } = anotherProcess();
        const sent = await when.sendsIn(bob, conversation, `m${n}`);
        if (n % 2) {
          await when.reads(ada, sent);
          marked.push(sent.seq);
        } else await when.projected(conversation);
      }),
    );
    await s.when.projected(conversation);
    const stored = await s.then.conversation(ada, conversation);
    const expected = stored.filter(({ sender, seq }) => sender.handle === bob.handle && seq > Math.max(...marked));
    expect(await unread(ada)).toBe(expected.length);
    expect(await rowsOf(ada)).toHaveLength(1);
  });

  test('fails for a time without a message, and for a stranger', async () => {
    const [a1] = await fiveMessages();
    const nowhere = { message_group_uuid: a1?.message_group_uuid as never, created_at: plus(5) };
    await expect(s.when.reads(ada, nowhere)).rejects.toThrow(/^message_unknown$/);
    await expect(s.when.reads(cy, nowhere)).rejects.toThrow(/^message_group_unknown$/);
    await expect(s.when.reads(cy, a1 as never)).rejects.toThrow(/^message_group_unknown$/);
    const unknown = { ...nowhere, message_group_uuid: '00000000-0000-4000-8000-000000000000' as never };
    await expect(s.when.reads(ada, unknown)).rejects.toThrow(/^message_group_unknown$/);
  });
});
