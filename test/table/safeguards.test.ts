import { createServer } from 'node:net';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Deps, newDeps, newMemory } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { enqueue } from '../../core/serial-queue.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { fromCursor, toCursor } from '../../core/table/cursor.ts';
import { inboxRowKey, messageKey, userKey } from '../../core/table/items.ts';
import { getHead } from '../../core/table/reads.ts';
import { loggable } from '../../handlers/middleware/telemetry.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';
import { clockAt, type World, world } from '../support/world.ts';

// What the other tests meet by chance or not at all, found by test/mutations: one safeguard each.

let table: Table;
let w: World;
let ada: User;
let bob: User;
let cy: User;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  w = world(table);
});

beforeEach(async () => {
  [ada, bob, cy] = [await w.given.user(), await w.given.user(), await w.given.user()];
});

/** The same table seen by another process, whose SDK does not try again by itself. */
function elsewhere(replaced: Partial<Deps> = {}): World {
  return world(openTable(table.name, { ...localConfig(dynamodbEndpoint), maxAttempts: 1 }), replaced);
}

type Answer = (call: { name: string; input: unknown }, go: () => Promise<unknown>) => Promise<unknown>;

/** Puts something between a table's client and the wire. @returns the names of the calls, as they come */
function between({ client }: Table, answer: Answer): string[] {
  const calls: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const name = String(commandName).replace(/(Item)?s?Command$/, '');
        calls.push(name);
        return answer({ name, input: args.input }, () => next(args)) as ReturnType<typeof next>;
      },
    { step: 'deserialize', priority: 'high', name: 'between', override: true },
  );
  return calls;
}

const calls = (of: World) => between(of.deps.table, (_, go) => go());
const sdkError = (name: string, httpStatusCode = 400, more = {}) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode }, ...more });
const cancelled = (Code: string) =>
  new TransactionCanceledException({ message: 'cancelled', CancellationReasons: [{ Code }], $metadata: {} });
const broken = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** Answers the transactions of a process with these errors, one after the other; the last of them for ever, if told so. */
function failing(of: World, errors: Error[], forEver = false): string[] {
  const left = [...errors];
  return between(of.deps.table, async ({ name }, go) => {
    if (name !== 'TransactWrite') return go();
    const error = forEver && left.length === 1 ? left[0] : left.shift();
    if (error) throw error;
    return go();
  });
}

describe('what passes by itself is tried again', () => {
  test.each([
    ['ProvisionedThroughputExceeded', () => cancelled('ProvisionedThroughputExceeded')],
    ['ThrottlingException', () => sdkError('ThrottlingException')],
    ['TransactionInProgressException', () => sdkError('TransactionInProgressException')],
    ['InternalServerError, of any number', () => sdkError('InternalServerError', 520)],
  ])('%s', async (_, error) => {
    const shaky = elsewhere();
    failing(shaky, [error(), error()]);
    const { message_group_uuid: conversation } = await shaky.when.sends(ada, bob, 'at last');
    expect(await w.then.conversation(bob, conversation)).toHaveLength(1);
  });
});

describe('an unknown outcome is never told as "nothing was written"', () => {
  test.each([
    ['ECONNRESET', broken()],
    ['TransactionInProgressException', sdkError('TransactionInProgressException')],
  ])('%s', async (_, error) => {
    const shaky = elsewhere({ retryBudget: 100 });
    failing(shaky, [error], true);
    await expect(shaky.when.sends(ada, bob, 'perhaps')).rejects.toBe(error);
  });
});

test('a conflict does not end the doubt about an earlier try', async () => {
  const shaky = elsewhere({ retryBudget: 200 });
  const unanswered = broken();
  failing(shaky, [unanswered, cancelled('TransactionConflict')], true);
  await expect(shaky.when.sends(ada, bob, 'perhaps')).rejects.toBe(unanswered);
});

describe('what is wrong for good is told at once:', () => {
  test.each([
    ['ValidationException', sdkError('ValidationException')],
    ['cancelled for a ValidationError', cancelled('ValidationError')],
  ])('%s', async (_, error) => {
    const wrong = elsewhere({ retryBudget: 500 });
    const made = failing(wrong, [error], true);
    await expect(wrong.when.sends(ada, bob, 'never')).rejects.toBe(error);
    expect(made.filter((name) => name === 'TransactWrite')).toHaveLength(1);
  });
});

