import { createServer } from 'node:net';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Deps, newDeps, newMemory } from '../../core/deps.ts';
import { knownUsers } from '../../core/known-users.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { enqueue } from '../../core/serial-queue.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { fromCursor, toCursor } from '../../core/table/cursor.ts';
import { inboxRowKey, messageKey, userKey } from '../../core/table/items.ts';
import { getHead } from '../../core/table/reads.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { loggable } from '../../handlers/middleware/telemetry.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';

// Each test covers one safeguard that the other tests reach by chance or not at all. test/mutations found these gaps.

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

/** Another process on the same table, whose SDK does not retry. */
function anotherProcess(replaced: Partial<Deps> = {}): Scenario {
  return scenario(openTable(table.name, { ...localConfig(dynamodbEndpoint), maxAttempts: 1 }), replaced);
}

type Answer = (call: { name: string; input: unknown }, go: () => Promise<unknown>) => Promise<unknown>;

/** Intercepts the calls of a table's client. @returns the names of the calls; the array grows as they are made */
function intercept({ client }: Table, answer: Answer): string[] {
  const calls: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const name = String(commandName).replace(/(Item)?s?Command$/, '');
        calls.push(name);
        return answer({ name, input: args.input }, () => next(args)) as ReturnType<typeof next>;
      },
    { step: 'deserialize', priority: 'high', name: 'intercept', override: true },
  );
  return calls;
}

const calls = (of: Scenario) => intercept(of.deps.table, (_, go) => go());
const sdkError = (name: string, httpStatusCode = 400, more = {}) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode }, ...more });
const cancelled = (Code: string) =>
  new TransactionCanceledException({ message: 'cancelled', CancellationReasons: [{ Code }], $metadata: {} });
const broken = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/**
 * Fails the transactions of a process with these errors, one after the other.
 * @param forEver whether the last error repeats
 */
function failing(of: Scenario, errors: Error[], forEver = false): string[] {
  const left = [...errors];
  return intercept(of.deps.table, async ({ name }, go) => {
    if (name !== 'TransactWrite') return go();
    const error = forEver && left.length === 1 ? left[0] : left.shift();
    if (error) throw error;
    return go();
  });
}

describe('a transaction is retried after', () => {
  test.each([
    ['ProvisionedThroughputExceeded', () => cancelled('ProvisionedThroughputExceeded')],
    ['ThrottlingException', () => sdkError('ThrottlingException')],
    ['TransactionInProgressException', () => sdkError('TransactionInProgressException')],
    ['InternalServerError with any status code', () => sdkError('InternalServerError', 520)],
  ])('%s', async (_, error) => {
    const shaky = anotherProcess();
    failing(shaky, [error(), error()]);
    const { message_group_uuid: conversation } = await shaky.when.sends(ada, bob, 'at last');
    expect(await s.then.conversation(bob, conversation)).toHaveLength(1);
  });
});

describe('an unknown outcome is not reported as "nothing was written" after', () => {
  test.each([
    ['ECONNRESET', broken()],
    ['TransactionInProgressException', sdkError('TransactionInProgressException')],
  ])('%s', async (_, error) => {
    const shaky = anotherProcess({ retryBudget: 100 });
    failing(shaky, [error], true);
    await expect(shaky.when.sends(ada, bob, 'perhaps')).rejects.toBe(error);
  });
});

test('while an earlier attempt is unacknowledged, a conflict leaves the outcome unknown', async () => {
  const shaky = anotherProcess({ retryBudget: 200 });
  const connectionLost = broken();
  failing(shaky, [connectionLost, cancelled('TransactionConflict')], true);
  await expect(shaky.when.sends(ada, bob, 'perhaps')).rejects.toBe(connectionLost);
});

describe('a transaction is not retried after', () => {
  test.each([
    ['ValidationException', sdkError('ValidationException')],
    ['a cancellation for a ValidationError', cancelled('ValidationError')],
  ])('%s', async (_, error) => {
    const wrong = anotherProcess({ retryBudget: 500 });
    const made = failing(wrong, [error], true);
    await expect(wrong.when.sends(ada, bob, 'never')).rejects.toBe(error);
    expect(made.filter((name) => name === 'TransactWrite')).toHaveLength(1);
  });
});

