import { beforeEach, describe, expect, test } from 'vitest';
import { type FindingCode, repair } from '../../admin/doctor/examine.ts';
import type { Message } from '../../core/model/message.ts';
import { fromMicros, justAfter, type Timestamp, toMicros } from '../../core/model/time.ts';
import * as items from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { dump, empty, newTable } from '../support/table.ts';
import { codesOf, diagnoses, findings, newPractice, town as settled, start, type Town } from '../support/town.ts';
import type { World } from '../support/world.ts';

const table = await newTable(dynamodbEndpoint);
let p: Awaited<ReturnType<typeof newPractice>>;
let town: () => Promise<Town>;
let w: World;

beforeEach(async () => {
  p = await newPractice(table);
  town = () => settled(p);
  w = p.w;
});

const plus = (time: Timestamp, micros: number) => fromMicros(toMicros(time) + micros);

test('a table without a fault: nothing', async () => {
  expect(await findings(p.context)).toEqual([]);
  await town();
  expect(await findings(p.context)).toEqual([]);
});

test('rows that were pushed on from a taken place are no fault', async () => {
  const { ada } = await town();
  const others = await Promise.all(Array.from({ length: 5 }, () => w.given.user()));
  for (const other of others) {
    await w.when.projected((await w.when.sends(other, ada, 'at once')).message_group_uuid);
  }
  expect(await findings(p.context)).toEqual([]);
});

type Planted = [name: string, plant: (t: Town) => Promise<unknown>, found: FindingCode[], remain?: FindingCode[]];
const planted: Planted[] = [
  ['a row is gone', ({ adasRow }) => p.remove(adasRow), ['inbox_row_missing']],
  ['a row twice', async ({ adasRow }) => p.put({ ...(await p.get(adasRow)), sk: start }), ['inbox_row_doubled']],
  [
    'a row elsewhere',
    async ({ adasRow, newest }) => {
      await p.put({ ...(await p.get(adasRow)), sk: plus(newest.created_at, 7) });
      await p.remove(adasRow);
    },
    ['inbox_row_misplaced'],
  ],
  ['an old text', ({ bobsRow }) => p.change(bobsRow, { message: 'a2' }), ['inbox_row_stale']],
  [
    'the time of an old message',
    ({ bobsRow, said }) => p.change(bobsRow, { last_message_at: said[3]?.created_at }),
    ['inbox_row_stale'],
  ],
  [
    'never projected',
    async ({ ada, conversation }) => {
      await w.when.sendsIn(ada, conversation, 'a3');
    },
    ['inbox_row_stale', 'inbox_row_stale'],
  ],
  [
    'opened, never projected',
    async ({ dan, ada }) => {
      await w.when.sends(dan, ada, 'd1');
    },
    ['inbox_row_missing', 'inbox_row_missing'],
  ],
  [
    'a row in a stranger’s inbox',
    async ({ adasRow, dan }) => p.put({ ...(await p.get(adasRow)), pk: items.inbox(dan.user_uuid) }),
    ['inbox_row_foreign'],
  ],
  [
    'a row of no conversation',
    async ({ adasRow, dan }) => p.put({ ...(await p.get(adasRow)), sk: start, message_group_uuid: dan.user_uuid }),
    ['inbox_row_foreign'],
  ],
  [
    'a row that has become another conversation’s, at the place that its own cannot move on from',
    ({ bobsRow, elsewhere }) => p.change(bobsRow, { message_group_uuid: elsewhere.message_group_uuid }),
    ['inbox_row_foreign', 'inbox_row_missing'],
  ],
  [
    'a row that names oneself',
    ({ adasRow, ada }) => p.change(adasRow, { user_uuid: ada.user_uuid }),
    ['inbox_row_foreign'],
  ],
  ['too much unread', ({ adasRow }) => p.change(adasRow, { unread_count: 7 }), ['unread_wrong']],
  [
    'an old name in a row',
    ({ adasRow }) => p.change(adasRow, { user_display_name: 'Bobby' }),
    ['inbox_row_name_differs'],
  ],
  [
    'an old name in a head',
    async ({ head, ada, bob }) => p.change(head, { participants: [ada, { ...bob, display_name: 'Bobby' }] }),
    ['head_name_differs'],
  ],
  [
    'somebody has a new name',
    ({ bob }) => p.change(items.userKey(bob.user_uuid), { display_name: 'Robert' }),
    ['handle_differs', 'head_name_differs', 'inbox_row_name_differs'],
  ],
  [
    'a message is lost',
    ({ conversation, said }) => p.remove(items.messageKey(conversation, (said[1] as Message).created_at)),
    ['receipt_points_nowhere', 'sender_seq_gap', 'seq_gap'],
    ['sender_seq_gap', 'seq_gap'],
  ],
  [
    'a number twice',
    ({ conversation, said }) => p.change(items.messageKey(conversation, (said[2] as Message).created_at), { seq: 2 }),
    ['seq_double', 'seq_gap'],
    ['seq_double', 'seq_gap'],
  ],
  [
    'a sender’s number twice',
    ({ conversation, said }) =>
      p.change(items.messageKey(conversation, (said[4] as Message).created_at), { sender_seq: 2 }),
    ['sender_seq_double'],
    ['sender_seq_double'],
  ],
  [
    'a message of a stranger',
    async ({ conversation, said, dan }) =>
      p.put({
        ...(await p.get(items.messageKey(conversation, (said[4] as Message).created_at))),
        sk: justAfter((said[3] as Message).created_at),
        user_uuid: dan.user_uuid,
      }),
    ['message_foreign', 'sender_seq_gap', 'seq_double'],
    ['message_foreign', 'sender_seq_gap', 'seq_double'],
  ],
  ['a head is lost', ({ head }) => p.remove(head), ['message_without_head']],
  [
    'a head is lost, and only one has written',
    ({ elsewhere }) => p.remove(items.headKey(elsewhere.message_group_uuid)),
    ['message_without_head'],
  ],
  ['a head in shreds', ({ head }) => p.change(head, { participants: 'nobody' }), ['head_invalid'], ['head_invalid']],
  [
    'a head that counts what was never sent',
    ({ head, ada, bob }) => p.change(head, { sent: { [ada.user_uuid]: 3, [bob.user_uuid]: 3 } }),
    ['head_counter_wrong'],
  ],
  [
    'more read than was sent',
    ({ head, ada, bob }) => p.change(head, { read: { [ada.user_uuid]: 1, [bob.user_uuid]: 9 } }),
    ['head_counter_wrong', 'unread_wrong'],
  ],
  [
    'a head that takes an older message for the last',
    ({ head, said }) => p.change(head, { last_message_at: (said[3] as Message).created_at }),
    ['head_time_wrong'],
  ],
  [
    'a head that does not know where its rows are',
    ({ head, said }) => p.change(head, { inbox_at: (said[0] as Message).created_at }),
    ['head_time_wrong'],
  ],
  [
    'a head that does not know what its rows show',
    ({ head, said }) => p.change(head, { shown_at: (said[0] as Message).created_at }),
    ['head_time_wrong'],
  ],
  ['a pair is lost', ({ pair }) => p.remove(pair), ['head_without_pair']],
  [
    'a pair names nothing',
    ({ pair, dan }) => p.change(pair, { message_group_uuid: dan.user_uuid }),
    ['head_without_pair', 'pair_without_head'],
  ],
  [
    'a pair names a conversation of others',
    ({ pair, elsewhere }) => p.change(pair, { message_group_uuid: elsewhere.message_group_uuid }),
    ['head_without_pair', 'pair_foreign'],
  ],
  [
    'two conversations of one pair',
    async ({ pair, ada, bob }) => {
      await p.remove(pair);
      await w.when.projected((await w.when.sends(ada, bob, 'again')).message_group_uuid);
    },
    ['head_without_pair'],
    ['head_without_pair'],
  ],
  [
    'a pair of two who never wrote',
    ({ dan, bob, ada }) => p.put(items.pairItem(dan.user_uuid, bob.user_uuid, ada.user_uuid)),
    ['pair_without_head'],
  ],
  [
    'somebody is gone',
    ({ cy }) => p.remove(items.userKey(cy.user_uuid)),
    ['handle_without_user', 'identity_without_user', 'participant_without_user'],
    ['handle_without_user', 'identity_without_user', 'participant_without_user'],
  ],
  ['a handle is lost', ({ dan }) => p.remove(items.handleKey(dan.handle)), ['handle_differs']],
  [
    'a handle too many',
    ({ dan }) => p.put({ ...items.handleKey('old_dan' as never), user_uuid: dan.user_uuid, display_name: 'Dan' }),
    ['handle_without_user'],
  ],
  [
    'a handle is somebody else’s',
    ({ dan, cy }) => p.change(items.handleKey(dan.handle), { user_uuid: cy.user_uuid }),
    ['handle_differs', 'handle_without_user'],
  ],
  [
    'another identity',
    ({ dan }) => p.change(items.userKey(dan.user_uuid), { cognito_user_id: 'another' }),
    ['identity_differs', 'identity_without_user'],
  ],
  [
    'a receipt of nothing',
    ({ ada }) => p.change(items.receiptKey(ada.user_uuid, 'key-a1'), { created_at: start.replace('2023', '2022') }),
    ['receipt_points_nowhere'],
  ],
  [
    'a receipt long expired',
    ({ ada }) => p.change(items.receiptKey(ada.user_uuid, 'key-a1'), { expires_at: Date.parse('2023-03-22') / 1000 }),
    ['receipt_expired'],
  ],
  ['an item of no kind', () => p.put({ pk: 'FOO#1', sk: 'x' }), ['item_invalid'], ['item_invalid']],
];