test('a queue does not end before its last send', async () => {
  const deps = newDeps(table);
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string) =>
    enqueue(deps, 'g' as Uuid, async () => {
      running.push(name);
      await new Promise<void>((end) => ends.set(name, end));
      running.splice(running.indexOf(name), 1);
    });
  const [first, second] = [run('first'), run('second')];
  await vi.waitFor(() => expect(running).toEqual(['first']));
  ends.get('first')?.();
  await first;
  const third = run('third');
  await vi.waitFor(() => expect(running).toContain('second'));
  expect(running).toEqual(['second']);
  ends.get('second')?.();
  await second;
  await vi.waitFor(() => expect(running).toEqual(['third']));
  ends.get('third')?.();
  await third;
  expect(deps.memory.queues.size).toBe(0);
});

test('a throttled read is told as such', async () => {
  const busy = elsewhere();
  between(busy.deps.table, async () => {
    throw sdkError('ProvisionedThroughputExceededException');
  });
  await expect(busy.then.inbox(ada)).rejects.toThrow(/^throttled$/);
});

test('an answer is not waited for for ever', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  const { port } = silent.address() as { port: number };
  const lost = openTable(table.name, { ...localConfig(`http://127.0.0.1:${port}`), maxAttempts: 1 });
  const began = Date.now();
  await expect(getHead(lost, ada.user_uuid)).rejects.toThrow();
  expect(Date.now() - began).toBeLessThan(12_000);
  lost.client.destroy();
  silent.close();
});

describe('first contact', () => {
  const someUuid = '11111111-2222-4333-8444-555555555555' as Uuid;

  test('never overwrites a head', async () => {
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
    const ids = [conversation, someUuid];
    const unlucky = elsewhere({ newId: () => ids.shift() as Uuid });
    const before = await dump(table);
    await expect(unlucky.when.sends(ada, cy, 'by the same id')).rejects.toThrow('keys are taken');
    expect(await dump(table)).toEqual(before);
  });

  test('never overwrites a message', async () => {
    const clock = clockAt('2025-05-05T05:05:05.000000+00:00');
    await load(table, [{ ...messageKey(someUuid, clock.now()), note: 'here first' }]);
    const unlucky = elsewhere({ newId: () => someUuid, now: clock.now });
    const before = await dump(table);
    await expect(unlucky.when.sends(ada, cy, 'by the same id')).rejects.toThrow('keys are taken');
    expect(await dump(table)).toEqual(before);
  });
});

test('a pair whose conversation is not seen yet joins it', async () => {
  const first = await w.when.sends(ada, bob, 'first');
  const late = elsewhere();
  between(late.deps.table, async ({ name, input }, go) => {
    const answer = (await go()) as { output: { Item?: unknown } };
    if (name === 'Get' && JSON.stringify(input).includes('"PAIR"')) answer.output.Item = undefined;
    return answer;
  });
  const second = await late.when.sends(bob, ada, 'second');
  expect(second).toMatchObject({ message_group_uuid: first.message_group_uuid, seq: 2 });
  expect(await w.then.conversation(ada, first.message_group_uuid)).toHaveLength(2);
});

test('a handle whose person is gone is nobody’s', async () => {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: userKey(bob.user_uuid) }));
  await expect(w.when.sends(ada, bob, 'anybody there?')).rejects.toThrow(/^handle_unknown$/);
});

describe('rows that somebody has damaged', () => {
  const projectedTwice = async (damage: (conversation: Uuid, place: Timestamp) => Promise<void>) => {
    const { message_group_uuid: conversation, created_at } = await w.when.sends(ada, bob, 'one');
    await w.when.projected(conversation);
    await damage(conversation, created_at);
    await w.when.sendsIn(bob, conversation, 'two');
    return elsewhere({ retryBudget: 150 }).when.projected(conversation);
  };
  const rowsOf = (person: User) => dump(table, `GRP#${person.user_uuid}`);

  test('a row of another conversation is never removed', async () => {
    const foreign = { message_group_uuid: 'another', message: 'mine' };
    const projected = projectedTwice(async (_, place) => {
      await load(table, [{ ...inboxRowKey(ada.user_uuid, place), ...foreign }]);
    });
    await expect(projected).rejects.toThrow(/^message_group_busy$/);
    expect(await rowsOf(ada)).toMatchObject([foreign]);
  });

  test('a row that was lost comes back with the next message', async () => {
    const projected = projectedTwice(async (_, place) => {
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: inboxRowKey(ada.user_uuid, place) }));
    });
    expect(await projected).toBe(true);
    expect(await rowsOf(ada)).toMatchObject([{ message: 'two' }]);
  });
});