test('the queue of a conversation exists until its last task has ended', async () => {
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

test('a throttled read fails with the code throttled', async () => {
  const busy = anotherProcess();
  intercept(busy.deps.table, async () => {
    throw sdkError('ProvisionedThroughputExceededException');
  });
  await expect(busy.then.inbox(ada)).rejects.toThrow(/^throttled$/);
});

test('a request without an answer times out', async () => {
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

describe('the first message of a pair', () => {
  const someUuid = '11111111-2222-4333-8444-555555555555' as Uuid;

  test('never overwrites a head', async () => {
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
    const ids = [conversation, someUuid];
    const unlucky = anotherProcess({ newId: () => ids.shift() as Uuid });
    const before = await dump(table);
    await expect(unlucky.when.sends(ada, cy, 'by the same id')).rejects.toThrow(
      'the keys of a new conversation are taken',
    );
    expect(await dump(table)).toEqual(before);
  });

  test('never overwrites a message', async () => {
    const clock = clockAt('2025-05-05T05:05:05.000000+00:00');
    await load(table, [{ ...messageKey(someUuid, clock.now()), note: 'here first' }]);
    const unlucky = anotherProcess({ newId: () => someUuid, now: clock.now });
    const before = await dump(table);
    await expect(unlucky.when.sends(ada, cy, 'by the same id')).rejects.toThrow(
      'the keys of a new conversation are taken',
    );
    expect(await dump(table)).toEqual(before);
  });
});

test('a send whose eventually consistent read does not find the pair goes into the existing conversation', async () => {
  const first = await s.when.sends(ada, bob, 'first');
  const late = anotherProcess();
  intercept(late.deps.table, async ({ name, input }, go) => {
    const answer = (await go()) as { output: { Item?: unknown } };
    if (name === 'Get' && JSON.stringify(input).includes('"PAIR"')) answer.output.Item = undefined;
    return answer;
  });
  const second = await late.when.sends(bob, ada, 'second');
  expect(second).toMatchObject({ message_group_uuid: first.message_group_uuid, seq: 2 });
  expect(await s.then.conversation(ada, first.message_group_uuid)).toHaveLength(2);
});

test('a handle whose user item is missing is reported as unknown', async () => {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: userKey(bob.user_uuid) }));
  await expect(s.when.sends(ada, bob, 'hello')).rejects.toThrow(/^handle_unknown$/);
});

describe('a projection of damaged rows', () => {
  const projectedTwice = async (damage: (conversation: Uuid, place: Timestamp) => Promise<void>) => {
    const { message_group_uuid: conversation, created_at } = await s.when.sends(ada, bob, 'one');
    await s.when.projected(conversation);
    await damage(conversation, created_at);
    await s.when.sendsIn(bob, conversation, 'two');
    return anotherProcess({ retryBudget: 150 }).when.projected(conversation);
  };
  const rowsOf = (user: User) => dump(table, `GRP#${user.user_uuid}`);

  test('never removes a row of another conversation', async () => {
    const foreign = { message_group_uuid: 'another', message: 'mine' };
    const projected = projectedTwice(async (_, place) => {
      await load(table, [{ ...inboxRowKey(ada.user_uuid, place), ...foreign }]);
    });
    await expect(projected).rejects.toThrow(/^message_group_busy$/);
    expect(await rowsOf(ada)).toMatchObject([foreign]);
  });

  test('restores a lost row with the next message', async () => {
    const projected = projectedTwice(async (_, place) => {
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: inboxRowKey(ada.user_uuid, place) }));
    });
    expect(await projected).toBe(true);
    expect(await rowsOf(ada)).toMatchObject([{ message: 'two' }]);
  });
});

