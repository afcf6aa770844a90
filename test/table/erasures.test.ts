import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { repair } from '../../admin/doctor/examine.ts';
import { findReport, resolveReport } from '../../admin/reports.ts';
import { setStanding } from '../../admin/users/standing.ts';
import { beginErasure } from '../../core/begin-erasure.ts';
import { checkSignUp } from '../../core/check-sign-up.ts';
import { createProfile } from '../../core/create-profile.ts';
import { createUser } from '../../core/create-user.ts';
import { type Deps, newDeps, type SocketDeps } from '../../core/deps.ts';
import { eraseUser } from '../../core/erase-user.ts';
import { finishErasure, finishErasures } from '../../core/finish-erasures.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import { openConnection } from '../../core/open-connection.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { getErasure } from '../../core/table/erasures.ts';
import * as items from '../../core/table/items.ts';
import { getHead } from '../../core/table/reads.ts';
import { getRegisteredUser } from '../../core/table/users.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { codesOf, diagnoses, findings, newDoctorFixture } from '../support/doctor-fixture.ts';
import { FakeSockets } from '../support/fake-sockets.ts';
import { freshToken } from '../support/fresh-token.ts';
import { HiddenItems } from '../support/hidden-items.ts';
import { interceptedTable, justBefore } from '../support/intercepted-table.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { dump, localConfig, newTable } from '../support/table.ts';

type Fixture = Awaited<ReturnType<typeof newDoctorFixture>>;

let table: Table;
let f: Fixture;
let s: Scenario;
let sockets: FakeSockets;
let deps: Deps & SocketDeps;
let ada: User;
let bob: User;
beforeEach(async () => {
  table ??= await newTable(dynamodbEndpoint);
  f = await newDoctorFixture(table);
  s = f.scenario;
  sockets = new FakeSockets();
  deps = { ...s.deps, sockets };
  [ada, bob] = [await s.given.user('adamarker'), await s.given.user()];
});

const minute = 60_000_000; // microseconds
const soon = Number.POSITIVE_INFINITY;
/** Ada's token, by which the pool would delete her. */
const caller = async (user: User) => ({
  cognito_user_id: (await getRegisteredUser(table, user.user_uuid))?.cognito_user_id as string,
  accessToken: 'token of ada',
  token: freshToken,
});
/** All that the table holds, as text. */
const everything = async () =>
  JSON.stringify(await dump(table), (_, value) => (value instanceof Set ? [...value] : value));
/** Erases to the end: a minute passes. */
async function erase(user: User): Promise<void> {
  await beginErasure(deps, user.user_uuid);
  await finishErasure(deps, user.user_uuid, soon);
  f.clock.move(2 * minute);
  expect(await finishErasure(deps, user.user_uuid, soon)).toBe(true);
}
/** A process that has answered ada's requests, and remembers what it read. */
async function warmProcess(): Promise<Scenario> {
  const warm = scenario(table, { now: f.clock.now });
  await whoAmI(warm.deps, (await caller(ada)).cognito_user_id, freshToken);
  await warm.then.inbox(bob); // remembers ada's names for others
  return warm;
}
async function talk(length = 3): Promise<Message[]> {
  const sent: Message[] = [];
  for (let n = 1; n <= length; n++) {
    f.clock.move(1);
    sent.push(await (n % 2 === 1 ? s.when.sends(ada, bob, `marker ${n}`) : s.when.sends(bob, ada, `kept ${n}`)));
  }
  await s.when.projected((sent[0] as Message).message_group_uuid);
  return sent;
}