describe('the remembered head', () => {
  test('a lost race costs one more round trip', async () => {
    const warm = elsewhere({ retryBudget: 1_000 });
    const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
    await w.when.sendsIn(bob, conversation, 'unseen');
    const made = calls(warm);
    expect((await warm.when.sendsIn(ada, conversation, 'third')).seq).toBe(3);
    expect(made).toEqual(['TransactWrite', 'TransactWrite']);
  });

  test('AWS need not say that the head moved, if the place of the message is taken as well', async () => {
    const clock = clockAt('2025-05-05T05:05:06.000000+00:00');
    const warm = elsewhere({ retryBudget: 1_000, now: clock.now });
    const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
    clock.move(10);
    await elsewhere({ now: clock.now }).when.sendsIn(bob, conversation, 'unseen, at this very microsecond');
    between(warm.deps.table, async (_, go) => {
      try {
        return await go();
      } catch (error) {
        if (error instanceof TransactionCanceledException)
          error.CancellationReasons = error.CancellationReasons?.map((reason, part) =>
            part === 1 ? { Code: 'None' } : reason,
          );
        throw error;
      }
    });
    expect((await warm.when.sendsIn(ada, conversation, 'third')).seq).toBe(3);
  });

  test('a warm process goes on in one round trip', async () => {
    const warm = elsewhere();
    const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
    await warm.when.sendsIn(ada, conversation, 'second');
    const made = calls(warm);
    await warm.when.sendsIn(ada, conversation, 'third');
    expect(made).toEqual(['TransactWrite']);
  });
});

describe('remembered people', () => {
  const anotherTable = async () => {
    const memory = newMemory();
    memory.users.set('somebody', ada);
    return world(await newTable(dynamodbEndpoint), { memory });
  };

  test('people remembered from a table that is gone are forgotten: a send', async () => {
    const moved = await anotherTable();
    const { message_group_uuid: conversation } = await w.when.sends(ada, bob, 'first');
    moved.deps.memory.heads.set(conversation, (await getHead(table, conversation)) as never);
    await expect(moved.when.sendsIn(ada, conversation, 'second')).rejects.toThrow(/^message_group_unknown$/);
    expect(moved.deps.memory.users.size).toBe(0);
  });

  test('people remembered from a table that is gone are forgotten: first contact', async () => {
    const moved = await anotherTable();
    await expect(moved.when.sends(ada, await moved.given.user(), 'hi')).rejects.toThrow(/^person_unknown$/);
    expect(moved.deps.memory.users.size).toBe(0);
  });

  test('a new display name is seen within a minute', async () => {
    const { users } = newMemory();
    users.set('somebody', ada);
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 59_000);
    expect(users.get('somebody')).toBe(ada);
    clock.mockReturnValue(now + 60_100);
    await vi.waitFor(() => expect(users.get('somebody')).toBeUndefined()); // it looks at the clock every millisecond
    clock.mockRestore();
  });
});

describe('requests with a key', () => {
  test('one key, two conversations: the second is another request', async () => {
    const one = await w.when.sends(ada, bob, 'first');
    const two = await w.when.sends(ada, cy, 'first');
    await w.when.sendsIn(ada, one.message_group_uuid, 'hello', 'k');
    await expect(w.when.sendsIn(ada, two.message_group_uuid, 'hello', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
  });

  test('the same wish in another spelling is the same request', async () => {
    const first = await w.when.sends(ada, bob, 'hello', 'k');
    const spelled = { ...bob, handle: `@${bob.handle.toUpperCase()}` as User['handle'] };
    expect(await w.when.sends(ada, spelled, 'hello', 'k')).toEqual(first);
  });

  test('a receipt whose message is gone is no answer', async () => {
    const { message_group_uuid: conversation, created_at } = await w.when.sends(ada, bob, 'hello', 'k');
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: messageKey(conversation, created_at) }));
    await expect(w.when.sends(ada, bob, 'hello', 'k')).rejects.toThrow('a receipt names a message that is not there');
  });
});

