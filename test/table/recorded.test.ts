import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { examine, repair } from '../../admin/doctor/examine.ts';
import { findUsers } from '../../core/find-users.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { type Item, userOf } from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, newTable } from '../support/table.ts';

// A table as the last version left it: a conversation that is partly read, one with a key, two at one microsecond, and a message that
// its projector had not shown yet. What a new version adds to items may be absent, so all of it works on.
const recorded: Item[] = JSON.parse(readFileSync(resolve(import.meta.dirname, 'recorded/version-0.2.json'), 'utf8'));

let table: Table;
let s: Scenario;
const clock = clockAt('2026-11-27T12:01:00.000000+00:00');
const user = (handle: string): User =>
  userOf(recorded.find(({ pk, ...item }) => /^USR#/.test(String(pk)) && item.handle === handle) ?? {});
const conversations = [...new Set(recorded.flatMap(({ pk }) => /^HEAD#(.*)/.exec(String(pk))?.[1] ?? []))] as Uuid[];
const [ada, bob, cy, dan] = ['ada', 'bob', 'cy', 'dan'].map(user) as [User, User, User, User];

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table, { now: clock.now });
  await load(table, recorded);
});

async function findings(): Promise<string[]> {
  const found: string[] = [];
  for await (const { findings } of examine({ ...s.deps, grace: 0 })) found.push(...findings.map(({ code }) => code));
  return found;
}
const project = async () => {
  for (const conversation of conversations) await s.when.projected(conversation);
};
const inbox = async (me: User) =>
  (await s.then.inbox(me)).map(({ other, message, unread_count }) => [other.handle, message, unread_count]);

test('a table of the last version works on: what it holds is shown, and every verb goes on from there', async () => {
  await project();
  expect(new Set(await findings())).toEqual(new Set(['search_differs']));
  expect(await inbox(ada)).toEqual([
    ['cy', 'not projected yet', 2],
    ['dan', 'hello of dan', 1],
    ['bob', 'line 5', 1],
  ]);
  const [toAda] = await s.then.inbox(bob);
  const conversation = toAda?.message_group_uuid as Uuid;
  const messages = await s.then.conversation(ada, conversation);
  expect(messages.map(({ message }) => message)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
  expect(await s.when.sends(ada, bob, 'line 3', 'key-3')).toEqual(messages[2]);

  clock.move(1_000_000);
  const next = await s.when.sends(bob, ada, 'line 6');
  expect(next.seq).toBe(6);
  await s.when.reads(ada, messages[4] as Message);
  await s.when.marksUnread(ada, conversation);
  await s.when.mutes(bob, conversation);
  for (const { message_group_uuid, other } of await s.then.inbox(ada))
    if (other.handle === 'dan')
      await s.when.clears(ada, (await s.then.conversation(ada, message_group_uuid))[0] as Message);
  await project();
  expect(await inbox(ada)).toEqual([
    ['bob', 'line 6', 1],
    ['cy', 'not projected yet', 2],
  ]);
  expect(await inbox(dan)).toEqual([['ada', 'hello of dan', 0]]);
  expect(await inbox(cy)).toEqual([['ada', 'not projected yet', 0]]);
  expect((await findUsers(s.deps, ada, { prefix: 'bo' })).rows.map(({ handle }) => handle)).toEqual(['bob']);
  // Users of the last version are found by their handle. A repair lets others find them by their name.
  expect(new Set(await findings())).toEqual(new Set(['search_differs']));
  const context = { ...s.deps, grace: 0 };
  for await (const diagnosis of examine(context)) expect(await repair(context, diagnosis)).toEqual([]);
  expect(await findings()).toEqual([]);
  const heads = await dump(table, 'HEAD#');
  expect(heads).toHaveLength(3);
});