describe('no trace', () => {
  test('of an erased user is left in the table, and what others wrote is whole', async () => {
    const cy = await s.given.user();
    const [first, second] = (await talk(5)) as [Message, Message];
    const { message_group_uuid } = first;
    await s.when.edits(ada, first, 'marker, edited');
    await s.when.sends(ada, cy, 'marker for cy', 'key-of-ada');
    const toClear = await s.when.sends(cy, ada, 'kept by cy');
    await s.when.projected(toClear.message_group_uuid);
    await s.when.clears(ada, toClear);
    await s.when.blocks(ada, cy);
    await s.when.reports(ada, message_group_uuid, { created_at: second.created_at, note: 'marker as a note' });
    await s.when.reports(bob, message_group_uuid);
    await resolveReport(deps, (await findReport(deps, undefined, bob.user_uuid)) as never, 'nothing wrong');
    await resolveReport(deps, (await findReport(deps, undefined, ada.user_uuid)) as never, undefined);
    const grant = { user_uuid: ada.user_uuid, signed_in_at: f.clock.now(), connected_until: 9_999_999_999 };
    await openConnection(deps, grant, 'phone');

    await erase(ada);
    expect(sockets.ended).toEqual(['phone']);
    const left = await everything();
    expect(left).not.toMatch(/marker/i);
    expect(left).not.toContain('key-of-ada');
    expect(await findings(f.context)).toEqual([]);
    const conversation = await s.then.conversation(bob, message_group_uuid);
    expect(conversation.map(({ seq, message, deleted_at }) => [seq, message, deleted_at !== undefined])).toEqual([
      [1, '', true],
      [2, 'kept 2', false],
      [3, '', true],
      [4, 'kept 4', false],
      [5, '', true],
    ]);
    const [row, ...more] = await s.then.inbox(bob);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ message: '', other: { handle: 'deleted', display_name: 'Deleted user' } });
    expect(conversation[0]?.sender).toEqual({
      user_uuid: ada.user_uuid,
      handle: 'deleted',
      display_name: 'Deleted user',
    });
    expect(await s.then.inbox(ada)).toEqual([]);
    // What is left of her leads nobody to her.
    const kinds = (await dump(table))
      .filter((item) => JSON.stringify(item).includes(ada.user_uuid))
      .map(({ pk }) => String(pk).split('#')[0]);
    expect([...new Set(kinds)].sort()).toEqual(['COGNITO', 'ERASURE', 'GRP', 'HEAD', 'MSG', 'PAIR', 'REPORT', 'USR']);
  });

  test('of a user whose conversation has more messages than one step erases', async () => {
    const sent = await talk(80);
    await erase(ada);
    expect(await everything()).not.toContain('marker');
    expect(await s.then.conversation(bob, (sent[0] as Message).message_group_uuid)).toHaveLength(80);
    expect(await findings(f.context)).toEqual([]);
  });

  test('of an erased user who has only read is left in the row of the other', async () => {
    await s.when.sends(bob, ada, 'kept');
    await erase(ada);
    expect(await everything()).not.toMatch(/marker/i);
    expect(await s.then.inbox(bob)).toMatchObject([{ message: 'kept', other: { display_name: 'Deleted user' } }]);
  });

  test('of two who are erased beside each other', async () => {
    await talk(4);
    await Promise.all([beginErasure(deps, ada.user_uuid), beginErasure(deps, bob.user_uuid)]);
    f.clock.move(2 * minute);
    const done = await Promise.all([ada, bob].map(({ user_uuid }) => finishErasure(deps, user_uuid, soon)));
    expect(done).toEqual([true, true]);
    expect(await everything()).not.toMatch(/marker|kept/);
    expect(await findings(f.context)).toEqual([]);
  });

  test('of the messages that an open report keeps, once it is resolved', async () => {
    const [first] = (await talk()) as [Message];
    await s.when.reports(bob, first.message_group_uuid, { created_at: first.created_at, note: 'a note by bob' });
    const open = await findReport(deps, undefined);
    await erase(ada);
    expect((await findReport(deps, undefined))?.evidence[0]?.message).toBe('marker 1');
    // The operator's command has read the report before.
    expect(await resolveReport(deps, open as never, 'suspended')).toBe(true);
    expect(await everything()).not.toContain('marker');
    expect(await findReport(deps, undefined, ada.user_uuid)).toMatchObject({
      note: 'a note by bob',
      outcome: 'suspended',
    });
    expect(await findings(f.context)).toEqual([]);
  });

  test('of a report that is resolved while its user is being erased', async () => {
    const [first] = (await talk()) as [Message];
    await s.when.reports(bob, first.message_group_uuid, { created_at: first.created_at });
    const open = await findReport(deps, undefined);
    const racing = justBefore(table, 'TransactWriteItemsCommand', () => erase(ada));
    expect(await resolveReport({ ...deps, table: racing }, open as never, undefined)).toBe(true);
    expect(await everything()).not.toContain('marker');
  });
});