test('who loses the race for the rows reads again, and tries again', async () => {
  const one = await w.when.sends(ada, bob, 'one');
  const conversation = one.message_group_uuid;
  await w.when.projected(conversation);
  await w.when.sendsIn(ada, conversation, 'two');
  const slow = elsewhere({ retryBudget: 1_000 });
  let overtaken = false;
  between(slow.deps.table, async ({ name }, go) => {
    if (name === 'TransactWrite' && !overtaken) {
      overtaken = true; // it has read the head with 'two'; meanwhile the rows move there, and on
      await w.when.projected(conversation);
      await w.when.sendsIn(ada, conversation, 'three');
      await w.when.projected(conversation);
    }
    return go();
  });
  await slow.when.reads(bob, one);
  for (const [me, unread_count] of [
    [ada, 0],
    [bob, 2],
  ] as const)
    expect(await dump(table, `GRP#${me.user_uuid}`)).toMatchObject([{ message: 'three', unread_count }]);
});

test('reading up to one’s own message reads what the other wrote before it', async () => {
  const one = await w.when.sends(ada, bob, 'one');
  await w.when.sendsIn(bob, one.message_group_uuid, 'two');
  await w.when.projected(one.message_group_uuid);
  await w.when.reads(ada, one);
  expect(await w.then.inbox(ada)).toMatchObject([{ unread_count: 1 }]);
});

test('looking for a free place ends at the deadline', async () => {
  const { now } = clockAt('2025-05-05T05:05:07.000000+00:00');
  const one = await elsewhere({ now }).when.sends(ada, bob, 'one');
  const two = await elsewhere({ now }).when.sends(ada, cy, 'in the same microsecond');
  await w.when.projected(one.message_group_uuid);
  const impatient = elsewhere({ retryBudget: 0 });
  await expect(impatient.when.projected(two.message_group_uuid)).rejects.toThrow(/^message_group_busy$/);
  expect(await w.then.inbox(cy)).toEqual([]);
});

test('marking as read writes one row: the other person’s says the same as before', async () => {
  const sent = await w.when.sends(ada, bob, 'one');
  await w.when.projected(sent.message_group_uuid);
  const reader = elsewhere();
  const parts: unknown[][] = [];
  between(reader.deps.table, ({ input }, go) => {
    const { TransactItems } = input as { TransactItems?: unknown[] };
    if (TransactItems) parts.push(TransactItems);
    return go();
  });
  await reader.when.reads(bob, sent);
  expect(parts.map(({ length }) => length)).toEqual([2]); // the head and bob's row
});

describe('cursors', () => {
  const [user_uuid, message_group_uuid, another] = ['u', 'g', 'h'] as Uuid[] as [Uuid, Uuid, Uuid];
  const below = '2025-05-05T05:05:07.000000+00:00' as Timestamp;
  const scope = { list: 'messages', user_uuid, message_group_uuid } as const;

  test('of the same person, but another conversation or list', () => {
    const cursor = toCursor(scope, below);
    expect(() => fromCursor({ ...scope, message_group_uuid: another }, cursor)).toThrow(/^cursor_invalid$/);
    expect(() => fromCursor({ ...scope, list: 'message_groups' }, cursor)).toThrow(/^cursor_invalid$/);
  });

  test('with another time written into it', () => {
    const [encoded = '', digest] = toCursor(scope, below).split('.');
    const other = Buffer.from(encoded, 'base64url').toString().replace('07.000000', '08.000000');
    const cursor = `${Buffer.from(other).toString('base64url')}.${digest}`;
    expect(() => fromCursor(scope, cursor)).toThrow(/^cursor_invalid$/);
  });
});

test('the cause of a failure is logged without the items that hang on it', () => {
  const Item = { message: { S: 'between the two of us' } };
  const error = Object.assign(new Error('refused'), { CancellationReasons: [{ Item }] });
  expect(JSON.stringify(loggable(error))).not.toContain('between the two of us');
});
