import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { linkIdentity } from '../../admin/users/link-identity.ts';
import { type PoolUser, updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { createUser } from '../../core/create-user.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { openTable } from '../../core/table/client.ts';
import { identityKey, userItems } from '../../core/table/items.ts';
import { getUserByIdentity } from '../../core/table/reads.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { tamper } from '../support/faults.ts';
import { dump, empty, load, localConfig, newTable } from '../support/table.ts';
import { findings } from '../support/town.ts';
import { world } from '../support/world.ts';

const table = await newTable(dynamodbEndpoint);
const { deps } = world(table);
/** Another process, with its own connection. */
const elsewhere = () => world(openTable(table.name, localConfig(dynamodbEndpoint))).deps;

let count = 0;
function wish(more: Partial<RegisteredUser> = {}) {
  const handle = `x${++count}`;
  return { handle, display_name: `X ${count}`, email: `${handle}@example.com`, cognito_user_id: randomUUID(), ...more };
}
const itemsOf = async (user_uuid: Uuid) => (await dump(table)).filter((item) => item.user_uuid === user_uuid);
const sorted = (items: object[]) => items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();

describe('a new person', () => {
  test('is three items; asked for again, the same three', async () => {
    const asked = wish();
    const added = await createUser(deps, asked);
    expect(sorted(await itemsOf(added.user_uuid))).toEqual(sorted(userItems(added)));
    expect(await createUser(deps, asked)).toEqual(added);
    expect(await createUser(deps, { ...asked, handle: asked.handle.toUpperCase(), display_name: 'Other' })).toEqual(
      added,
    );
    expect(await itemsOf(added.user_uuid)).toHaveLength(3);
  });

  test('asked for eight times at once is one', async () => {
    const asked = wish();
    const added = await Promise.all(Array.from({ length: 8 }, () => createUser(elsewhere(), asked)));
    expect(new Set(added.map(({ user_uuid }) => user_uuid)).size).toBe(1);
    expect((await dump(table)).filter(({ email }) => email === asked.email)).toHaveLength(1);
  });

  test('of two who want one handle at once, one gets it, and nothing is left of the other', async () => {
    const asked = wish();
    const other = { ...wish(), handle: asked.handle };
    const outcomes = await Promise.allSettled([createUser(deps, asked), createUser(elsewhere(), other)]);
    const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(rejected.map(({ reason }) => reason.issues)).toEqual([[{ code: 'handle_taken', field: 'handle' }]]);
    const stored = (await dump(table)).filter(({ email }) => email === asked.email || email === other.email);
    expect(stored).toHaveLength(1);
  });

  test('whose sign-in is somebody’s already is refused', async () => {
    const first = await createUser(deps, wish());
    const second = wish({ cognito_user_id: first.cognito_user_id });
    await expect(createUser(deps, second)).rejects.toThrow(/^identity_taken$/);
    expect(await dump(table, `HANDLE#x`)).not.toContainEqual(expect.objectContaining({ sk: second.handle }));
  });

  test('whose answer is lost is stored once', async () => {
    const shaky = elsewhere();
    const { tokens } = tamper(shaky.table, ['lost after', 'lost after', 'lost after', 'lost after']);
    const added = await createUser(shaky, wish());
    expect(tokens).toHaveLength(5);
    expect(new Set(tokens).size).toBe(1);
    expect(await itemsOf(added.user_uuid)).toHaveLength(3);
  });

  test.each([
    ['handle', { handle: 'no spaces' }],
    ['display_name', { display_name: ' ' }],
    ['email', { email: 'nobody' }],
    ['cognito_user_id', { cognito_user_id: '' }],
  ])('with a bad %s is told so', async (field, more) => {
    await expect(createUser(deps, wish(more as never))).rejects.toMatchObject({
      issues: [{ code: 'person_invalid', field }],
    });
  });
});

describe('another Cognito id', () => {
  test('opens, and the one before no longer does; once more changes nothing', async () => {
    const ada = await createUser(deps, wish());
    expect(await linkIdentity(deps, ada.user_uuid, 'new-sub')).toBe(ada.cognito_user_id);
    expect(await getUserByIdentity(table, 'new-sub')).toMatchObject({ handle: ada.handle });
    expect(await getUserByIdentity(table, ada.cognito_user_id)).toBeUndefined();
    expect(sorted(await itemsOf(ada.user_uuid))).toEqual(sorted(userItems({ ...ada, cognito_user_id: 'new-sub' })));
    const before = await dump(table);
    expect(await linkIdentity(deps, ada.user_uuid, 'new-sub')).toBeUndefined();
    expect(await dump(table)).toEqual(before);
  });

  test('set by eight at once leaves one identity', async () => {
    const ada = await createUser(deps, wish());
    const subs = Array.from({ length: 8 }, () => randomUUID());
    await Promise.all(subs.map((sub) => linkIdentity(elsewhere(), ada.user_uuid, sub)));
    const [user, ...others] = (await itemsOf(ada.user_uuid))
      .filter(({ pk }) => !String(pk).startsWith('HANDLE'))
      .reverse();
    expect(others).toEqual([{ ...identityKey(String(user?.cognito_user_id)), user_uuid: ada.user_uuid }]);
  });

  test('that is another’s is refused, and nothing changes', async () => {
    const [ada, bob] = [await createUser(deps, wish()), await createUser(deps, wish())];
    const before = await dump(table);
    await expect(linkIdentity(deps, ada.user_uuid, bob.cognito_user_id)).rejects.toThrow(/^identity_taken$/);
    await expect(linkIdentity(deps, ada.user_uuid, '')).rejects.toThrow(/^person_invalid$/);
    await expect(linkIdentity(deps, randomUUID() as never, 'x')).rejects.toThrow(/^handle_unknown$/);
    expect(await dump(table)).toEqual(before);
  });

  test('that becomes another’s just before it is written is not taken from them', async () => {
    const ada = await createUser(deps, wish());
    const late = elsewhere();
    late.table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'TransactWriteItemsCommand')
            await createUser(deps, wish({ cognito_user_id: 'contested' }));
          return next(args);
        },
      { step: 'initialize' },
    );
    await expect(linkIdentity(late, ada.user_uuid, 'contested')).rejects.toThrow(/^identity_taken$/);
    expect(await getUserByIdentity(table, 'contested')).not.toMatchObject({ user_uuid: ada.user_uuid });
    expect(await getUserByIdentity(table, ada.cognito_user_id)).toMatchObject({ user_uuid: ada.user_uuid });
  });

  test('an identity item that is missing is made again', async () => {
    const account = { ...wish(), user_uuid: randomUUID() } as RegisteredUser;
    await load(table, userItems(account).slice(0, 2));
    expect(await linkIdentity(deps, account.user_uuid, account.cognito_user_id)).toBe(account.cognito_user_id);
    expect(await itemsOf(account.user_uuid)).toHaveLength(3);
  });
});

