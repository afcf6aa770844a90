import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { type CheckContext, type Diagnosis, examine, type Finding } from '../../admin/doctor/examine.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { clockAt, scenario } from './scenario.ts';
import { dump, empty, load } from './table.ts';

export const start = '2023-03-24T09:45:01.000000+00:00' as Timestamp;

/** Empties a table for a test of the doctor. @returns what the test damages and examines it with */
export async function newDoctorFixture(table: Table) {
  await empty(table);
  const clock = clockAt(start);
  const s = scenario(table, { now: clock.now });
  const put = (...changed: items.Item[]) => load(table, changed);
  const get = async (key: items.Key): Promise<items.Item> => {
    const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
    if (!Item) throw new Error(`nothing at ${key.pk} ${key.sk}`);
    return Item;
  };
  return {
    table,
    clock,
    scenario: s,
    context: { ...s.deps, grace: 0 } as CheckContext,
    put,
    get,
    change: async (key: items.Key, attributes: items.Item) => put({ ...(await get(key)), ...attributes }),
    remove: (key: items.Key) => table.client.send(new DeleteCommand({ TableName: table.name, Key: key })),
    rowsOf: (user: User) => dump(table, items.inbox(user.user_uuid)),
  };
}

export async function diagnoses(context: CheckContext): Promise<Diagnosis[]> {
  const all: Diagnosis[] = [];
  for await (const diagnosis of examine(context)) all.push(diagnosis);
  return all;
}

export const findings = async (context: CheckContext): Promise<Finding[]> =>
  (await diagnoses(context)).flatMap(({ findings }) => findings);

export const codesOf = (found: Finding[]) => found.map(({ code }) => code).sort();

/** Ada has a conversation with bob and one with cy; dan has none. */
export async function createSampleConversations({ scenario: s, clock }: Awaited<ReturnType<typeof newDoctorFixture>>) {
  const [ada, bob, cy, dan] = (await Promise.all(Array.from({ length: 4 }, () => s.given.user()))) as [
    User,
    User,
    User,
    User,
  ];
  const messages: Message[] = [];
  for (const [from, to, text] of [
    [ada, bob, 'a1'],
    [bob, ada, 'b1'],
    [bob, ada, 'b2'],
    [ada, bob, 'a2'],
    [bob, ada, 'b3'],
  ] as const) {
    messages.push(await s.when.sends(from, to, text, `key-${text}`));
    clock.move(1_000);
  }
  const conversation = (messages[0] as Message).message_group_uuid;
  await s.when.projected(conversation);
  await s.when.reads(ada, messages[1] as Message);
  const fromCy = await s.when.sends(cy, ada, 'c1');
  clock.move(1_000);
  await s.when.projected(fromCy.message_group_uuid);
  const newest = messages.at(-1) as Message;
  return {
    ada,
    bob,
    cy,
    dan,
    messages,
    conversation,
    newest,
    fromCy,
    adasRow: items.inboxRowKey(ada.user_uuid, newest.created_at),
    bobsRow: items.inboxRowKey(bob.user_uuid, newest.created_at),
    head: items.headKey(conversation),
    pair: items.pairKey(ada.user_uuid, bob.user_uuid),
  };
}
export type SampleConversations = Awaited<ReturnType<typeof createSampleConversations>>;