describe('from the answer on', () => {
  beforeEach(async () => {
    await talk();
    await beginErasure(deps, ada.user_uuid);
  });

  test('nobody finds the user, and nobody can write to them', async () => {
    await expect(s.when.sends(bob, ada, 'are you there?')).rejects.toThrow('handle_unknown');
    const [row] = await s.then.inbox(bob);
    await expect(s.when.sendsIn(bob, row?.message_group_uuid as Uuid, 'hello?')).rejects.toThrow(
      'recipient_unavailable',
    );
    const cy = await s.given.user();
    await expect(s.when.blocks(cy, ada)).rejects.toThrow('user_unknown');
  });

  test('their token opens nothing, and makes nobody new', async () => {
    const { cognito_user_id } = await caller(ada);
    await expect(whoAmI(newDeps(table), cognito_user_id, freshToken)).rejects.toThrow('user_gone');
    const profile = { handle: 'ada_again', display_name: 'Ada again' };
    const userPool = { emailOf: async () => ({ email: 'ada@example.com', isVerified: true }) };
    await expect(createProfile({ ...deps, userPool }, await caller(ada), profile)).rejects.toThrow('user_gone');
    const grant = { user_uuid: ada.user_uuid, signed_in_at: f.clock.now(), connected_until: 9_999_999_999 };
    await expect(openConnection(deps, grant, 'phone')).rejects.toThrow('token_invalid');
    await expect(setStanding(deps, ada.user_uuid, { trusted: true })).rejects.toThrow('handle_unknown');
  });

  test('their handle is reserved by its hash, and free after 30 days', async () => {
    const input = {
      handle: ada.handle,
      display_name: 'Another',
      cognito_user_id: 'another',
      email: 'another@example.com',
    };
    await expect(checkSignUp(deps, input)).rejects.toThrow('handle_taken');
    await expect(createUser(deps, input)).rejects.toThrow('handle_taken');
    f.clock.move(30 * 24 * 60 * minute);
    await expect(checkSignUp(deps, input)).resolves.toMatchObject({ handle: ada.handle });
    await expect(createUser(deps, input)).resolves.toMatchObject({ handle: ada.handle });
    expect(await findings(f.context)).toEqual([]);
  });
});

describe('a process that remembers the user', () => {
  test.each([
    [
      'sends',
      (w: Scenario, m: Message) => w.when.sendsIn(ada, m.message_group_uuid, 'marker, late'),
      'recipient_unavailable',
    ],
    ['edits', (w: Scenario, m: Message) => w.when.edits(ada, m, 'marker, edited'), 'message_deleted'],
    ['blocks', (w: Scenario) => w.when.blocks(ada, bob), 'user_gone'],
    [
      'reports',
      (w: Scenario, m: Message) => w.when.reports(ada, m.message_group_uuid, { note: 'marker' }),
      'user_gone',
    ],
    ['changes their name', (w: Scenario) => updateProfile(w.deps, ada, { display_name: 'marker' }), 'user_gone'],
  ])('writes nothing of theirs afterwards: it %s', async (_, write, code) => {
    const [first] = (await talk()) as [Message];
    const warm = await warmProcess();
    await erase(ada);
    await expect(write(warm, first)).rejects.toThrow(code);
    expect(await everything()).not.toMatch(/marker/i);
    expect(await findings(f.context)).toEqual([]);
  });

  test('sends nothing by a head that it remembers', async () => {
    const [first] = (await talk()) as [Message];
    const warm = await warmProcess();
    await warm.when.sendsIn(ada, first.message_group_uuid, 'marker, remembered');
    await erase(ada);
    await expect(warm.when.sendsIn(ada, first.message_group_uuid, 'marker, late')).rejects.toThrow(
      'recipient_unavailable',
    );
    expect(await everything()).not.toMatch(/marker/i);
  });

  test('sends until the erasure comes to the conversation: that is erased as well', async () => {
    const [first] = (await talk()) as [Message];
    const warm = await warmProcess();
    await beginErasure(deps, ada.user_uuid);
    await warm.when.sendsIn(ada, first.message_group_uuid, 'marker, late', 'late-key');
    f.clock.move(2 * minute);
    expect(await finishErasure(deps, ada.user_uuid, soon)).toBe(true);
    expect(await everything()).not.toMatch(/marker|late-key/i);
  });

  test('starts no conversation, neither with the user nor for them', async () => {
    const cy = await s.given.user();
    const warm = await warmProcess();
    await beginErasure(deps, ada.user_uuid);
    await expect(warm.when.sends(ada, cy, 'marker')).rejects.toThrow('user_gone');
    expect(await s.then.inbox(cy)).toEqual([]);
  });

  test('writes no row with their names', async () => {
    const sent = await talk(4);
    const warm = await warmProcess();
    await erase(ada);
    await warm.when.reads(bob, sent[3] as Message);
    expect(await everything()).not.toMatch(/marker/i);
    const [row] = await s.then.inbox(bob);
    expect(row).toMatchObject({ unread_count: 0, other: { display_name: 'Deleted user' } });
  });
});

