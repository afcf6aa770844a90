import { randomUUID } from 'node:crypto';
import { BatchGetCommand, DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { examine, repair } from '../../admin/doctor/examine.ts';
import { createUser } from '../../core/create-user.ts';
import { newMemory } from '../../core/deps.ts';
import { findUsers } from '../../core/find-users.ts';
import { defaultLimits } from '../../core/model/limits.ts';
import type { StoredUser, User } from '../../core/model/user.ts';
import { searchItems, userItems } from '../../core/table/items.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { codesOf, findings } from '../support/doctor-fixture.ts';
import { scenario } from '../support/scenario.ts';
import { dump, empty, load, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
const { deps } = scenario(table);

let me: User;
beforeEach(async () => {
  await empty(table);
  deps.memory.users.clear();
  deps.memory.usersById.clear();
  deps.memory.searches.clear();
  me = await named('searcher', 'The Searcher');
});
const named = (handle: string, display_name: string): Promise<StoredUser> =>
  createUser(deps, { handle, display_name, email: 'ada@example.com', cognito_user_id: randomUUID() });
const find = async (prefix: string, limit?: number) =>
  (await findUsers(deps, me, { prefix, ...(limit && { limit }) })).rows.map(({ handle }) => handle);

describe('a search finds users', () => {
  test('by each word of their name, whatever its case and accents', async () => {
    await named('zoe', 'Zoë van der Straßen-Müller');
    for (const prefix of ['zo', 'ZOË', 'zoe', 'Van', 'de', 'strasse', 'STRASSEN', 'mu', 'mül', 'MÜLLER', ' müller '])
      expect(await find(prefix), prefix).toEqual(['zoe']);
    for (const prefix of ['oe', 'ller', 'zoex']) expect(await find(prefix), prefix).toEqual([]);
  });

  test.each([
    ['山田 花子', ['山田', '花子']],
    ['김 철수', ['김', '철수', '철']],
    ['Ολυμπία Παπαδοπούλου', ['ολυμπια', 'ΠΑΠΑΔΟΠΟΥΛΟΥ']],
    ['Ёлка Чайковская', ['елка', 'чайк']],
    ['İpek Yıldız', ['ipek', 'yildiz', 'YILDIZ']],
    ['ﬁona', ['fiona']],
  ])('in every script: %s', async (name, prefixes) => {
    await named('someone', name);
    for (const prefix of prefixes) expect(await find(prefix), prefix).toEqual(['someone']);
  });

  test('who have all words that are searched for', async () => {
    await named('ada', 'Ada North');
    await named('adam', 'Adam South');
    await named('nora', 'Nora Adams');
    expect(await find('ada n')).toEqual(['ada', 'nora']);
    expect(await find('north ada')).toEqual(['ada']);
    expect(await find('ada x')).toEqual([]);
  });

  test('who are found by their handle before others, and each once', async () => {
    await named('bo', 'Bob Bobson');
    await named('zed', 'Bobby Bobo Bob');
    expect(await find('bo')).toEqual(['bo', 'zed']);
    expect(await findUsers(deps, me, { prefix: 'bo', limit: 2 })).toMatchObject({ more: false });
    expect(await findUsers(deps, me, { prefix: 'bo', limit: 1 })).toMatchObject({ more: true });
  });

  test('ten at most, and as many as asked for although each has several words that match', async () => {
    for (let n = 0; n < 11; n++) await named(`u${n}`, 'Bob Bobby Bobson Bobo Boba');
    const { rows, more } = await findUsers(deps, me, { prefix: 'bob' });
    expect([new Set(rows.map(({ handle }) => handle)).size, more]).toEqual([10, true]);
  });

  test('under the name that they have now', async () => {
    const ada = await named('ada', 'Ada North');
    await updateProfile(deps, ada, { display_name: 'Ada South' });
    expect([await find('north'), await find('south')]).toEqual([[], ['ada']]);
    expect((await findUsers(deps, me, { prefix: 'south' })).rows[0]?.display_name).toBe('Ada South');
  });

  test('by their handle, although they have no search items', async () => {
    const ada = await named('ada', 'Ada North');
    for (const { pk, sk } of searchItems(ada))
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
    expect([await find('ada'), await find('north')]).toEqual([['ada'], []]);
  });
});

describe('a user searches', () => {
  test('30 times a minute, and then waits for as long as the answer says', async () => {
    let millis = 1_000;
    const memory = newMemory({ millis: () => millis });
    const clocked = {
      ...deps,
      limits: defaultLimits,
      memory,
      table: { ...table, runtime: { ...table.runtime, millis: () => millis } },
    };
    const search = (user = me, prefix = 'no') => findUsers(clocked, user, { prefix });
    for (let n = 0; n < 30; n++) {
      await search();
      millis += 1_000;
    }
    await expect(search()).rejects.toMatchObject({ message: 'too_many_searches', retryAfter: 30 });
    await expect(search(me, 'x')).rejects.toThrow(/^prefix_too_short$/);
    await search({ ...me, user_uuid: randomUUID() as never });
    millis += 29_500;
    await expect(search()).rejects.toMatchObject({ retryAfter: 1 });
    millis += 500;
    await search();
    await expect(search()).rejects.toMatchObject({ retryAfter: 1 });
  });
});

describe('search items', () => {
  const stored = async () =>
    (await dump(table, 'NAME#')).map(({ pk, sk }) => `${pk} ${sk}`.split('#').slice(0, 2).join('#'));

  test('are one for the handle and one for each of five words, and hold nothing but the user', async () => {
    await empty(table);
    const ada = await named('ada', 'Ada B Cee Dee Eee Fff Ggg Hhh');
    expect(await stored()).toEqual(['NAME#ad ada', 'NAME#ce cee', 'NAME#de dee', 'NAME#ee eee', 'NAME#ff fff']);
    for (const item of await dump(table, 'NAME#')) expect(Object.keys(item).sort()).toEqual(['pk', 'sk', 'user_uuid']);
    expect(searchItems({ ...ada, display_name: 'Ada' })).toHaveLength(1);
  });

  test('follow a change of the name: one that the handle needs stays', async () => {
    await empty(table);
    const ada = await named('ada', 'Ada North');
    await updateProfile(deps, ada, { display_name: 'Nora South' });
    expect(await stored()).toEqual(['NAME#ad ada', 'NAME#no nora', 'NAME#so south']);
    expect(await findings({ ...deps, grace: 0 })).toEqual([]);
  });

  test('are as the name is after eight concurrent changes', async () => {
    const ada = await named('ada', 'Ada North');
    const names = Array.from({ length: 8 }, (_, n) => `Name${n} Same Word${n}`);
    await Promise.all(names.map((display_name) => updateProfile(scenario(table).deps, ada, { display_name })));
    expect(await findings({ ...deps, grace: 0 })).toEqual([]);
  });

  test.each<[string, (ada: StoredUser) => Promise<unknown>, string[]]>([
    [
      'that are missing',
      async (ada) => {
        for (const { pk, sk } of searchItems(ada))
          await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
      },
      ['search_differs', 'search_differs'],
    ],
    [
      'of an earlier name',
      (ada) => load(table, searchItems({ ...ada, display_name: 'Earlier Name' })),
      ['search_without_user', 'search_without_user'],
    ],
    [
      'of a user who does not exist',
      () => load(table, searchItems({ ...me, user_uuid: randomUUID() as never })),
      ['search_without_user', 'search_without_user'],
    ],
  ])('%s are found and repaired by the doctor', async (_, damage, codes) => {
    const ada = await named('ada', 'Ada North');
    await damage(ada);
    const context = { ...deps, grace: 0 };
    expect(codesOf(await findings(context))).toEqual(codes);
    for await (const diagnosis of examine(context)) expect(await repair(context, diagnosis)).toEqual([]);
    expect(await findings(context)).toEqual([]);
    expect((await dump(table)).filter(({ user_uuid }) => user_uuid === ada.user_uuid)).toHaveLength(
      userItems(ada).length,
    );
  });

  test('are no finding of the doctor while the name changes', async () => {
    const ada = await named('ada', 'Ada North');
    await load(table, searchItems({ ...ada, display_name: 'Suspect' }));
    const busy = scenario(table).deps;
    let names = 0;
    const client = Object.create(table.client) as typeof table.client;
    client.send = (async (command: object) => {
      const answer = await table.client.send(command as never);
      const keys = JSON.stringify((command as { input: object }).input).match(/(NAME|USR)#/g) ?? [];
      // The name is the earlier one when the item is looked for, and no more when its user is.
      if (command instanceof BatchGetCommand && keys.length > 0 && names++ < 6)
        await updateProfile(deps, ada, { display_name: keys.join() === 'NAME#' ? 'Other' : 'Suspect' });
      return answer;
    }) as never;
    expect(await findings({ ...busy, table: { ...table, client }, grace: 0 })).toEqual([]);
    expect(names).toBeGreaterThan(2);
  });
});
