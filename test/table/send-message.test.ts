import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { openTable, type Table } from '../../core/table/client.ts';
import { messageKey, receiptKey } from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { tamper } from '../support/faults.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';
import { clockAt, type World, world } from '../support/world.ts';

let table: Table;
let w: World;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  w = world(table);
});

/** The same table seen by another process: its own connection, memory and queue. */
const elsewhere = (replaced = {}) => world(openTable(table.name, localConfig(dynamodbEndpoint)), replaced);
const seqs = (messages: { seq: number }[]) => messages.map(({ seq }) => seq);
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('races', () => {
  test('50 first messages of one pair at once are one conversation of 50 messages', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const processes = [w, elsewhere(), elsewhere(), elsewhere(), elsewhere()];
    const sent = await Promise.all(
      upTo(50).map((n) => {
        const { when } = processes[n % 5] as World;
        return n % 2 ? when.sends(ada, bob, `a${n}`) : when.sends(bob, ada, `b${n}`);
      }),
    );
    const conversations = new Set(sent.map(({ message_group_uuid }) => message_group_uuid));
    expect(conversations.size).toBe(1);
    const [conversation] = conversations;
    const stored = await w.then.conversation(ada, conversation as never);
    expect(seqs(stored)).toEqual(upTo(50));
    expect(stored.map(({ message }) => message).sort()).toEqual(sent.map(({ message }) => message).sort());
    const pair = [ada.user_uuid, bob.user_uuid].sort().join('#');
    expect(await dump(table, `PAIR#${pair}`)).toHaveLength(1);
  });

  test('200 concurrent sends from both sides: no gap, no loss, none twice', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
    const processes = [w, elsewhere(), elsewhere(), elsewhere()];
    const sent = await Promise.all(
      upTo(200).map((n) => (processes[n % 4] as World).when.sendsIn(n % 3 ? ada : bob, conversation, `m${n}`)),
    );
    const stored = await w.then.conversation(bob, conversation);
    expect(seqs(stored)).toEqual(upTo(201));
    expect(new Set(stored.map(({ message_uuid }) => message_uuid)).size).toBe(201);
    expect(stored.slice(1)).toEqual(expect.arrayContaining(sent));
    for (const person of [ada, bob]) {
      const own = stored.filter(({ sender }) => sender.user_uuid === person.user_uuid);
      expect(own.map(({ sender_seq }) => sender_seq)).toEqual(upTo(own.length));
    }
  });

  test('a conversation that stays too busy gives up in time, and has written nothing', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
    const busy = elsewhere({ retryBudget: 150 });
    tamper(busy.deps.table, Array(1000).fill('conflict'));
    await expect(busy.when.sendsIn(ada, conversation, 'never')).rejects.toThrow(/^message_group_busy$/);
    const throttled = elsewhere({ retryBudget: 150 });
    tamper(throttled.deps.table, Array(1000).fill('throttled'));
    await expect(throttled.when.sendsIn(ada, conversation, 'never')).rejects.toThrow(/^throttled$/);
    expect(await w.then.conversation(ada, conversation)).toHaveLength(1);
  });
});

test('a send that waited its whole time in the queue is not begun', async () => {
  const [ada, bob] = [await w.given.user(), await w.given.user()];
  const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
  await expect(elsewhere({ retryBudget: 0 }).when.sendsIn(ada, conversation, 'late')).rejects.toThrow(
    /^message_group_busy$/,
  );
  expect(await w.then.conversation(ada, conversation)).toHaveLength(1);
});

describe('clocks', () => {
  test('in one microsecond, back in time, across New Year: the order is the order of sending', async () => {
    const clock = clockAt('2023-12-31T23:59:59.999999+00:00');
    const at = elsewhere({ now: clock.now });
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await at.when.sends(ada, bob, 'at the last microsecond of the year');
    await at.when.sendsIn(bob, conversation, 'in the same one');
    clock.set('2020-02-29T12:00:00.000000+00:00');
    await at.when.sendsIn(ada, conversation, 'by a clock that jumped back');
    clock.set('2024-01-01T00:00:00.000002+00:00');
    await at.when.sendsIn(ada, conversation, 'a little later');
    const stored = await at.then.conversation(ada, conversation);
    expect(stored.map(({ created_at }) => created_at)).toEqual([
      '2023-12-31T23:59:59.999999+00:00',
      '2024-01-01T00:00:00.000000+00:00',
      '2024-01-01T00:00:00.000001+00:00',
      '2024-01-01T00:00:00.000002+00:00',
    ]);
    expect(seqs(stored)).toEqual([1, 2, 3, 4]);
  });
});

