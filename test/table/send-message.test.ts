import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { newMemory } from '../../core/deps.ts';
import { knownUsers } from '../../core/known-users.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { messageKey, receiptKey } from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { injectFaults } from '../support/faults.ts';
import { interceptedTable } from '../support/intercepted-table.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table);
});

/** Another process on the same table, with its own connection, memory and queue. */
const anotherProcess = (replaced = {}) => scenario(openTable(table.name, localConfig(dynamodbEndpoint)), replaced);
const seqs = (messages: { seq: number }[]) => messages.map(({ seq }) => seq);
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describe('concurrent sends:', () => {
  test('50 first messages of one pair make one conversation of 50 messages', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const processes = [s, anotherProcess(), anotherProcess(), anotherProcess(), anotherProcess()];
    const sent = await Promise.all(
      upTo(50).map((n) => {
        const { when } = processes[n % 5] as Scenario;
        return n % 2 ? when.sends(ada, bob, `a${n}`) : when.sends(bob, ada, `b${n}`);
      }),
    );
    const conversations = new Set(sent.map(({ message_group_uuid }) => message_group_uuid));
    expect(conversations.size).toBe(1);
    const [conversation] = conversations;
    const stored = await s.then.conversation(ada, conversation as never);
    expect(seqs(stored)).toEqual(upTo(50));
    expect(stored.map(({ message }) => message).sort()).toEqual(sent.map(({ message }) => message).sort());
    const pair = [ada.user_uuid, bob.user_uuid].sort().join('#');
    expect(await dump(table, `PAIR#${pair}`)).toHaveLength(1);
  });

  test('200 sends from both participants are each stored once, without a gap', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
    const processes = [s, anotherProcess(), anotherProcess(), anotherProcess()];
    const sent = await Promise.all(
      upTo(200).map((n) => (processes[n % 4] as Scenario).when.sendsIn(n % 3 ? ada : bob, conversation, `m${n}`)),
    );
    const stored = await s.then.conversation(bob, conversation);
    expect(seqs(stored)).toEqual(upTo(201));
    expect(new Set(stored.map(({ message_uuid }) => message_uuid)).size).toBe(201);
    expect(stored.slice(1)).toEqual(expect.arrayContaining(sent));
    for (const { user_uuid } of [ada, bob]) {
      const own = stored.filter(({ sender }) => sender.user_uuid === user_uuid);
      expect(own.map(({ sender_seq }) => sender_seq)).toEqual(upTo(own.length));
    }
  });

  test('a send into a conversation that stays busy fails within its retry budget, and writes nothing', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
    const busy = anotherProcess({ retryBudget: 150 });
    injectFaults(busy.deps.table, Array(1000).fill('conflict'));
    await expect(busy.when.sendsIn(ada, conversation, 'never')).rejects.toThrow(/^message_group_busy$/);
    const throttled = anotherProcess({ retryBudget: 150 });
    injectFaults(throttled.deps.table, Array(1000).fill('throttled'));
    await expect(throttled.when.sendsIn(ada, conversation, 'never')).rejects.toThrow(/^throttled$/);
    expect(await s.then.conversation(ada, conversation)).toHaveLength(1);
  });
});

test('a send that used up its retry budget in the queue does not start', async () => {
  const [ada, bob] = [await s.given.user(), await s.given.user()];
  const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
  await expect(anotherProcess({ retryBudget: 0 }).when.sendsIn(ada, conversation, 'late')).rejects.toThrow(
    /^message_group_busy$/,
  );
  expect(await s.then.conversation(ada, conversation)).toHaveLength(1);
});

