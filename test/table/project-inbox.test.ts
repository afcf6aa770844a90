import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { headKey } from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { tamper } from '../support/faults.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';
import { clockAt, type World, world } from '../support/world.ts';

let table: Table;
let clock: ReturnType<typeof clockAt>;
let w: World;
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
  w = world(table, { now: clock.now });
  [ada, bob, cy] = [await w.given.user(), await w.given.user(), await w.given.user()];
});

const elsewhere = () => world(openTable(table.name, localConfig(dynamodbEndpoint)), { now: clock.now });
const rowsOf = (person: User) => dump(table, `GRP#${person.user_uuid}`);
const placesOf = async (person: User) => (await rowsOf(person)).map(({ sk, message }) => [sk, message]);

describe('after a message', () => {
  test('each has one row: the newest message, the other person, what is unread', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    clock.move(5);
    await w.when.sendsIn(ada, conversation, 'two');
    clock.move(5);
    await w.when.sendsIn(bob, conversation, 'three');
    expect(await w.then.inbox(ada)).toEqual([]);
    expect(await w.when.projected(conversation)).toBe(true);
    const shown = { message_group_uuid: conversation, message: 'three', last_message_at: plus(10) };
    expect(await w.then.inbox(ada)).toEqual([{ ...shown, other: bob, unread_count: 1 }]);
    expect(await w.then.inbox(bob)).toEqual([{ ...shown, other: ada, unread_count: 2 }]);
  });

  test('the row moves: the old one is gone', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    await w.when.projected(conversation);
    clock.move(7);
    await w.when.sendsIn(bob, conversation, 'two');
    await w.when.projected(conversation);
    expect(await placesOf(ada)).toEqual([[plus(7), 'two']]);
    expect(await placesOf(bob)).toEqual([[plus(7), 'two']]);
  });

  test('told again, late or out of order, nothing changes', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    await w.when.projected(conversation);
    const before = await dump(table);
    expect(await w.when.projected(conversation)).toBe(false);
    expect(await elsewhere().when.projected(conversation)).toBe(false);
    expect(await dump(table)).toEqual(before);
  });

  test('eight projections at once leave one row each', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    const written = await Promise.all(Array.from({ length: 8 }, () => elsewhere().when.projected(conversation)));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await placesOf(ada)).toEqual([[start, 'one']]);
    expect(await placesOf(bob)).toEqual([[start, 'one']]);
  });

  test('sends and projections at once: after the last one it is right', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        clock.move(1);
        const { when } = n % 2 ? w : elsewhere();
        await when.sendsIn(n % 3 ? ada : bob, conversation, `m${n}`);
        await when.projected(conversation);
      }),
    );
    const newest = (await w.then.conversation(ada, conversation)).at(-1);
    for (const [me, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect(await w.then.inbox(me)).toEqual([
        expect.objectContaining({ message: newest?.message, last_message_at: newest?.created_at, other }),
      ]);
    }
  });

  test('conflicts, throttling and lost answers are ridden out', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    const shaky = elsewhere();
    tamper(shaky.deps.table, ['conflict', 'throttled', 'lost before', 'lost after', 'lost after', 'lost after']);
    expect(await shaky.when.projected(conversation)).toBe(true);
    expect(await placesOf(ada)).toEqual([[start, 'one']]);
    const [head] = await dump(table, `HEAD#${conversation}`);
    expect(head?.rows_rev).toBe(1);
  });

  test('rows are written for the two whom the head counts, and for nobody else', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    const impatient = world(table, { now: clock.now, retryBudget: 150 });
    const [head] = await dump(table, `HEAD#${conversation}`);
    for (const participants of [
      [ada, cy],
      [cy, bob],
    ]) {
      await load(table, [{ ...head, participants }]);
      await expect(impatient.when.projected(conversation)).rejects.toThrow(/^message_group_busy$/);
    }
    expect([await rowsOf(ada), await rowsOf(bob), await rowsOf(cy)]).toEqual([[], [], []]);
  });

  test('a message without a head is no news to ignore', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'one');
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(conversation) }));
    await expect(w.when.projected(conversation)).rejects.toThrow('a message without a head');
  });
});

