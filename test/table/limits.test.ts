import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newMemory } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import { defaultLimits, type Limits } from '../../core/model/limits.ts';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import { sendMessage } from '../../core/send-message.ts';
import type { Table } from '../../core/table/client.ts';
import { userKey } from '../../core/table/items.ts';
import { getUserByIdentity } from '../../core/table/users.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { interceptedTable } from '../support/intercepted-table.ts';
import { unlimited } from '../support/limits.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, newTable } from '../support/table.ts';

let table: Table;
let ada: User;
let bob: User;
let s: Scenario;
const clock = clockAt('2024-02-29T12:00:00.000000+00:00');

/** A process, which remembers nothing yet. */
const process = (limits: Partial<Limits>, on = table) =>
  scenario(on, { now: clock.now, memory: newMemory(table.runtime), limits: { ...unlimited, ...limits } });

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = process({});
});
beforeEach(async () => {
  clock.move(60_000_000);
  [ada, bob] = [await s.given.user(), await s.given.user()];
});

const overLimit = async (code: string, call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DomainError)) throw error ?? new Error(`not refused by ${code}`);
  expect(error.message).toBe(code);
  return error.retryAfter;
};
const texts = async ({ message_group_uuid }: Message) =>
  (await s.then.conversation(bob, message_group_uuid)).map(({ message }) => message);

describe('messages of one user in one conversation', () => {
  const { messages } = defaultLimits;

  test('sent one after another are exactly the burst, and then five a second', async () => {
    const p = process({ messages });
    const first = await p.when.sends(ada, bob, '1');
    for (let n = 2; n <= 30; n++) await p.when.sendsIn(ada, first.message_group_uuid, `${n}`);
    expect(await overLimit('too_many_messages', p.when.sendsIn(ada, first.message_group_uuid, 'no'))).toBe(1);
    expect(
      await overLimit('too_many_messages', process({ messages }).when.sends(ada, bob, 'no')),
      'another process, by handle',
    ).toBe(1);
    expect(await overLimit('too_many_messages', p.when.edits(ada, first, 'no'))).toBe(1);
    await p.when.sendsIn(bob, first.message_group_uuid, 'bob has his own limit');
    clock.move(199_000);
    await overLimit('too_many_messages', p.when.sendsIn(ada, first.message_group_uuid, 'no'));
    clock.move(1_000);
    await p.when.sendsIn(ada, first.message_group_uuid, '31');
    await overLimit('too_many_messages', p.when.sendsIn(ada, first.message_group_uuid, 'no'));
    clock.move(200_000);
    await p.when.edits(ada, first, 'an edit counts');
    await overLimit('too_many_messages', p.when.sendsIn(ada, first.message_group_uuid, 'no'));
    await overLimit('too_many_messages', process({ messages }).when.sendsIn(ada, first.message_group_uuid, 'no'));
    await p.when.deletes(ada, first); // a deletion does not
    expect(await texts(first)).toHaveLength(32);
  });

  test('are never more than the limit, of 50 at once in as many processes', async () => {
    const limits = { messages: { burst: 10, interval_ms: 1_000_000 } };
    const first = await process(limits).when.sends(ada, bob, 'first');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => process(limits).when.sendsIn(ada, first.message_group_uuid, `m${n}`)),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    expect(new Set(refused)).toEqual(new Set(['DomainError: too_many_messages']));
    expect(await texts(first)).toHaveLength(51 - refused.length);
    expect(refused).toHaveLength(41);
  });

  test('and edits at once are never more than the limit', async () => {
    const limits = { messages: { burst: 10, interval_ms: 1_000_000 } };
    const first = await process(limits).when.sends(ada, bob, 'first');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        n % 2
          ? process(limits).when.sendsIn(ada, first.message_group_uuid, `m${n}`)
          : process(limits).when.edits(ada, first, `e${n}`),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(9);
  });

  test('that are over the limit do not wait for those before them', async () => {
    const p = process({ messages: { burst: 1, interval_ms: 1_000_000 } });
    const { message_group_uuid } = await p.when.sends(ada, bob, 'first');
    p.deps.memory.queues.set(message_group_uuid, new Promise(() => {})); // a send that does not end
    await overLimit('too_many_messages', p.when.sendsIn(ada, message_group_uuid, 'no'));
  });

  test('that four others of the same user overtake are over the limit', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const send = (by: User, atOnce = 1) => {
      let attempts = 0;
      const busy = interceptedTable(table, 'TransactWriteItemsCommand', async (go) => {
        attempts++;
        for (let n = 1; n <= atOnce; n++)
          await s.when.sendsIn(by, first.message_group_uuid, `${n} before attempt ${attempts}`);
        if (attempts > 8) throw new Error('it goes on');
        return go();
      });
      const call = process({ overtaken_by: defaultLimits.overtaken_by }, busy).when.sendsIn(
        ada,
        first.message_group_uuid,
        'lost',
      );
      return { call, attempts: () => attempts };
    };
    const own = send(ada);
    expect(await overLimit('too_many_messages', own.call)).toBe(1);
    expect(own.attempts()).toBe(4);
    const overtaken = send(ada, 4); // while one attempt waits
    expect(await overLimit('too_many_messages', overtaken.call)).toBe(1);
    expect(overtaken.attempts()).toBe(1);
    const others = send(bob);
    await expect(others.call).rejects.toThrow('it goes on');
  });

  test('that were stored under their key before are answered, although they would be over the limit now', async () => {
    const p = process({ messages: { burst: 1, interval_ms: 1_000_000 } });
    const first = await p.when.sends(ada, bob, 'first', 'key-1');
    expect(await p.when.sends(ada, bob, 'first', 'key-1')).toEqual(first);
    await overLimit('too_many_messages', p.when.sends(ada, bob, 'first', 'key-2'));
    clock.move(31 * 24 * 3_600_000_000);
    const later = process({ messages: { burst: 1, interval_ms: 100 * 24 * 3_600_000 } });
    await later.when.sendsIn(ada, first.message_group_uuid, 'second');
    await overLimit('too_many_messages', later.when.sends(ada, bob, 'first', 'key-1')); // the receipt has expired
  });
});