test('a change of a name that loses to an erasure writes nothing, even of the name that erased users have', async () => {
  await updateProfile(deps, ada, { display_name: 'Deleted user' });
  const racing = justBefore(table, 'TransactWriteItemsCommand', () => beginErasure(deps, ada.user_uuid));
  const change = updateProfile({ ...deps, table: racing }, ada, { display_name: 'Marker Street' });
  await expect(change).rejects.toThrow('user_gone');
  expect(await everything()).not.toMatch(/marker/i);
});

test('an erasure that loses to a change of the name removes the new one', async () => {
  const racing = justBefore(table, 'TransactWriteItemsCommand', () =>
    updateProfile(deps, ada, { display_name: 'Marker Street' }),
  );
  await beginErasure({ ...deps, table: racing }, ada.user_uuid);
  expect(await everything()).not.toMatch(/marker/i);
});

test('the row of an erased user goes together with the head that says so', async () => {
  const [first] = (await talk()) as [Message];
  await beginErasure(deps, ada.user_uuid);
  const rows: number[] = [];
  const watched = interceptedTable(table, 'QueryCommand', async (go) => {
    if ((await getHead(table, first.message_group_uuid))?.gone)
      rows.push((await dump(table, items.inbox(ada.user_uuid))).length);
    return go();
  });
  await finishErasure({ ...deps, table: watched }, ada.user_uuid, soon);
  expect(new Set(rows)).toEqual(new Set([0]));
});