describe('the ids of the pool', () => {
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

  test('come into the table, whoever had them; then there is nothing to do', async () => {
    await empty(table);
    const [ada, bob, cy] = [
      await createUser(deps, wish()),
      await createUser(deps, wish()),
      await createUser(deps, wish()),
    ];
    // Ada and bob have each other's, cy has one that is gone, in other letters; and somebody is on one side only.
    const dan = await createUser(deps, wish());
    const pool = [
      { email: ada.email, sub: bob.cognito_user_id },
      { email: bob.email, sub: ada.cognito_user_id },
      { email: cy.email.toUpperCase(), sub: 'cy-now' },
      { email: 'eve@example.com', sub: 'eve' },
    ];
    const [missing, extra] = [`not_in_pool ${dan.handle}`, 'not_in_table eve'];
    const people = [ada, bob, cy].map(({ handle }) => handle);
    expect(await outcomes(...pool)).toEqual([...people.map((handle) => `linked ${handle}`), missing, extra].sort());
    for (const [person, sub] of [
      [ada, bob.cognito_user_id],
      [bob, ada.cognito_user_id],
      [cy, 'cy-now'],
    ] as const) {
      expect(await getUserByIdentity(table, sub)).toMatchObject({ handle: person.handle });
    }
    const before = await dump(table);
    expect(before).toHaveLength(12);
    expect(await outcomes(...pool)).toEqual([...people.map((handle) => `unchanged ${handle}`), missing, extra].sort());
    expect(await dump(table)).toEqual(before);
  });

  test('go to nobody by an address that is not verified, or that several have', async () => {
    await empty(table);
    const [ada, bob] = [await createUser(deps, wish()), await createUser(deps, wish())];
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

  test('are not taken from somebody whom the pool does not know: that would leave them without', async () => {
    await empty(table);
    const [ada, dan] = [await createUser(deps, wish()), await createUser(deps, wish())];
    const found = await outcomes({ email: ada.email, sub: dan.cognito_user_id });
    expect(found).toEqual([`not_in_pool ${dan.handle}`, `taken ${ada.handle}`]);
    expect(await getUserByIdentity(table, dan.cognito_user_id)).toMatchObject({ handle: dan.handle });
    expect(await findings({ ...deps, grace: 0 })).toEqual([]);
  });

  test('go to one of two who share an address; the other is told of, each time', async () => {
    await empty(table);
    const [ada, bob] = [await createUser(deps, wish()), await createUser(deps, wish({ email: 'both@example.com' }))];
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { ...userItems({ ...ada, email: bob.email })[0] } }),
    );
    const once = await outcomes({ email: 'both@example.com', sub: 'the-one' });
    expect(once.map((line) => line.split(' ')[0])).toEqual(['linked', 'taken']);
    const again = await outcomes({ email: 'both@example.com', sub: 'the-one' });
    expect(again).toEqual(once.map((line) => line.replace('linked', 'unchanged')).sort());
  });
});
