import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { createUser } from '../../core/create-user.ts';
import { newMemory } from '../../core/deps.ts';
import type { StoredUser } from '../../core/model/user.ts';
import { openTable } from '../../core/table/client.ts';
import { handleKey, userItems, userKey } from '../../core/table/items.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { findings } from '../support/doctor-fixture.ts';
import { injectFaults } from '../support/faults.ts';
import { freshToken } from '../support/fresh-token.ts';
import { scenario } from '../support/scenario.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
const { deps, given, when, then } = scenario(table);
/** Another process on the same table, with its own connection and memory. */
const anotherProcess = () => scenario(openTable(table.name, localConfig(dynamodbEndpoint))).deps;

let count = 0;
let ada: StoredUser;
beforeEach(async () => {
  const handle = `ada_${++count}`;
  const cognito_user_id = randomUUID();
  ada = await createUser(deps, { handle, display_name: 'Ada North', email: 'ada@example.com', cognito_user_id });
});
const itemsOf = async ({ user_uuid }: StoredUser) =>
  (await dump(table))
    .filter((item) => item.user_uuid === user_uuid)
    .map((item) => JSON.stringify(Object.entries(item).sort()))
    .sort();
const expected = (user: StoredUser) =>
  userItems(user)
    .map((item) => JSON.stringify(Object.entries(item).sort()))
    .sort();

describe('changing a profile', () => {
  test('stores the new name in every item that shows it', async () => {
    const renamed = { ...ada, display_name: 'Ada South' };
    expect(await updateProfile(deps, ada, { display_name: 'Ada South' })).toEqual(renamed);
    expect(await itemsOf(ada)).toEqual(expected(renamed));
    expect(await findings({ ...deps, grace: 0 })).toEqual([]);
  });

  test('shows in this process at once, and in others within a minute', async () => {
    let millis = 1_000;
    const other = { ...anotherProcess(), memory: newMemory({ millis: () => millis }) };
    const nameIn = async (process: typeof deps) =>
      (await whoAmI(process, ada.cognito_user_id, freshToken)).display_name;
    const bob = await given.user();
    await when.sends(ada, bob, 'hello');
    expect([await nameIn(deps), await nameIn(other), (await then.inbox(bob))[0]?.other.display_name]).toEqual([
      'Ada North',
      'Ada North',
      'Ada North',
    ]);
    await updateProfile(deps, ada, { display_name: 'Ada South' });
    expect([await nameIn(deps), (await then.inbox(bob))[0]?.other.display_name]).toEqual(['Ada South', 'Ada South']);
    expect(await nameIn(other)).toBe('Ada North');
    millis += 60_100;
    expect(await nameIn(other)).toBe('Ada South');
  });

  test('switches read receipts off and on again, and leaves everything else as it was', async () => {
    const before = await itemsOf(ada);
    expect(await updateProfile(deps, ada, { read_receipts: false })).toEqual({ ...ada, read_receipts: false });
    expect(await itemsOf(ada)).toEqual(expected({ ...ada, read_receipts: false }));
    await updateProfile(deps, ada, { display_name: 'Ada South' });
    expect((await updateProfile(deps, ada, { display_name: 'Ada North' })).read_receipts).toBe(false);
    await updateProfile(deps, ada, { read_receipts: true });
    expect(await itemsOf(ada)).toEqual(before);
  });

  test('of what is so already writes nothing', async () => {
    const quiet = anotherProcess();
    const { tokens } = injectFaults(quiet.table, []);
    await updateProfile(quiet, ada, { display_name: 'Ada North', read_receipts: true });
    expect(tokens).toEqual([]);
  });

  test('twice concurrently ends with one of the two names in all items', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `Name ${n}`);
    await Promise.all(names.map((display_name) => updateProfile(anotherProcess(), ada, { display_name })));
    const { display_name } = await whoAmI(anotherProcess(), ada.cognito_user_id, freshToken);
    expect(names).toContain(display_name);
    expect(await itemsOf(ada)).toEqual(expected({ ...ada, display_name }));
  });

  test('that loses to another one is made from what that one stored', async () => {
    const slow = anotherProcess();
    let isFirst = true;
    slow.table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'TransactWriteItemsCommand' && isFirst) {
            isFirst = false;
            await updateProfile(deps, ada, { display_name: 'Quick Name', read_receipts: false });
          }
          return next(args);
        },
      { step: 'initialize' },
    );
    expect(await updateProfile(slow, ada, { display_name: 'Slow Name' })).toMatchObject({ read_receipts: false });
    expect(await itemsOf(ada)).toEqual(expected({ ...ada, display_name: 'Slow Name', read_receipts: false }));
  });

  test('stores it once when answers are lost', async () => {
    const shaky = anotherProcess();
    const { tokens } = injectFaults(shaky.table, ['lost after', 'lost after']);
    await updateProfile(shaky, ada, { display_name: 'Ada South' });
    expect(new Set(tokens).size).toBe(1);
    expect(await itemsOf(ada)).toEqual(expected({ ...ada, display_name: 'Ada South' }));
  });

  test.each([
    ['body_invalid', undefined, {}],
    ['body_invalid', undefined, { read_receipts: 'no' }],
    ['person_invalid', 'display_name', { display_name: ' ' }],
    ['person_invalid', 'display_name', { display_name: 'x'.repeat(41), read_receipts: true }],
    ['person_invalid', 'display_name', { display_name: null }],
  ])('is refused by %s, about %s: %j', async (code, field, input) => {
    const before = await itemsOf(ada);
    await expect(updateProfile(deps, ada, input)).rejects.toMatchObject({
      issues: [field ? { code, field } : { code }],
    });
    expect(await itemsOf(ada)).toEqual(before);
  });

  test('of a user who is gone is refused, and forgets remembered users', async () => {
    const process = { ...deps, memory: newMemory(systemRuntime) };
    await whoAmI(process, ada.cognito_user_id, freshToken);
    await expect(
      updateProfile(process, { ...ada, user_uuid: randomUUID() as never }, { display_name: 'X' }),
    ).rejects.toThrow(/^person_unknown$/);
    expect(process.memory.users.size).toBe(0);
  });

  test('writes nothing when the handle belongs to another user', async () => {
    const [, handle] = userItems(ada);
    await load(table, [{ ...handle, user_uuid: randomUUID() }]);
    await expect(updateProfile(deps, ada, { display_name: 'Ada South' })).rejects.toThrow(
      'items of a user are not theirs: handle',
    );
    expect((await dump(table, userKey(ada.user_uuid).pk))[0]?.display_name).toBe('Ada North');
    await load(table, [handle]);
  });
});

test('the doctor finds nothing in a user who changes their name while it looks', async () => {
  const busy = anotherProcess();
  let names = 0;
  busy.table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName === 'BatchGetItemCommand' && names++ < 5)
          await updateProfile(deps, ada, { display_name: `Name ${names}` });
        return answer;
      },
    { step: 'initialize' },
  );
  // The screening must suspect the user, so that it is checked at all.
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: handleKey(ada.handle),
      UpdateExpression: 'SET display_name = :old',
      ExpressionAttributeValues: { ':old': 'Old' },
    }),
  );
  expect(await findings({ ...busy, grace: 0 })).toEqual([]);
  expect(names).toBeGreaterThan(1);
});
