import { randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { allUsers } from '../../admin/table/scan.ts';
import { linkIdentity } from '../../admin/users/link-identity.ts';
import { type LinkOutcome, type PoolUser, updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { createUser } from '../../core/create-user.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { openTable } from '../../core/table/client.ts';
import { identityKey, userItems } from '../../core/table/items.ts';
import { getUserByIdentity } from '../../core/table/users.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { findings } from '../support/doctor-fixture.ts';
import { injectFaults } from '../support/faults.ts';
import { scenario } from '../support/scenario.ts';
import { dump, empty, load, localConfig, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
const { deps } = scenario(table);
/** Another process on the same table, with its own connection. */
const anotherProcess = () => scenario(openTable(table.name, localConfig(dynamodbEndpoint))).deps;

let count = 0;
function newUser(more: Partial<RegisteredUser> = {}) {
  const handle = `x${++count}`;
  return { handle, display_name: `X ${count}`, email: `${handle}@example.com`, cognito_user_id: randomUUID(), ...more };
}
/** The user who signs in with an identity. */
const userWith = (cognito_user_id: string) => getUserByIdentity(table, cognito_user_id, Date.now());
const itemsOf = async (user_uuid: Uuid) => (await dump(table)).filter((item) => item.user_uuid === user_uuid);
const sorted = (items: object[]) => items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();

describe('creating a user', () => {
  test('stores all items of the user, and a repeated request changes nothing', async () => {
    const attributes = newUser();
    const added = await createUser(deps, attributes);
    expect(sorted(await itemsOf(added.user_uuid))).toEqual(sorted(userItems(added)));
    expect(await createUser(deps, attributes)).toEqual(added);
    expect(
      await createUser(deps, { ...attributes, handle: attributes.handle.toUpperCase(), display_name: 'Other' }),
    ).toEqual(added);
    expect(await itemsOf(added.user_uuid)).toHaveLength(userItems(added).length);
  });

  test('eight times concurrently stores one user', async () => {
    const attributes = newUser();
    const added = await Promise.all(Array.from({ length: 8 }, () => createUser(anotherProcess(), attributes)));
    expect(new Set(added.map(({ user_uuid }) => user_uuid)).size).toBe(1);
    expect((await dump(table)).filter(({ email }) => email === attributes.email)).toHaveLength(1);
  });

  test('twice with one handle concurrently stores one user, and nothing of the other', async () => {
    const attributes = newUser();
    const other = { ...newUser(), handle: attributes.handle };
    const outcomes = await Promise.allSettled([createUser(deps, attributes), createUser(anotherProcess(), other)]);
    const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(rejected.map(({ reason }) => reason.issues)).toEqual([[{ code: 'handle_taken', field: 'handle' }]]);
    const stored = (await dump(table)).filter(({ email }) => email === attributes.email || email === other.email);
    expect(stored).toHaveLength(1);
  });

  test('with the Cognito id of another user is rejected', async () => {
    const first = await createUser(deps, newUser());
    const second = newUser({ cognito_user_id: first.cognito_user_id });
    await expect(createUser(deps, second)).rejects.toThrow(/^identity_taken$/);
    expect(await dump(table, `HANDLE#x`)).not.toContainEqual(expect.objectContaining({ sk: second.handle }));
  });

  test('stores one user when answers are lost', async () => {
    const shaky = anotherProcess();
    const { tokens } = injectFaults(shaky.table, ['lost after', 'lost after', 'lost after', 'lost after']);
    const added = await createUser(shaky, newUser());
    expect(tokens).toHaveLength(5);
    expect(new Set(tokens).size).toBe(1);
    expect(await itemsOf(added.user_uuid)).toHaveLength(userItems(added).length);
  });

  test.each([
    ['handle', { handle: 'no spaces' }],
    ['display_name', { display_name: ' ' }],
    ['email', { email: 'no address' }],
    ['cognito_user_id', { cognito_user_id: '' }],
  ])('with an invalid %s is rejected', async (field, more) => {
    await expect(createUser(deps, newUser(more as never))).rejects.toMatchObject({
      issues: [{ code: 'person_invalid', field }],
    });
  });
});

describe('linking a Cognito id', () => {
  test('replaces the previous one, and linking it again changes nothing', async () => {
    const ada = await createUser(deps, newUser());
    expect(await linkIdentity(deps, ada.user_uuid, 'new-sub')).toBe(ada.cognito_user_id);
    expect(await userWith('new-sub')).toMatchObject({ handle: ada.handle });
    expect(await userWith(ada.cognito_user_id)).toBeUndefined();
    expect(sorted(await itemsOf(ada.user_uuid))).toEqual(sorted(userItems({ ...ada, cognito_user_id: 'new-sub' })));
    const before = await dump(table);
    expect(await linkIdentity(deps, ada.user_uuid, 'new-sub')).toBeUndefined();
    expect(await dump(table)).toEqual(before);
  });

  test('eight times concurrently leaves one identity', async () => {
    const ada = await createUser(deps, newUser());
    const subs = Array.from({ length: 8 }, () => randomUUID());
    await Promise.all(subs.map((sub) => linkIdentity(anotherProcess(), ada.user_uuid, sub)));
    const [user, ...others] = (await itemsOf(ada.user_uuid))
      .filter(({ pk }) => /^(USR|COGNITO)#/.test(String(pk)))
      .reverse();
    expect(others).toEqual([{ ...identityKey(String(user?.cognito_user_id)), user_uuid: ada.user_uuid }]);
  });

  test('of another user is rejected, and changes nothing', async () => {
    const [ada, bob] = [await createUser(deps, newUser()), await createUser(deps, newUser())];
    const before = await dump(table);
    await expect(linkIdentity(deps, ada.user_uuid, bob.cognito_user_id)).rejects.toThrow(/^identity_taken$/);
    await expect(linkIdentity(deps, ada.user_uuid, '')).rejects.toThrow(/^person_invalid$/);
    await expect(linkIdentity(deps, randomUUID() as never, 'x')).rejects.toThrow(/^handle_unknown$/);
    expect(await dump(table)).toEqual(before);
  });

  test('that another user gets just before the write leaves it to that user', async () => {
    const ada = await createUser(deps, newUser());
    const overtaken = anotherProcess();
    overtaken.table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'TransactWriteItemsCommand')
            await createUser(deps, newUser({ cognito_user_id: 'contested' }));
          return next(args);
        },
      { step: 'initialize' },
    );
    await expect(linkIdentity(overtaken, ada.user_uuid, 'contested')).rejects.toThrow(/^identity_taken$/);
    expect(await userWith('contested')).not.toMatchObject({ user_uuid: ada.user_uuid });
    expect(await userWith(ada.cognito_user_id)).toMatchObject({ user_uuid: ada.user_uuid });
  });

  test('restores a missing identity item', async () => {
    const user = { ...newUser(), user_uuid: randomUUID() } as RegisteredUser;
    await load(table, userItems(user).slice(0, 2));
    expect(await linkIdentity(deps, user.user_uuid, user.cognito_user_id)).toBe(user.cognito_user_id);
    expect(await itemsOf(user.user_uuid)).toHaveLength(3);
  });
});

describe('updating the Cognito ids from the pool', () => {
  async function* poolOf(users: Partial<PoolUser>[]) {
    for (const user of users) yield { isVerified: true, email: '', sub: '', ...user };
  }
  async function outcomes(...users: Partial<PoolUser>[]) {
    const all: string[] = [];
    for await (const one of updateCognitoIds(deps, poolOf(users))) {
      all.push([one.outcome, 'handle' in one ? one.handle : one.sub].join(' '));
    }
    return all.sort();
  }

  const links = async (...users: Partial<PoolUser>[]) => {
    const all: LinkOutcome[] = [];
    for await (const one of updateCognitoIds(deps, poolOf(users))) all.push(one);
    return all;
  };

  test('links each id to the user with its address, and a repetition changes nothing', async () => {
    await empty(table);
    const [ada, bob, cy] = [
      await createUser(deps, newUser()),
      await createUser(deps, newUser()),
      await createUser(deps, newUser()),
    ];
    // Ada and bob have ids that no longer exist, bob an address in other letter case. Cy is up to date, dan is missing in the pool, eve
    // in the table.
    const dan = await createUser(deps, newUser());
    const pool = [
      { email: ada.email, sub: 'ada-now' },
      { email: bob.email.toUpperCase(), sub: 'bob-now' },
      { email: cy.email.toUpperCase(), sub: cy.cognito_user_id, isVerified: false },
      { email: 'eve@example.com', sub: 'eve' },
    ];
    const others = [`unchanged ${cy.handle}`, `not_in_pool ${dan.handle}`, 'not_in_table eve'];
    const handles = [ada, bob].map(({ handle }) => handle);
    const original = await dump(table);
    const dryRun: LinkOutcome[] = [];
    for await (const one of updateCognitoIds(deps, poolOf(pool), { isDryRun: true })) dryRun.push(one);
    expect(await dump(table)).toEqual(original);
    const linked = await links(...pool);
    expect(dryRun).toEqual(linked);
    const asText = linked.map((one) => [one.outcome, 'handle' in one ? one.handle : one.sub].join(' '));
    expect(asText.sort()).toEqual([...handles.map((handle) => `linked ${handle}`), ...others].sort());
    for (const [user, sub] of [
      [ada, 'ada-now'],
      [bob, 'bob-now'],
      [cy, cy.cognito_user_id],
    ] as const) {
      expect(await userWith(sub)).toMatchObject({ handle: user.handle });
    }
    const before = await dump(table);
    expect(before).toHaveLength([ada, bob, cy, dan].flatMap(userItems).length);
    expect(await outcomes(...pool)).toEqual([...handles.map((handle) => `unchanged ${handle}`), ...others].sort());
    expect(await dump(table)).toEqual(before);
  });

  test('does not link a user to another user of the pool who has registered their previous address', async () => {
    await empty(table);
    const ada = await createUser(deps, newUser());
    const moved = { email: 'ada-moved@example.com', sub: ada.cognito_user_id };
    const squatter = { email: ada.email, sub: 'squatter' };
    const stranger = { outcome: 'not_in_table', sub: 'squatter' };
    const { handle, user_uuid, cognito_user_id: sub } = ada;
    const differs = { outcome: 'address_differs', handle, user_uuid, sub };
    const before = await dump(table);

    expect(await links({ ...moved, isVerified: false }, squatter)).toEqual([
      { ...differs, address_updated: false },
      stranger,
    ]);
    expect(await dump(table)).toEqual(before);

    expect(await links(moved, squatter)).toEqual([{ ...differs, address_updated: true }, stranger]);
    expect(sorted(await itemsOf(user_uuid))).toEqual(sorted(userItems({ ...ada, email: moved.email })));
    expect(await outcomes(moved, squatter)).toEqual(['not_in_table squatter', `unchanged ${handle}`]);

    // The previous address leads nobody to her, not even once she is gone from the pool.
    expect(await outcomes(squatter)).toEqual([`not_in_pool ${handle}`, 'not_in_table squatter']);
    expect(await userWith('squatter')).toBeUndefined();
    expect(await userWith(sub)).toMatchObject({ handle });
  });

  test('copies no address that another user of the table has', async () => {
    await empty(table);
    const [ada, bob] = [await createUser(deps, newUser()), await createUser(deps, newUser())];
    const before = await dump(table);
    const exchanged = [
      { email: ada.email, sub: bob.cognito_user_id },
      { email: bob.email, sub: ada.cognito_user_id },
    ];
    const found = await links(...exchanged);
    expect(found).toHaveLength(2);
    for (const each of found) expect(each).toMatchObject({ outcome: 'address_differs', address_updated: false });
    expect(await dump(table)).toEqual(before);
  });

  test('links no id whose address is unverified or occurs twice in the pool', async () => {
    await empty(table);
    const [ada, bob] = [await createUser(deps, newUser()), await createUser(deps, newUser())];
    const before = await dump(table);
    const found = await outcomes(
      { email: ada.email, sub: 'mallory', isVerified: false },
      { email: bob.email, sub: 'one' },
      { email: bob.email.toUpperCase(), sub: 'other' },
      { sub: 'without an address' },
    );
    const unverified = ['unverified mallory', 'unverified without an address'];
    expect(found).toEqual([`ambiguous ${bob.handle}`, `not_in_pool ${ada.handle}`, ...unverified]);
    expect(await dump(table)).toEqual(before);
  });

  test('takes no id from the user who signs in with it, whatever the addresses say', async () => {
    await empty(table);
    const [ada, dan] = [await createUser(deps, newUser()), await createUser(deps, newUser())];
    const sub = dan.cognito_user_id;
    expect(await outcomes({ email: ada.email, sub })).toEqual([`address_differs ${dan.handle}`, `taken ${ada.handle}`]);
    expect(await userWith(dan.cognito_user_id)).toMatchObject({ handle: dan.handle });
    expect(await findings({ ...deps, grace: 0 })).toEqual([]);
  });

  test('takes no id from the user who signs in with it, even if the item that holds the id is lost', async () => {
    await empty(table);
    for (let n = 0; n < 2; n++) await createUser(deps, newUser());
    const users: RegisteredUser[] = [];
    for await (const user of allUsers(table)) users.push(user);
    const [ada, dan] = users as [RegisteredUser, RegisteredUser]; // ada comes first, before dan's item is written again
    const sub = dan.cognito_user_id;
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: identityKey(sub) }));
    expect(await outcomes({ email: ada.email, sub })).toEqual([`address_differs ${dan.handle}`, `taken ${ada.handle}`]);
    expect(await userWith(sub)).toMatchObject({ handle: dan.handle });
  });

  test('links the id to one of two users with the same address, and reports the other each time', async () => {
    await empty(table);
    const [ada, bob] = [
      await createUser(deps, newUser()),
      await createUser(deps, newUser({ email: 'both@example.com' })),
    ];
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { ...userItems({ ...ada, email: bob.email })[0] } }),
    );
    const once = await outcomes({ email: 'both@example.com', sub: 'the-one' });
    expect(once.map((line) => line.split(' ')[0])).toEqual(['linked', 'taken']);
    const again = await outcomes({ email: 'both@example.com', sub: 'the-one' });
    expect(again).toEqual(once.map((line) => line.replace('linked', 'unchanged')).sort());
  });
});