describe('two conversations of one person in the same microsecond', () => {
  test('the second row sits at the next free place, and tells its true time', async () => {
    const one = await w.when.sends(bob, ada, 'from bob');
    const two = await w.when.sends(cy, ada, 'from cy');
    await w.when.projected(one.message_group_uuid);
    await w.when.projected(two.message_group_uuid);
    expect(await placesOf(ada)).toEqual([
      [start, 'from bob'],
      [plus(1), 'from cy'],
    ]);
    expect(await placesOf(cy)).toEqual([[plus(1), 'from cy']]);
    const inbox = await w.then.inbox(ada);
    expect(inbox.map(({ last_message_at }) => last_message_at)).toEqual([start, start]);
    const [head] = await dump(table, `HEAD#${two.message_group_uuid}`);
    expect(head).toMatchObject({ inbox_at: plus(1), shown_at: start, last_message_at: start });
    expect(await w.when.projected(two.message_group_uuid)).toBe(false);
  });

  test('the next message exactly on the place of the moved row updates it in place', async () => {
    const one = await w.when.sends(bob, ada, 'from bob');
    const two = await w.when.sends(cy, ada, 'from cy');
    await w.when.projected(one.message_group_uuid);
    await w.when.projected(two.message_group_uuid);
    const next = await w.when.sendsIn(cy, two.message_group_uuid, 'again from cy');
    expect(next.created_at).toBe(plus(1)); // the clock stands still: the next microsecond, where the row sits already
    await w.when.projected(two.message_group_uuid);
    expect(await placesOf(ada)).toEqual([
      [start, 'from bob'],
      [plus(1), 'again from cy'],
    ]);
    expect(await placesOf(cy)).toEqual([[plus(1), 'again from cy']]);
    expect((await w.then.inbox(ada))[0]).toMatchObject({ unread_count: 2 });
  });

  test('a row that was pushed ahead comes back to the time of the next message', async () => {
    const dan = await w.given.user();
    const conversations = [];
    for (const person of [bob, cy, dan])
      conversations.push((await w.when.sends(person, ada, person.handle)).message_group_uuid);
    for (const conversation of conversations) await w.when.projected(conversation);
    expect((await placesOf(ada)).map(([sk]) => sk)).toEqual([start, plus(1), plus(2)]);
    // dan's next message is at +1, cy's place: his own row at +2 counts as free
    const next = await w.when.sendsIn(dan, conversations[2] as never, 'dan again');
    expect(next.created_at).toBe(plus(1));
    await w.when.projected(conversations[2] as never);
    expect(await placesOf(ada)).toEqual([
      [start, bob.handle],
      [plus(1), cy.handle],
      [plus(2), 'dan again'],
    ]);
  });

  test('marking as read leaves a pushed row where it is, also when its true place has become free', async () => {
    const one = await w.when.sends(bob, ada, 'from bob');
    const two = await w.when.sends(cy, ada, 'from cy');
    await w.when.projected(one.message_group_uuid);
    await w.when.projected(two.message_group_uuid);
    clock.move(10);
    await w.when.sendsIn(bob, one.message_group_uuid, 'bob moves on');
    await w.when.projected(one.message_group_uuid);
    await w.when.reads(ada, two);
    expect(await rowsOf(ada)).toMatchObject([
      { sk: plus(1), unread_count: 0 },
      { sk: plus(10), unread_count: 2 },
    ]);
    expect(await rowsOf(cy)).toMatchObject([{ sk: plus(1) }]);
  });

  test('twenty conversations projected at once: each has its place', async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => w.given.user()));
    const sent = await Promise.all(others.map((other) => w.when.sends(other, ada, other.handle)));
    await Promise.all(sent.map(({ message_group_uuid }) => elsewhere().when.projected(message_group_uuid)));
    const places = (await placesOf(ada)).map(([sk]) => sk);
    expect(places).toEqual(Array.from({ length: 20 }, (_, n) => plus(n)));
    for (const other of others) expect(await rowsOf(other)).toHaveLength(1);
  });
});