describe('an erasure that is interrupted', () => {
  test('goes on where it stopped, whatever call of the database was the last one', async () => {
    for (let calls = 1; ; calls++) {
      f = await newDoctorFixture(table);
      s = f.scenario;
      deps = { ...s.deps, sockets };
      [ada, bob] = [await s.given.user(), await s.given.user()];
      await talk(2);
      await s.when.blocks(ada, bob);
      await beginErasure(deps, ada.user_uuid);
      f.clock.move(2 * minute);
      let made = 0;
      const dying = openTable(table.name, localConfig(dynamodbEndpoint));
      dying.client.middlewareStack.add(
        (next) => (args) => {
          if (++made > calls) throw new Error('the function has ended');
          return next(args);
        },
        { step: 'initialize', name: 'dying' },
      );
      const ended = await finishErasure({ ...deps, table: dying }, ada.user_uuid, soon).catch(() => 'interrupted');
      expect(await finishErasure(deps, ada.user_uuid, soon)).toBe(true);
      expect(await everything()).not.toMatch(/marker/i);
      expect(await findings(f.context)).toEqual([]);
      if (ended === true) break;
    }
  }, 120_000);

  test('notes how far it came when the time is up', async () => {
    const sent = await talk(80);
    await beginErasure(deps, ada.user_uuid);
    let now = 0;
    const slow = { ...deps, table: { ...table, runtime: { ...table.runtime, millis: () => ++now } } };
    expect(await finishErasure(slow, ada.user_uuid, 6)).toBe(false);
    const noted = await getErasure(table, ada.user_uuid);
    expect(noted).toMatchObject({ message_group_uuid: (sent[0] as Message).message_group_uuid });
    expect(noted?.after).toBeDefined();
  });

  test('does not end within its first minute, in which an item may not be seen yet', async () => {
    await talk();
    await beginErasure(deps, ada.user_uuid);
    f.clock.move(minute);
    expect(await finishErasure(deps, ada.user_uuid, soon)).toBe(false);
    f.clock.move(minute / 60);
    expect(await finishErasure(deps, ada.user_uuid, soon)).toBe(true);
  });

  test.each([1, 2, 3])('waits for message %d, which single reads do not show yet', async (n) => {
    const sent = await talk(3);
    await beginErasure(deps, ada.user_uuid);
    const { message_group_uuid, created_at } = sent[n - 1] as Message;
    const late = openTable(table.name, localConfig(dynamodbEndpoint));
    new HiddenItems(late).hide(items.messageKey(message_group_uuid, created_at), { reads: 1 });
    // After a minute without an answer, a message that is missing would count as lost.
    await finishErasure({ ...deps, table: late }, ada.user_uuid, soon);
    f.clock.move(2 * minute);
    expect(await finishErasure({ ...deps, table: late }, ada.user_uuid, soon)).toBe(true);
    expect(await everything()).not.toMatch(/marker/i);
  });

  test('meets a deletion by the user, whose time stays', async () => {
    const [first] = (await talk()) as [Message];
    const { message_group_uuid } = first;
    await beginErasure(deps, ada.user_uuid);
    let deleted_at: string | undefined;
    const racing = interceptedTable(table, 'TransactWriteItemsCommand', async (go) => {
      if (!deleted_at && (await getHead(table, message_group_uuid))?.gone) {
        deleted_at = f.clock.now();
        await s.when.deletes(ada, first);
        f.clock.move(minute);
      }
      return go();
    });
    await finishErasure({ ...deps, table: racing }, ada.user_uuid, soon);
    expect((await s.then.conversation(bob, message_group_uuid))[0]).toMatchObject({ deleted_at, revision: 2 });
    expect(await everything()).not.toMatch(/marker/i);
  });

  test('is not thrown back by a process that is slower', async () => {
    const cy = await s.given.user();
    await talk();
    f.clock.move(1);
    const { message_group_uuid } = await s.when.sends(ada, cy, 'marker for cy');
    await beginErasure(deps, ada.user_uuid);
    f.clock.move(2 * minute);
    const dying = interceptedTable(table, 'TransactWriteItemsCommand', async (go) => {
      if ((await getHead(table, message_group_uuid))?.gone) throw new Error('the function has ended');
      return go();
    });
    // The faster one ends in the middle of the second conversation, whose row is gone then.
    const slower = justBefore(table, 'TransactWriteItemsCommand', () =>
      finishErasure({ ...deps, table: dying }, ada.user_uuid, soon).catch(() => undefined),
    );
    expect(await finishErasure({ ...deps, table: slower }, ada.user_uuid, soon)).toBe(true);
    expect(await everything()).not.toMatch(/marker/i);
  });

  test('of one user holds up no other', async () => {
    const [first] = (await talk()) as [Message];
    const cy = await s.given.user();
    await s.when.sends(cy, bob, 'cy was here');
    await f.remove(items.headKey(first.message_group_uuid));
    await beginErasure(deps, ada.user_uuid);
    await beginErasure(deps, cy.user_uuid);
    f.clock.move(2 * minute);
    const { open, failures } = await finishErasures(deps, soon);
    expect(open.map(({ user_uuid }) => user_uuid)).toEqual([ada.user_uuid]);
    expect(failures).toMatchObject([{ user_uuid: ada.user_uuid }]);
    expect(await everything()).not.toContain('cy was here');
    // The doctor rebuilds the head, and the erasure goes on.
    for (const diagnosis of await diagnoses(f.context)) await repair(f.context, diagnosis);
    expect(await finishErasures(deps, soon)).toMatchObject({ open: [], failures: [] });
    expect(await everything()).not.toMatch(/marker/i);
    expect(await findings(f.context)).toEqual([]);
  });
});