test('what already sits where a message would go is not overwritten', async () => {
  const clock = clockAt('2025-05-05T05:05:05.000000+00:00');
  const at = elsewhere({ now: clock.now, retryBudget: 150 });
  const [ada, bob] = [await w.given.user(), await w.given.user()];
  const { message_group_uuid: conversation } = await at.when.sends(ada, bob, 'first');
  clock.move(10);
  const squatter = { ...messageKey(conversation, clock.now()), note: 'here first' };
  await load(table, [squatter]);
  await expect(at.when.sendsIn(ada, conversation, 'second')).rejects.toThrow(/^message_group_busy$/);
  expect(await dump(table, `MSG#${conversation}`)).toContainEqual(squatter);
  clock.move(1);
  expect((await at.when.sendsIn(ada, conversation, 'second')).seq).toBe(2);
});

describe('lost answers', () => {
  test.each([
    ['once, which the SDK retries', 1],
    ['so often that the SDK gives up', 4],
  ])('a send whose answer is lost after the commit is stored once: %s', async (_, times) => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const shaky = elsewhere();
    const first = tamper(shaky.deps.table, Array(times).fill('lost after'));
    const sent = await shaky.when.sends(ada, bob, 'first contact');
    expect(new Set(first.tokens).size).toBe(1);
    expect(first.tokens.length).toBeGreaterThan(times);

    tamper(shaky.deps.table, Array(times).fill('lost after'));
    await shaky.when.sendsIn(bob, sent.message_group_uuid, 'in a group');
    tamper(shaky.deps.table, Array(times).fill('lost after'));
    await shaky.when.sendsIn(bob, sent.message_group_uuid, 'with a key', 'k');
    const stored = await w.then.conversation(ada, sent.message_group_uuid);
    expect(stored.map(({ message }) => message)).toEqual(['first contact', 'in a group', 'with a key']);
  });

  test('after a definite refusal the token is new', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
    const shaky = elsewhere();
    const { tokens } = tamper(shaky.deps.table, ['conflict', 'throttled', 'lost after']);
    await shaky.when.sendsIn(ada, conversation, 'second');
    expect(tokens.map((token) => tokens.indexOf(token))).toEqual([0, 1, 2, 2]);
    expect(seqs(await w.then.conversation(ada, conversation))).toEqual([1, 2]);
  });

  test('a request that never arrived goes again with the same token, a conflict in between or not', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
    const shaky = elsewhere();
    const { tokens } = tamper(shaky.deps.table, ['lost before', 'conflict', 'lost before', 'throttled']);
    await shaky.when.sendsIn(ada, conversation, 'second');
    expect(new Set(tokens).size).toBe(1);
    expect(seqs(await w.then.conversation(ada, conversation))).toEqual([1, 2]);
  });

  test.each(['conflict', 'throttled'] as const)(
    'a try that arrives after the next was told %s is stored once',
    async (told) => {
      const [ada, bob] = [await w.given.user(), await w.given.user()];
      const shaky = elsewhere();
      tamper(shaky.deps.table, ['late', told]);
      const { message_group_uuid: conversation } = await shaky.when.sends(ada, bob, 'first contact');
      tamper(shaky.deps.table, ['late', told]);
      await shaky.when.sendsIn(ada, conversation, 'in a group');
      const stored = await w.then.conversation(ada, conversation);
      expect(stored.map(({ message }) => message)).toEqual(['first contact', 'in a group']);
    },
  );

  test('a try that arrives after its conversation has moved on is not stored', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
    const shaky = elsewhere();
    await shaky.when.sendsIn(ada, conversation, 'second'); // and remembers that head
    await w.when.sendsIn(bob, conversation, 'third');
    tamper(shaky.deps.table, ['late']);
    await shaky.when.sendsIn(ada, conversation, 'fourth');
    const stored = await w.then.conversation(ada, conversation);
    expect(stored.map(({ message }) => message)).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('the same request again', () => {
  test('gets the first answer, and nothing is written', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const first = await w.when.sends(ada, bob, 'hello', 'k');
    await w.when.sendsIn(bob, first.message_group_uuid, 'meanwhile');
    const before = await dump(table);
    expect(await w.when.sends(ada, bob, 'hello', 'k')).toEqual(first);
    expect(await elsewhere().when.sends(ada, bob, 'hello', 'k')).toEqual(first);
    expect(await dump(table)).toEqual(before);
  });

  test('in a group too', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'hello');
    const first = await w.when.sendsIn(bob, conversation, 'hi', 'k');
    expect(await w.when.sendsIn(bob, conversation, 'hi', 'k')).toEqual(first);
    expect(await elsewhere().when.sendsIn(bob, conversation, 'hi', 'k')).toEqual(first);
    expect(await w.then.conversation(ada, conversation)).toHaveLength(2);
  });

  test('eight first sends with one key at once are one message', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const answers = await Promise.all(upTo(8).map(() => elsewhere().when.sends(ada, bob, 'once', 'k')));
    expect(new Set(answers.map(({ message_uuid }) => message_uuid)).size).toBe(1);
    const [first] = answers;
    expect(await w.then.conversation(bob, first?.message_group_uuid as never)).toEqual([first]);
  });

  test('with another body it is refused: other text, other target', async () => {
    const [ada, bob, cy] = [await w.given.user(), await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'hello', 'k');
    await expect(w.when.sends(ada, bob, 'hello!', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
    await expect(w.when.sends(ada, cy, 'hello', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
    await expect(w.when.sendsIn(ada, conversation, 'hello', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
    expect(await w.then.conversation(ada, conversation)).toHaveLength(1);
  });

  test('a key is its person’s own', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'hello', 'k');
    await w.when.sendsIn(bob, conversation, 'hello', 'k');
    expect(await w.then.conversation(ada, conversation)).toHaveLength(2);
  });

  test('a refused request leaves its key free', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    await expect(w.when.sends(ada, ada, 'to myself', 'k')).rejects.toThrow(/^message_to_self$/);
    await w.when.sends(ada, bob, 'now', 'k');
  });

  test('an expired receipt counts as free, though DynamoDB has not deleted it', async () => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    const first = await w.when.sends(ada, bob, 'hello', 'k');
    const expire = (expires_at: number) =>
      table.client.send(
        new UpdateCommand({
          TableName: table.name,
          Key: receiptKey(ada.user_uuid, 'k'),
          UpdateExpression: 'SET expires_at = :at',
          ExpressionAttributeValues: { ':at': expires_at },
        }),
      );
    const now = Math.floor(Date.now() / 1000);
    await expire(now + 60);
    expect(await w.when.sends(ada, bob, 'hello', 'k')).toEqual(first);
    await expire(now - 1);
    const again = await w.when.sends(ada, bob, 'another text', 'k');
    expect(again.seq).toBe(2);
    expect(await w.when.sends(ada, bob, 'another text', 'k')).toEqual(again);
  });

  test.each(['', ' ', 'a b', 'ä', 'x'.repeat(129), 'a\n'])('%j is no key', async (key) => {
    const [ada, bob] = [await w.given.user(), await w.given.user()];
    await expect(w.when.sends(ada, bob, 'x', key)).rejects.toThrow(/^idempotency_key_invalid$/);
  });
});