describe('messages before the other user has answered', () => {
  const limits = { messages_before_reply: 3 };

  test('are limited, until they answer', async () => {
    const p = process(limits);
    const first = await p.when.sends(ada, bob, '1', 'key-1');
    for (const text of ['2', '3']) await p.when.sendsIn(ada, first.message_group_uuid, text);
    await overLimit('awaiting_reply', p.when.sendsIn(ada, first.message_group_uuid, '4'));
    expect(await p.when.sends(ada, bob, '1', 'key-1')).toEqual(first);
    await process(limits).when.sendsIn(bob, first.message_group_uuid, 'yes?'); // p still remembers the head without the answer
    for (const text of ['4', '5']) await p.when.sendsIn(ada, first.message_group_uuid, text);
    expect(await texts(first)).toEqual(['1', '2', '3', 'yes?', '4', '5']);
  });

  test('are not limited for a user whom an operator trusts', async () => {
    const trusted = { ...ada, trusted: true };
    const first = await process(limits).when.sends(trusted, bob, '1');
    for (let n = 2; n <= 5; n++) await process(limits).when.sendsIn(trusted, first.message_group_uuid, `${n}`);
    expect(await texts(first)).toHaveLength(5);
  });
});

describe('conversations that a user starts', () => {
  const limits = { conversations: { burst: 2, interval_ms: 60_000 } };
  const others = () => Promise.all([1, 2, 3].map(() => s.given.user()));

  test('are limited, whatever process starts them, until time has passed', async () => {
    const [one, two, three] = (await others()) as [User, User, User];
    const p = process(limits);
    await p.when.sends(ada, one, '1');
    await process(limits).when.sends(ada, two, '2'); // it does not know of the first one
    expect(await overLimit('too_many_conversations', process(limits).when.sends(ada, three, 'no'))).toBe(60);
    expect(await overLimit('too_many_conversations', p.when.sends(ada, three, 'no', 'key'))).toBe(60);
    await p.when.sends(ada, one, 'in a conversation that there is');
    expect(await s.then.inbox(three)).toEqual([]);
    clock.move(60_000_000);
    await p.when.sends(ada, three, '3');
    const [user] = await dump(table, userKey(ada.user_uuid).pk);
    const account = await getUserByIdentity(table, String(user?.cognito_user_id), Date.now());
    expect(account?.conversations_until).toEqual(user?.conversations_until);
    const reached = process(limits);
    await overLimit('too_many_conversations', reached.when.sends(account as User, await s.given.user(), 'no'));
  });

  test('take one transaction each, in a process that knows what was used', async () => {
    let transactions = 0;
    const counting = interceptedTable(table, 'TransactWriteItemsCommand', (go) => {
      transactions++;
      return go();
    });
    const p = process({}, counting);
    for (const other of await others()) {
      clock.move(10);
      await p.when.sends(ada, other, 'hello');
    }
    expect(transactions).toBe(3);
  });

  test('at once are never more than the limit', async () => {
    const all = [...(await others()), ...(await others())];
    const outcomes = await Promise.allSettled(all.map((other) => process(limits).when.sends(ada, other, 'hello')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  });

  test('are not limited for a user whom an operator trusts', async () => {
    const TableName = table.name;
    const Key = userKey(ada.user_uuid);
    await table.client.send(
      new UpdateCommand({
        TableName,
        Key,
        UpdateExpression: 'SET trusted = :yes',
        ExpressionAttributeValues: { ':yes': true },
      }),
    );
    const [user] = await dump(table, Key.pk);
    const account = await getUserByIdentity(table, String(user?.cognito_user_id), Date.now());
    if (!account) throw new Error('the user is gone');
    for (const { handle } of await others())
      await sendMessage(process(limits).deps, account, { message: 'hello', handle });
  });
});