describe('the user pool', () => {
  const pool = (deleteUser: (token: string) => Promise<boolean>) => ({ ...deps, userPool: { deleteUser } });

  test('deletes the user by their own token, once the erasure stands', async () => {
    const seen: unknown[] = [];
    const userPool = pool(async (token) => {
      seen.push(token, (await getErasure(table, ada.user_uuid))?.has_pool_user);
      return true;
    });
    await eraseUser(userPool, await caller(ada));
    expect(seen).toEqual(['token of ada', true]);
    f.clock.move(2 * minute);
    await finishErasures(deps, soon);
    expect(await getErasure(table, ada.user_uuid)).toBeUndefined();
  });

  test('is asked again by the next request when it does not answer', async () => {
    const me = await caller(ada);
    await expect(
      eraseUser(
        pool(() => Promise.reject(new Error('no answer'))),
        me,
      ),
    ).rejects.toThrow('no answer');
    f.clock.move(2 * minute);
    await finishErasures(deps, soon);
    expect(await getErasure(table, ada.user_uuid)).toMatchObject({ has_pool_user: true, erased_at: f.clock.now() });
    await eraseUser(
      pool(async () => true),
      me,
    );
    await finishErasures(deps, soon);
    expect(await getErasure(table, ada.user_uuid)).toBeUndefined();
    await eraseUser(
      pool(() => Promise.reject(new Error('asked without need'))),
      me,
    );
  });

  test('may reject the token: then the request is refused, and what is left stays noted', async () => {
    await expect(
      eraseUser(
        pool(async () => false),
        await caller(ada),
      ),
    ).rejects.toThrow('token_invalid');
    expect(await getErasure(table, ada.user_uuid)).toMatchObject({ has_pool_user: true });
  });

  test('is not asked for a user who is suspended: they are not erased', async () => {
    await setStanding(deps, ada.user_uuid, { suspended_at: f.clock.now() });
    await expect(
      eraseUser(
        pool(() => Promise.reject(new Error('asked'))),
        await caller(ada),
      ),
    ).rejects.toThrow('user_suspended');
    expect(await getErasure(table, ada.user_uuid)).toBeUndefined();
  });
});

describe('the doctor', () => {
  test('finds an erasure that was forgotten, as after a restore, and lets it be made again', async () => {
    const [first] = (await talk()) as [Message];
    await beginErasure(deps, ada.user_uuid);
    await f.remove(items.erasureKey(ada.user_uuid));
    expect(codesOf(await findings(f.context))).toEqual(['erasure_forgotten']);
    for (const diagnosis of await diagnoses(f.context)) await repair(f.context, diagnosis);
    expect(await findings(f.context)).toEqual([]);
    f.clock.move(2 * minute);
    expect(await finishErasures(deps, soon)).toMatchObject({ open: [] });
    expect((await getHead(table, first.message_group_uuid))?.gone).toEqual([ada.user_uuid]);
    expect(await everything()).not.toMatch(/marker/i);
  });

  test('does not overwrite an erasure that has begun meanwhile', async () => {
    await talk();
    await beginErasure(deps, ada.user_uuid);
    const noted = (await dump(table, items.erasures))[0] as items.Item;
    await f.remove(items.erasureKey(ada.user_uuid));
    const found = await diagnoses(f.context);
    await f.put({ ...noted, after: 'further' });
    for (const diagnosis of found) await repair(f.context, diagnosis);
    expect(await getErasure(table, ada.user_uuid)).toMatchObject({ after: 'further' });
  });

  test('deletes a row of a user who was erased', async () => {
    const [first] = (await talk()) as [Message];
    const row = (await dump(table, items.inbox(ada.user_uuid)))[0] as items.Item;
    await erase(ada);
    await table.client.send(new PutCommand({ TableName: table.name, Item: row }));
    expect(codesOf(await findings(f.context))).toEqual(['inbox_row_foreign']);
    for (const diagnosis of await diagnoses(f.context)) await repair(f.context, diagnosis);
    expect(await dump(table, items.inbox(ada.user_uuid))).toEqual([]);
    expect(await s.then.inbox(bob)).toMatchObject([{ message_group_uuid: first.message_group_uuid }]);
    expect(await findings(f.context)).toEqual([]);
  });

  test('says that a head calls a user gone who is not', async () => {
    const [first] = (await talk()) as [Message];
    await erase(ada);
    await f.put(
      [items.userItems({ ...ada, cognito_user_id: 'restored', email: 'ada@example.com' })].flat()[0] as items.Item,
    );
    const found = await findings(f.context);
    expect(codesOf(found)).toContain('head_gone_wrong');
    expect(found.find(({ code }) => code === 'head_gone_wrong')).toMatchObject({
      message_group_uuid: first.message_group_uuid,
      repairable: false,
    });
  });
});