describe('the messages are in the order of sending', () => {
  test('when the clock stands still, goes back, or passes New Year', async () => {
    const clock = clockAt('2023-12-31T23:59:59.999999+00:00');
    const at = anotherProcess({ now: clock.now });
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await at.when.sends(ada, bob, 'at the last microsecond of the year');
    await at.when.sendsIn(bob, conversation, 'in the same microsecond');
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

test('an item at the key of a new message is not overwritten', async () => {
  const clock = clockAt('2025-05-05T05:05:05.000000+00:00');
  let [waits, attempts] = [0, 0];
  const counted = interceptedTable(table, 'TransactWriteItemsCommand', (go) => {
    attempts++;
    return go();
  });
  const runtime = {
    ...table.runtime,
    wait: (millis: number) => {
      waits++;
      return table.runtime.wait(millis);
    },
  };
  const at = scenario({ ...counted, runtime }, { now: clock.now, memory: newMemory(runtime), retryBudget: 150 });
  const [ada, bob] = [await s.given.user(), await s.given.user()];
  const { message_group_uuid: conversation } = await at.when.sends(ada, bob, 'first');
  clock.move(10);
  attempts = 0;
  const squatter = { ...messageKey(conversation, clock.now()), note: 'here first' };
  await load(table, [squatter]);
  await expect(at.when.sendsIn(ada, conversation, 'second')).rejects.toThrow(/^message_group_busy$/);
  expect(await dump(table, `MSG#${conversation}`)).toContainEqual(squatter);
  expect(waits).toBe(attempts - 1); // nobody else's message was in the way: the next attempt waits
  clock.move(1);
  expect((await at.when.sendsIn(ada, conversation, 'second')).seq).toBe(2);
});

describe('with unreliable answers,', () => {
  test.each([
    ['lost once, which the SDK retries', 1],
    ['lost so often that the SDK gives up', 4],
  ])('a committed send is stored once: its answer is %s', async (_, times) => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const shaky = anotherProcess();
    const first = injectFaults(shaky.deps.table, Array(times).fill('lost after'));
    const sent = await shaky.when.sends(ada, bob, 'first contact');
    expect(new Set(first.tokens).size).toBe(1);
    expect(first.tokens.length).toBeGreaterThan(times);

    injectFaults(shaky.deps.table, Array(times).fill('lost after'));
    await shaky.when.sendsIn(bob, sent.message_group_uuid, 'in a conversation');
    injectFaults(shaky.deps.table, Array(times).fill('lost after'));
    await shaky.when.sendsIn(bob, sent.message_group_uuid, 'with a key', 'k');
    const stored = await s.then.conversation(ada, sent.message_group_uuid);
    expect(stored.map(({ message }) => message)).toEqual(['first contact', 'in a conversation', 'with a key']);
  });

  test('a retry after a definite failure carries a new token', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
    const shaky = anotherProcess();
    const { tokens } = injectFaults(shaky.deps.table, ['conflict', 'throttled', 'lost after']);
    await shaky.when.sendsIn(ada, conversation, 'second');
    expect(tokens.map((token) => tokens.indexOf(token))).toEqual([0, 1, 2, 2]);
    expect(seqs(await s.then.conversation(ada, conversation))).toEqual([1, 2]);
  });

  test('a request that never arrived is repeated with the same token, even after a conflict', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
    const shaky = anotherProcess();
    const { tokens } = injectFaults(shaky.deps.table, ['lost before', 'conflict', 'lost before', 'throttled']);
    await shaky.when.sendsIn(ada, conversation, 'second');
    expect(new Set(tokens).size).toBe(1);
    expect(seqs(await s.then.conversation(ada, conversation))).toEqual([1, 2]);
  });

  test.each(['conflict', 'throttled'] as const)(
    'an attempt that arrives after the next one was answered with %s is stored once',
    async (answer) => {
      const [ada, bob] = [await s.given.user(), await s.given.user()];
      const shaky = anotherProcess();
      injectFaults(shaky.deps.table, ['late', answer]);
      const { message_group_uuid: conversation } = await shaky.when.sends(ada, bob, 'first contact');
      injectFaults(shaky.deps.table, ['late', answer]);
      await shaky.when.sendsIn(ada, conversation, 'in a conversation');
      const stored = await s.then.conversation(ada, conversation);
      expect(stored.map(({ message }) => message)).toEqual(['first contact', 'in a conversation']);
    },
  );

  test('an attempt that arrives after a later message is not stored', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
    const shaky = anotherProcess();
    await shaky.when.sendsIn(ada, conversation, 'second'); // remembers this head
    await s.when.sendsIn(bob, conversation, 'third');
    injectFaults(shaky.deps.table, ['late']);
    await shaky.when.sendsIn(ada, conversation, 'fourth');
    const stored = await s.then.conversation(ada, conversation);
    expect(stored.map(({ message }) => message)).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('a repeated request', () => {
  test('returns the first message, and writes nothing', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const first = await s.when.sends(ada, bob, 'hello', 'k');
    await s.when.sendsIn(bob, first.message_group_uuid, 'meanwhile');
    const before = await dump(table);
    expect(await s.when.sends(ada, bob, 'hello', 'k')).toEqual(first);
    expect(await anotherProcess().when.sends(ada, bob, 'hello', 'k')).toEqual(first);
    expect(await dump(table)).toEqual(before);
  });

  test('returns the first message in a conversation too', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'hello');
    const first = await s.when.sendsIn(bob, conversation, 'hi', 'k');
    expect(await s.when.sendsIn(bob, conversation, 'hi', 'k')).toEqual(first);
    expect(await anotherProcess().when.sendsIn(bob, conversation, 'hi', 'k')).toEqual(first);
    expect(await s.then.conversation(ada, conversation)).toHaveLength(2);
  });

  test('that runs eight times concurrently stores one message', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const answers = await Promise.all(upTo(8).map(() => anotherProcess().when.sends(ada, bob, 'once', 'k')));
    expect(new Set(answers.map(({ message_uuid }) => message_uuid)).size).toBe(1);
    const [first] = answers;
    expect(await s.then.conversation(bob, first?.message_group_uuid as never)).toEqual([first]);
  });

  test('with another text or another recipient is rejected', async () => {
    const [ada, bob, cy] = [await s.given.user(), await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'hello', 'k');
    await expect(s.when.sends(ada, bob, 'hello!', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
    await expect(s.when.sends(ada, cy, 'hello', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
    await expect(s.when.sendsIn(ada, conversation, 'hello', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
    expect(await s.then.conversation(ada, conversation)).toHaveLength(1);
  });

  test('with the key of another user is a new request', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'hello', 'k');
    await s.when.sendsIn(bob, conversation, 'hello', 'k');
    expect(await s.then.conversation(ada, conversation)).toHaveLength(2);
  });

  test('may reuse its key after a domain error', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    await expect(s.when.sends(ada, ada, 'to myself', 'k')).rejects.toThrow(/^message_to_self$/);
    await s.when.sends(ada, bob, 'now', 'k');
  });

  test('is a new request once its receipt has expired, even if DynamoDB has not deleted that yet', async () => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    const first = await s.when.sends(ada, bob, 'hello', 'k');
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
    expect(await s.when.sends(ada, bob, 'hello', 'k')).toEqual(first);
    await expire(now - 1);
    const again = await s.when.sends(ada, bob, 'another text', 'k');
    expect(again.seq).toBe(2);
    expect(await s.when.sends(ada, bob, 'another text', 'k')).toEqual(again);
  });
});

test.each(['', ' ', 'a b', 'ä', 'x'.repeat(129), 'a\n'])(
  'the malformed idempotency key %j is rejected',
  async (key) => {
    const [ada, bob] = [await s.given.user(), await s.given.user()];
    await expect(s.when.sends(ada, bob, 'x', key)).rejects.toThrow(/^idempotency_key_invalid$/);
  },
);

describe('a send is rejected', () => {
  test('from a stranger, as if the conversation did not exist, in a process that remembers it and in one that does not', async () => {
    const [ada, bob, eve] = [await s.given.user(), await s.given.user(), await s.given.user()];
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'private');
    await expect(s.when.sendsIn(eve, conversation, 'x')).rejects.toThrow(/^message_group_unknown$/);
    await expect(anotherProcess().when.sendsIn(eve, conversation, 'x')).rejects.toThrow(/^message_group_unknown$/);
    expect(await s.then.conversation(ada, conversation)).toHaveLength(1);
  });

  test('to an unknown handle, to oneself, and from an unknown user', async () => {
    const ada = await s.given.user();
    const unknown = { ...ada, handle: 'unknown_handle' as never };
    await expect(s.when.sends(ada, unknown, 'x')).rejects.toThrow(/^handle_unknown$/);
    await expect(s.when.sends(ada, { ...ada, handle: '@NOT A HANDLE' as never }, 'x')).rejects.toThrow(
      /^handle_unknown$/,
    );
    await expect(s.when.sends(ada, ada, 'x')).rejects.toThrow(/^message_to_self$/);
    const ghost = { ...ada, user_uuid: '00000000-0000-4000-8000-00000000dead' as never };
    await expect(s.when.sends(ghost, await s.given.user(), 'x')).rejects.toThrow(/^person_unknown$/);
  });
});

test('a remembered head that is not in the table any more is forgotten', async () => {
  const other = await newTable(dynamodbEndpoint);
  const [ada, bob] = [await s.given.user(), await s.given.user()];
  const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
  const moved = scenario(other, { memory: s.deps.memory });
  await expect(moved.when.sendsIn(ada, conversation, 'second')).rejects.toThrow(/^message_group_unknown$/);
  expect(s.deps.memory.heads.has(conversation)).toBe(false);
  expect(await dump(other)).toEqual([]);
  expect((await s.when.sendsIn(ada, conversation, 'second')).seq).toBe(2);
});

test('a warm process sends in one round trip', async () => {
  const [ada, bob] = [await s.given.user(), await s.given.user()];
  const warm = anotherProcess();
  const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
  await knownUsers(warm.deps, [bob.user_uuid], Date.now() + 1_000);
  const calls: string[] = [];
  warm.deps.table.client.middlewareStack.add((next, { commandName }) => (args) => {
    calls.push(String(commandName));
    return next(args);
  });
  await warm.when.sendsIn(ada, conversation, 'second');
  expect(calls).toEqual(['TransactWriteItemsCommand']);
});