describe('each kind of damage alone is found, repaired, and then there is nothing more', () => {
  // In either order: what one repair leaves behind, another must not trip over.
  test.each(planted)('%s', async (_, plant, found, remain = []) => {
    const there = await town();
    await plant(there);
    const first = await diagnoses(p.context);
    expect(codesOf(first.flatMap(({ findings }) => findings))).toEqual(found);
    const before = await dump(p.table);
    for (const order of [first, first.toReversed()]) {
      await empty(table);
      await p.put(...before);
      for (const diagnosis of order) await repair(p.context, diagnosis);
      expect(codesOf(await findings(p.context))).toEqual(remain);
    }
  });
});

test('a receipt that expired yesterday is DynamoDB’s to delete', async () => {
  const { ada } = await town();
  await p.change(items.receiptKey(ada.user_uuid, 'key-a1'), { expires_at: Date.parse('2023-03-23') / 1000 });
  expect(await findings(p.context)).toEqual([]);
});

test('a repair leaves what a service would have written', async () => {
  const { adasRow, bobsRow, head } = await town();
  const before = await dump(p.table);
  await p.remove(adasRow);
  await p.change(bobsRow, { message: 'x', unread_count: 99 });
  await p.change(head, { last_message_at: start });
  for (const diagnosis of await diagnoses(p.context)) expect(await repair(p.context, diagnosis)).toEqual([]);
  const withoutRevision = (all: items.Item[]) => all.map(({ rows_rev: _, ...item }) => item);
  expect(withoutRevision(await dump(p.table))).toEqual(withoutRevision(before));
});