describe('who may write where', () => {
  test('a stranger meets a conversation as one that is not there, also where it is remembered', async () => {
    const [ada, bob, eve] = [await w.given.user(), await w.given.user(), await w.given.user()];
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'private');
    await expect(w.when.sendsIn(eve, conversation, 'x')).rejects.toThrow(/^message_group_unknown$/);
    await expect(elsewhere().when.sendsIn(eve, conversation, 'x')).rejects.toThrow(/^message_group_unknown$/);
    expect(await w.then.conversation(ada, conversation)).toHaveLength(1);
  });

  test('nobody, oneself and somebody without an account get no message', async () => {
    const ada = await w.given.user();
    const nobody = { ...ada, handle: 'nobody_at_all' as never };
    await expect(w.when.sends(ada, nobody, 'x')).rejects.toThrow(/^handle_unknown$/);
    await expect(w.when.sends(ada, { ...ada, handle: '@NOT A HANDLE' as never }, 'x')).rejects.toThrow(
      /^handle_unknown$/,
    );
    await expect(w.when.sends(ada, ada, 'x')).rejects.toThrow(/^message_to_self$/);
    const ghost = { ...ada, user_uuid: '00000000-0000-4000-8000-00000000dead' as never };
    await expect(w.when.sends(ghost, await w.given.user(), 'x')).rejects.toThrow(/^person_unknown$/);
  });
});

test('a head that was remembered from a table that is gone is forgotten', async () => {
  const other = await newTable(dynamodbEndpoint);
  const [ada, bob] = [await w.given.user(), await w.given.user()];
  const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
  const moved = world(other, { memory: w.deps.memory });
  await expect(moved.when.sendsIn(ada, conversation, 'second')).rejects.toThrow(/^message_group_unknown$/);
  expect(w.deps.memory.heads.has(conversation)).toBe(false);
  expect(await dump(other)).toEqual([]);
  expect((await w.when.sendsIn(ada, conversation, 'second')).seq).toBe(2);
});

test('a warm process sends in one round trip', async () => {
  const [ada, bob] = [await w.given.user(), await w.given.user()];
  const warm = elsewhere();
  const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
  const calls: string[] = [];
  warm.deps.table.client.middlewareStack.add((next, { commandName }) => (args) => {
    calls.push(String(commandName));
    return next(args);
  });
  await warm.when.sendsIn(ada, conversation, 'second');
  expect(calls).toEqual(['TransactWriteItemsCommand']);
});