describe('marking as read', () => {
  const talk = async () => {
    const sent = [await w.when.sends(ada, bob, 'a1')];
    const conversation = sent[0]?.message_group_uuid as never;
    for (const [who, text] of [
      [bob, 'b1'],
      [bob, 'b2'],
      [ada, 'a2'],
      [bob, 'b3'],
    ] as const) {
      clock.move(10);
      sent.push(await w.when.sendsIn(who, conversation, text));
    }
    await w.when.projected(conversation);
    return sent;
  };
  const unread = async (me: User) => (await w.then.inbox(me))[0]?.unread_count;

  test('counts the other’s messages after the marked one, be it mine or theirs; never moves back', async () => {
    const [a1, b1, , a2, b3] = await talk();
    expect([await unread(ada), await unread(bob)]).toEqual([3, 2]);
    await w.when.reads(ada, b1 as never);
    expect(await unread(ada)).toBe(2);
    await w.when.reads(ada, a2 as never);
    expect(await unread(ada)).toBe(1);
    await w.when.reads(ada, a1 as never);
    expect(await unread(ada)).toBe(1);
    await w.when.reads(ada, b3 as never);
    expect([await unread(ada), await unread(bob)]).toEqual([0, 2]);
  });

  test('the same again writes nothing', async () => {
    const [, , , , b3] = await talk();
    await w.when.reads(ada, b3 as never);
    const before = await dump(table);
    await w.when.reads(ada, b3 as never);
    expect(await dump(table)).toEqual(before);
  });

  test('before the first projection it makes the rows itself', async () => {
    const first = await w.when.sends(ada, bob, 'one');
    await w.when.reads(bob, first);
    expect(await unread(bob)).toBe(0);
    expect(await w.then.inbox(ada)).toHaveLength(1);
    expect(await w.when.projected(first.message_group_uuid)).toBe(false);
  });

  test('with a newer message not yet projected, it shows that one, unread', async () => {
    const sent = await talk();
    clock.move(10);
    await w.when.sendsIn(bob, sent[0]?.message_group_uuid as never, 'b4');
    await w.when.reads(ada, sent[4] as never);
    expect(await w.then.inbox(ada)).toMatchObject([{ message: 'b4', unread_count: 1 }]);
    expect(await rowsOf(ada)).toHaveLength(1);
  });

  test('while the other goes on writing: exact in the end', async () => {
    const [first] = await talk();
    const conversation = first?.message_group_uuid as never;
    const marked: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const { when } = elsewhere();
        const sent = await when.sendsIn(bob, conversation, `m${n}`);
        if (n % 2) {
          await when.reads(ada, sent);
          marked.push(sent.seq);
        } else await when.projected(conversation);
      }),
    );
    await w.when.projected(conversation);
    const stored = await w.then.conversation(ada, conversation);
    const expected = stored.filter(({ sender, seq }) => sender.handle === bob.handle && seq > Math.max(...marked));
    expect(await unread(ada)).toBe(expected.length);
    expect(await rowsOf(ada)).toHaveLength(1);
  });

  test('a time that is no message’s is unknown; so is everything, to a stranger', async () => {
    const [a1] = await talk();
    const nowhere = { message_group_uuid: a1?.message_group_uuid as never, created_at: plus(5) };
    await expect(w.when.reads(ada, nowhere)).rejects.toThrow(/^message_unknown$/);
    await expect(w.when.reads(cy, nowhere)).rejects.toThrow(/^message_group_unknown$/);
    await expect(w.when.reads(cy, a1 as never)).rejects.toThrow(/^message_group_unknown$/);
    const unknown = { ...nowhere, message_group_uuid: '00000000-0000-4000-8000-000000000000' as never };
    await expect(w.when.reads(ada, unknown)).rejects.toThrow(/^message_group_unknown$/);
  });
});