describe('with a remembered head,', () => {
  test('a send that a concurrent send has overtaken needs one more round trip', async () => {
    const warm = anotherProcess({ retryBudget: 1_000 });
    const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
    await knownUsers(warm.deps, [bob.user_uuid], Date.now() + 1_000);
    await s.when.sendsIn(bob, conversation, 'unseen');
    const made = calls(warm);
    expect((await warm.when.sendsIn(ada, conversation, 'third')).seq).toBe(3);
    expect(made).toEqual(['TransactWrite', 'TransactWrite']);
  });

  test('a send finds the new head even if AWS reports only that the key of the message is taken', async () => {
    const clock = clockAt('2025-05-05T05:05:06.000000+00:00');
    const warm = anotherProcess({ retryBudget: 1_000, now: clock.now });
    const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
    clock.move(10);
    await anotherProcess({ now: clock.now }).when.sendsIn(bob, conversation, 'unseen, in the same microsecond');
    intercept(warm.deps.table, async (_, go) => {
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

  test('a warm process sends again in one round trip', async () => {
    const warm = anotherProcess();
    const { message_group_uuid: conversation } = await warm.when.sends(ada, bob, 'first');
    await warm.when.sendsIn(ada, conversation, 'second');
    const made = calls(warm);
    await warm.when.sendsIn(ada, conversation, 'third');
    expect(made).toEqual(['TransactWrite']);
  });
});

describe('a first contact', () => {
  /** Its first attempt is stored, but a condition failure of `refused` is answered; the second names only `named`, if given. */
  const storedUnnoticed = async (refused: number, named?: number) => {
    const late = anotherProcess();
    let attempts = 0;
    const failure = (part: number) => ({
      CancellationReasons: Array.from({ length: 7 }, (_, n) => ({
        Code: n === part ? 'ConditionalCheckFailed' : 'None',
      })),
    });
    intercept(late.deps.table, async ({ name }, go) => {
      if (name !== 'TransactWrite') return go();
      attempts += 1;
      if (attempts === 1) {
        await go();
        throw new TransactionCanceledException({ message: 'no', $metadata: {}, ...failure(refused) });
      }
      if (named === undefined) return go();
      await expect(go()).rejects.toThrow();
      throw new TransactionCanceledException({ message: 'no', $metadata: {}, ...failure(named) });
    });
    const sent = await late.when.sends(ada, bob, 'first');
    expect(attempts).toBe(2);
    expect(await s.then.conversation(bob, sent.message_group_uuid)).toEqual([sent]);
    expect(await s.then.inbox(bob)).toMatchObject([{ message: 'first', unread_count: 1 }]);
  };
  const [head, row] = [1, 3]; // their places in the transaction

  test('whose stored attempt got no answer succeeds, although a retry finds the place of its row taken', () =>
    storedUnnoticed(row));

  test('whose stored attempt got no answer succeeds, although the retry reports only that the head exists', () =>
    storedUnnoticed(row, head));

  test('that loses its race has one deadline for both the first contact and the send that follows', async () => {
    const late = anotherProcess({ retryBudget: 1_000 });
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
    const made = intercept(late.deps.table, async ({ name }, go) => {
      if (name !== 'TransactWrite') return go();
      await s.when.sends(bob, ada, 'quicker');
      clock.mockReturnValue(now + 1_001);
      return go();
    });
    await expect(late.when.sends(ada, bob, 'slower')).rejects.toThrow(/^message_group_busy$/);
    clock.mockRestore();
    expect(made.filter((name) => name === 'TransactWrite')).toHaveLength(1);
  });
});

test('marking as read has one deadline', async () => {
  const message = await s.when.sends(ada, bob, 'first');
  const late = anotherProcess({ retryBudget: 1_000 });
  const now = Date.now();
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
  const made = intercept(late.deps.table, async ({ name }, go) => {
    if (name !== 'TransactWrite') {
      clock.mockReturnValue(now + 1_001); // the budget is used up by the read of the message
      return go();
    }
    const CancellationReasons = [{ Code: 'TransactionConflict' }];
    throw new TransactionCanceledException({ message: 'no', $metadata: {}, CancellationReasons });
  });
  await expect(late.when.reads(bob, message)).rejects.toThrow(/^message_group_busy$/);
  clock.mockRestore();
  expect(made.filter((name) => name === 'TransactWrite')).toHaveLength(1);
});

describe('remembered users', () => {
  const anotherTable = async () => {
    const memory = newMemory(systemRuntime);
    memory.users.set('a-sub', { ...ada, read_receipts: true });
    return scenario(await newTable(dynamodbEndpoint), { memory });
  };

  test('that are not in the table any more are forgotten after a send into a conversation', async () => {
    const moved = await anotherTable();
    const { message_group_uuid: conversation } = await s.when.sends(ada, bob, 'first');
    moved.deps.memory.heads.set(conversation, (await getHead(table, conversation)) as never);
    await expect(moved.when.sendsIn(ada, conversation, 'second')).rejects.toThrow(/^message_group_unknown$/);
    expect(moved.deps.memory.users.size).toBe(0);
  });

  test('that are not in the table any more are forgotten after a first message', async () => {
    const moved = await anotherTable();
    await expect(moved.when.sends(ada, await moved.given.user(), 'hi')).rejects.toThrow(/^person_unknown$/);
    expect(moved.deps.memory.users.size).toBe(0);
  });

  test('are forgotten after a minute, so that new display names are seen', async () => {
    let now = 1_000;
    const { users } = newMemory({ millis: () => now });
    const remembered = { ...ada, read_receipts: true };
    users.set('a-sub', remembered);
    now += 59_000;
    expect(users.get('a-sub')).toBe(remembered);
    now += 1_100;
    expect(users.get('a-sub')).toBeUndefined();
  });
});

describe('with an idempotency key,', () => {
  test('the same text in another conversation is a different request', async () => {
    const one = await s.when.sends(ada, bob, 'first');
    const two = await s.when.sends(ada, cy, 'first');
    await s.when.sendsIn(ada, one.message_group_uuid, 'hello', 'k');
    await expect(s.when.sendsIn(ada, two.message_group_uuid, 'hello', 'k')).rejects.toThrow(/^idempotency_key_reused$/);
  });

  test('a handle in another spelling is the same request', async () => {
    const first = await s.when.sends(ada, bob, 'hello', 'k');
    const spelled = { ...bob, handle: `@${bob.handle.toUpperCase()}` as User['handle'] };
    expect(await s.when.sends(ada, spelled, 'hello', 'k')).toEqual(first);
  });

  test('a repeated request fails if the message of the first one is missing', async () => {
    const { message_group_uuid: conversation, created_at } = await s.when.sends(ada, bob, 'hello', 'k');
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: messageKey(conversation, created_at) }));
    await expect(s.when.sends(ada, bob, 'hello', 'k')).rejects.toThrow('a receipt names a message that does not exist');
  });
});

test('a write of the rows that fails by a concurrent write reads the head again and is retried', async () => {
  const one = await s.when.sends(ada, bob, 'one');
  const conversation = one.message_group_uuid;
  await s.when.projected(conversation);
  await s.when.sendsIn(ada, conversation, 'two');
  const slow = anotherProcess({ retryBudget: 1_000 });
  let overtaken = false;
  intercept(slow.deps.table, async ({ name }, go) => {
    if (name === 'TransactWrite' && !overtaken) {
      overtaken = true; // it has read the head at 'two'; now the rows move to 'two' and on to 'three'
      await s.when.projected(conversation);
      await s.when.sendsIn(ada, conversation, 'three');
      await s.when.projected(conversation);
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

test('marking one’s own message as read leaves the other’s later messages unread', async () => {
  const one = await s.when.sends(ada, bob, 'one');
  await s.when.sendsIn(bob, one.message_group_uuid, 'two');
  await s.when.projected(one.message_group_uuid);
  await s.when.reads(ada, one);
  expect(await s.then.inbox(ada)).toMatchObject([{ unread_count: 1 }]);
});

describe('the search for a free sort key ends at the deadline', () => {
  const clock = clockAt('2025-05-05T05:05:07.000000+00:00');
  const impatient = () => anotherProcess({ now: clock.now, retryBudget: 0 });

  test('of a projection', async () => {
    const { when } = anotherProcess({ now: clock.now });
    const one = await when.sends(ada, bob, 'one');
    const two = await when.sends(ada, cy, 'two');
    clock.move(10);
    for (const { message_group_uuid } of [one, two]) await when.sendsIn(ada, message_group_uuid, 'at the same time');
    await when.projected(one.message_group_uuid);
    await expect(impatient().when.projected(two.message_group_uuid)).rejects.toThrow(/^message_group_busy$/);
    expect(await s.then.inbox(cy)).toMatchObject([{ message: 'two' }]);
  });

  test('of a first contact, which then stores nothing', async () => {
    await anotherProcess({ now: clock.now }).when.sends(ada, bob, 'one');
    const before = await dump(table);
    await expect(impatient().when.sends(ada, cy, 'at the same time')).rejects.toThrow(/^message_group_busy$/);
    expect(await dump(table)).toEqual(before);
  });
});

test('marking as read writes only the row that changes', async () => {
  const sent = await s.when.sends(ada, bob, 'one');
  await s.when.projected(sent.message_group_uuid);
  const reader = anotherProcess();
  const parts: unknown[][] = [];
  intercept(reader.deps.table, ({ input }, go) => {
    const { TransactItems } = input as { TransactItems?: unknown[] };
    if (TransactItems) parts.push(TransactItems);
    return go();
  });
  await reader.when.reads(bob, sent);
  expect(parts.map(({ length }) => length)).toEqual([2]); // the head and bob's row
});

describe('a cursor is rejected', () => {
  const [user_uuid, message_group_uuid, another] = ['u', 'g', 'h'] as Uuid[] as [Uuid, Uuid, Uuid];
  const stop = '2025-05-05T05:05:07.000000+00:00' as Timestamp;
  const scope = { list: 'messages', user_uuid, message_group_uuid } as const;

  test('for another conversation or another list of the same user', () => {
    const cursor = toCursor(scope, { stop, seq: 7 });
    expect(() => fromCursor({ ...scope, message_group_uuid: another }, cursor)).toThrow(/^cursor_invalid$/);
    expect(() => fromCursor({ ...scope, list: 'message_groups' }, cursor)).toThrow(/^cursor_invalid$/);
  });

  test('when its time has been changed', () => {
    const [encoded = '', digest] = toCursor(scope, { stop, seq: 7 }).split('.');
    const other = Buffer.from(encoded, 'base64url').toString().replace('07.000000', '08.000000');
    const cursor = `${Buffer.from(other).toString('base64url')}.${digest}`;
    expect(() => fromCursor(scope, cursor)).toThrow(/^cursor_invalid$/);
  });
});

test('the log of an error contains none of the items attached to it', () => {
  const Item = { message: { S: 'between the two of us' } };
  const error = Object.assign(new Error('cancelled'), { CancellationReasons: [{ Item }] });
  expect(JSON.stringify(loggable(error))).not.toContain('between the two of us');
});
