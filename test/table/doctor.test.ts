import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FindingCode, repair } from '../../admin/doctor/examine.ts';
import { resolveReport } from '../../admin/reports.ts';
import { hashOf } from '../../core/create-ticket.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { Evidence, Report } from '../../core/model/report.ts';
import { fromMicros, justAfter, type Timestamp, toMicros } from '../../core/model/time.ts';
import * as items from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import {
  codesOf,
  createSampleConversations,
  diagnoses,
  findings,
  newDoctorFixture,
  type SampleConversations,
  start,
} from '../support/doctor-fixture.ts';
import type { Scenario } from '../support/scenario.ts';
import { dump, empty, load, newTable } from '../support/table.ts';
import { withoutRows } from '../support/without-rows.ts';

const table = await newTable(dynamodbEndpoint);
let fixture: Awaited<ReturnType<typeof newDoctorFixture>>;
let sampleConversations: () => Promise<SampleConversations>;
let s: Scenario;

beforeEach(async () => {
  fixture = await newDoctorFixture(table);
  sampleConversations = () => createSampleConversations(fixture);
  s = fixture.scenario;
});

const plus = (time: Timestamp, micros: number) => fromMicros(toMicros(time) + micros);

test('an undamaged table causes no findings', async () => {
  expect(await findings(fixture.context)).toEqual([]);
  await sampleConversations();
  expect(await findings(fixture.context)).toEqual([]);
});

test('rows that got a later sort key because theirs was taken cause no findings', async () => {
  const { ada } = await sampleConversations();
  const others = await Promise.all(Array.from({ length: 5 }, () => s.given.user()));
  for (const other of others) {
    await s.when.projected((await s.when.sends(other, ada, 'at once')).message_group_uuid);
  }
  expect(await findings(fixture.context)).toEqual([]);
});

test('names of an earlier time in rows and heads cause no findings, nor does a head without names', async () => {
  const { adasRow, head, ada, bob } = await sampleConversations();
  await fixture.change(adasRow, { user_display_name: 'Bobby' });
  await fixture.change(head, { participants: [ada, { ...bob, display_name: 'Bobby' }] });
  expect(await findings(fixture.context)).toEqual([]);
  await fixture.change(head, { participants: [ada, bob].map(({ user_uuid }) => ({ user_uuid })) });
  expect(await findings(fixture.context)).toEqual([]);
});

/** Ada reports bob. */
async function aReport({ ada, bob, conversation, newest }: SampleConversations): Promise<Report> {
  await s.when.reports(ada, conversation, { created_at: newest.created_at });
  const newestReport = (await dump(table, items.reports(bob.user_uuid))).at(-1);
  return items.reportOf(newestReport as items.Item);
}

test('tickets and connections cause no findings, nor do those that are long over, or of nobody', async () => {
  const { ada } = await sampleConversations();
  const longAgo = Date.parse('2023-01-01') / 1000;
  for (const user_uuid of [ada.user_uuid, randomUUID() as string as Uuid]) {
    const grant = { user_uuid, signed_in_at: fromMicros(0), connected_until: longAgo };
    const connection = { connection_id: 'L0SM9cOFvHcCIhw=', created_at: fromMicros(0), expires_at: longAgo };
    await load(table, [
      items.ticketItem(hashOf(user_uuid), { ...grant, expires_at: longAgo }),
      items.connectionItem(user_uuid, connection),
    ]);
  }
  expect(await findings(fixture.context)).toEqual([]);
});

test('a report causes no finding, open, resolved or expired yesterday', async () => {
  const sample = await sampleConversations();
  const report = await aReport(sample);
  expect(await findings(fixture.context)).toEqual([]);
  expect(await resolveReport(s.deps, report, 'talked to bob')).toBe(true);
  expect(await resolveReport(s.deps, report, 'again')).toBe(false);
  expect(await findings(fixture.context)).toEqual([]);
  const open = await aReport(sample);
  for (const key of [items.reportKey(open), items.reportKey(report)])
    await fixture.change(key, { expires_at: Date.parse('2023-03-23') / 1000 });
  await fixture.remove(items.openReportKey(open)); // DynamoDB deletes the two at different times
  expect(await findings(fixture.context)).toEqual([]);
});

type Damage = [
  name: string,
  damage: (sample: SampleConversations) => Promise<unknown>,
  found: FindingCode[],
  remain?: FindingCode[],
];
const damages: Damage[] = [
  ['a missing row', ({ adasRow }) => fixture.remove(adasRow), ['inbox_row_missing']],
  [
    'a duplicate row',
    async ({ adasRow }) => fixture.put({ ...(await fixture.get(adasRow)), sk: start }),
    ['inbox_row_doubled'],
  ],
  [
    'a row at a wrong place',
    async ({ adasRow, newest }) => {
      await fixture.put({ ...(await fixture.get(adasRow)), sk: plus(newest.created_at, 7) });
      await fixture.remove(adasRow);
    },
    ['inbox_row_misplaced'],
  ],
  ['a row with an old text', ({ bobsRow }) => fixture.change(bobsRow, { message: 'a2' }), ['inbox_row_stale']],
  [
    'a row with the time of an old message',
    ({ bobsRow, messages }) => fixture.change(bobsRow, { last_message_at: messages[3]?.created_at }),
    ['inbox_row_stale'],
  ],
  [
    'a message that was never projected',
    async ({ ada, conversation }) => {
      await s.when.sendsIn(ada, conversation, 'a3');
    },
    ['inbox_row_stale', 'inbox_row_stale'],
  ],
  [
    'a new conversation of version 0.2.0 that was never projected',
    async ({ dan, ada }) => {
      await s.when.sends(dan, ada, 'd1');
      await withoutRows(fixture.table, dan.user_uuid);
    },
    ['inbox_row_missing', 'inbox_row_missing'],
  ],
  [
    'a row in the inbox of a stranger',
    async ({ adasRow, dan }) => fixture.put({ ...(await fixture.get(adasRow)), pk: items.inbox(dan.user_uuid) }),
    ['inbox_row_foreign'],
  ],
  [
    'a row that names no conversation',
    async ({ adasRow, dan }) =>
      fixture.put({ ...(await fixture.get(adasRow)), sk: start, message_group_uuid: dan.user_uuid }),
    ['inbox_row_foreign'],
  ],
  [
    'a row of another conversation at the place of this one’s row',
    ({ bobsRow, fromCy }) => fixture.change(bobsRow, { message_group_uuid: fromCy.message_group_uuid }),
    ['inbox_row_foreign', 'inbox_row_missing'],
  ],
  [
    'a row that names its owner as the other participant',
    ({ adasRow, ada }) => fixture.change(adasRow, { user_uuid: ada.user_uuid }),
    ['inbox_row_foreign'],
  ],
  [
    'the row of a cleared conversation in the inbox',
    async ({ ada, adasRow, newest }) => {
      await s.when.clears(ada, newest);
      const hidden = items.inboxRowKey(ada.user_uuid, newest.created_at, true);
      await fixture.put({ ...(await fixture.get(hidden)), ...adasRow });
      await fixture.remove(hidden);
    },
    ['inbox_row_misplaced'],
  ],
  [
    'a hidden row with an old text',
    async ({ ada, newest }) => {
      await s.when.clears(ada, newest);
      await fixture.change(items.inboxRowKey(ada.user_uuid, newest.created_at, true), { message: 'old' });
    },
    ['inbox_row_stale'],
  ],
  [
    'a hidden row of a conversation that its owner has not cleared',
    async ({ ada, adasRow, newest }) => {
      await fixture.put({
        ...(await fixture.get(adasRow)),
        ...items.inboxRowKey(ada.user_uuid, newest.created_at, true),
      });
      await fixture.remove(adasRow);
    },
    ['inbox_row_misplaced'],
  ],
  [
    'a row that is muted although its conversation is not',
    ({ adasRow }) => fixture.change(adasRow, { muted: true }),
    ['inbox_row_stale'],
  ],
  [
    'a version that the rows do not show',
    ({ head }) => fixture.change(head, { version: 2, shown_version: 1 }),
    ['head_time_wrong'],
  ],
  ['an unread count that is too high', ({ adasRow }) => fixture.change(adasRow, { unread_count: 7 }), ['unread_wrong']],
  [
    'a new display name in the user item alone',
    ({ bob }) => fixture.change(items.userKey(bob.user_uuid), { display_name: 'Robert' }),
    ['handle_differs', 'search_differs', 'search_without_user', 'search_without_user'],
  ],
  [
    'a missing message',
    ({ conversation, messages }) => fixture.remove(items.messageKey(conversation, (messages[1] as Message).created_at)),
    ['receipt_points_nowhere', 'sender_seq_gap', 'seq_gap'],
    ['sender_seq_gap', 'seq_gap'],
  ],
  [
    'two messages with one seq',
    ({ conversation, messages }) =>
      fixture.change(items.messageKey(conversation, (messages[2] as Message).created_at), { seq: 2 }),
    ['seq_double', 'seq_gap'],
    ['seq_double', 'seq_gap'],
  ],
  [
    'two messages with one sender_seq',
    ({ conversation, messages }) =>
      fixture.change(items.messageKey(conversation, (messages[4] as Message).created_at), { sender_seq: 2 }),
    ['sender_seq_double'],
    ['sender_seq_double'],
  ],
  [
    'a message from a stranger',
    async ({ conversation, messages, dan }) =>
      fixture.put({
        ...(await fixture.get(items.messageKey(conversation, (messages[4] as Message).created_at))),
        sk: justAfter((messages[3] as Message).created_at),
        user_uuid: dan.user_uuid,
      }),
    ['message_foreign', 'sender_seq_gap', 'seq_double'],
    ['message_foreign', 'sender_seq_gap', 'seq_double'],
  ],
  ['a missing head', ({ head }) => fixture.remove(head), ['message_without_head']],
  [
    'a missing head when only one participant has sent messages',
    ({ fromCy }) => fixture.remove(items.headKey(fromCy.message_group_uuid)),
    ['message_without_head'],
  ],
  [
    'a malformed head',
    ({ head }) => fixture.change(head, { participants: 'invalid' }),
    ['head_invalid'],
    ['head_invalid'],
  ],
  [
    'a head that counts messages that were never sent',
    ({ head, ada, bob }) => fixture.change(head, { sent: { [ada.user_uuid]: 3, [bob.user_uuid]: 3 } }),
    ['head_counter_wrong'],
  ],
  [
    'a head that counts more messages as read than were sent',
    ({ head, ada, bob }) => fixture.change(head, { read: { [ada.user_uuid]: 1, [bob.user_uuid]: 9 } }),
    ['head_counter_wrong', 'unread_wrong'],
  ],
  [
    'a head with an old last_message_at',
    ({ head, messages }) => fixture.change(head, { last_message_at: (messages[3] as Message).created_at }),
    ['head_time_wrong'],
  ],
  [
    'a head with an old inbox_at',
    ({ head, messages }) => fixture.change(head, { inbox_at: (messages[0] as Message).created_at }),
    ['head_time_wrong'],
  ],
  [
    'a head with an old shown_at',
    ({ head, messages }) => fixture.change(head, { shown_at: (messages[0] as Message).created_at }),
    ['head_time_wrong'],
  ],
  ['a missing pair', ({ pair }) => fixture.remove(pair), ['head_without_pair']],
  [
    'a pair that names no conversation',
    ({ pair, dan }) => fixture.change(pair, { message_group_uuid: dan.user_uuid }),
    ['head_without_pair', 'pair_without_head'],
  ],
  [
    'a pair that names the conversation of other users',
    ({ pair, fromCy }) => fixture.change(pair, { message_group_uuid: fromCy.message_group_uuid }),
    ['head_without_pair', 'pair_foreign'],
  ],
  [
    'two conversations of one pair',
    async ({ pair, ada, bob }) => {
      await fixture.remove(pair);
      await s.when.projected((await s.when.sends(ada, bob, 'again')).message_group_uuid);
    },
    ['head_without_pair'],
    ['head_without_pair'],
  ],
  [
    'a pair of two users without a conversation',
    ({ dan, bob, ada }) =>
      fixture.put(items.pairItem(dan.user_uuid, bob.user_uuid, { message_group_uuid: ada.user_uuid })),
    ['pair_without_head'],
  ],
  [
    'a missing user',
    ({ cy }) => fixture.remove(items.userKey(cy.user_uuid)),
    [
      'handle_without_user',
      'identity_without_user',
      'participant_without_user',
      'search_without_user',
      'search_without_user',
      'search_without_user',
    ],
    ['handle_without_user', 'identity_without_user', 'participant_without_user'],
  ],
  ['a missing handle', ({ dan }) => fixture.remove(items.handleKey(dan.handle)), ['handle_differs']],
  [
    'a second handle of a user',
    ({ dan }) => fixture.put({ ...items.handleKey('old_dan' as never), user_uuid: dan.user_uuid, display_name: 'Dan' }),
    ['handle_without_user'],
  ],
  [
    'a handle of another user',
    ({ dan, cy }) => fixture.change(items.handleKey(dan.handle), { user_uuid: cy.user_uuid }),
    ['handle_differs', 'handle_without_user'],
  ],
  [
    'a user with another Cognito id',
    ({ dan }) => fixture.change(items.userKey(dan.user_uuid), { cognito_user_id: 'another' }),
    ['identity_differs', 'identity_without_user'],
  ],
  [
    'a receipt that names no message',
    ({ ada }) =>
      fixture.change(items.receiptKey(ada.user_uuid, 'key-a1'), { created_at: start.replace('2023', '2022') }),
    ['receipt_points_nowhere'],
  ],
  [
    'a receipt that expired long ago',
    ({ ada }) =>
      fixture.change(items.receiptKey(ada.user_uuid, 'key-a1'), { expires_at: Date.parse('2023-03-22') / 1000 }),
    ['receipt_expired'],
  ],
  [
    'an open report that the list does not have',
    async (sample) => fixture.remove(items.openReportKey(await aReport(sample))),
    ['report_not_listed'],
  ],
  [
    'an open report that the list has differently',
    async (sample) => fixture.change(items.openReportKey(await aReport(sample)), { reason: 'other' }),
    ['report_listed_wrongly', 'report_not_listed'],
  ],
  [
    'an entry of the list that leads to no report',
    async (sample) => fixture.remove(items.reportKey(await aReport(sample))),
    ['report_listed_wrongly'],
  ],
  [
    'an entry of the list whose report is resolved',
    async (sample) => fixture.change(items.reportKey(await aReport(sample)), { resolved_at: start }),
    ['report_listed_wrongly'],
  ],
  [
    'a report and its entry that expired long ago',
    async (sample) => {
      const report = await aReport(sample);
      for (const key of [items.reportKey(report), items.openReportKey(report)])
        await fixture.change(key, { expires_at: Date.parse('2023-03-22') / 1000 });
    },
    ['report_expired', 'report_expired'],
  ],
  [
    'a report without the message that it names',
    async (sample) => {
      const { evidence, ...report } = await aReport(sample);
      await fixture.change(items.reportKey(report), { evidence: evidence.slice(0, -1) });
    },
    ['item_invalid'],
    ['item_invalid'],
  ],
  [
    'reports with damaged evidence',
    async (sample) => {
      const { evidence, ...named } = await aReport(sample);
      const { message: _, ...withoutText } = evidence.at(-1) as Evidence;
      await fixture.change(items.reportKey(named), { evidence: [...evidence.slice(0, -1), withoutText] });
      await s.when.reports(sample.ada, sample.conversation);
      const whole = (await dump(table, items.reports(sample.bob.user_uuid))).at(-1);
      await fixture.change(items.reportKey(items.reportOf(whole as items.Item)), { evidence: [null] });
    },
    ['item_invalid', 'item_invalid'],
    ['item_invalid', 'item_invalid'],
  ],
  [
    'a report on another user than that of its key, for an unknown reason',
    async (sample) => {
      const report = await aReport(sample);
      const cys = await s.when.reports(sample.ada, sample.fromCy.message_group_uuid);
      const [other] = (await dump(table, items.reports(sample.cy.user_uuid))).map(items.reportOf);
      expect(other?.report_uuid).toBe(cys);
      await fixture.change(items.reportKey(report), { reason: 'dislike' });
      await fixture.change(items.reportKey(other as Report), { user_uuid: sample.dan.user_uuid });
    },
    ['item_invalid', 'item_invalid'],
    ['item_invalid', 'item_invalid'],
  ],
  ['an item of an unknown type', () => fixture.put({ pk: 'FOO#1', sk: 'x' }), ['item_invalid'], ['item_invalid']],
];

describe('the doctor finds, and where possible repairs,', () => {
  // In both orders, because no repair may depend on another one.
  test.each(damages)('%s', async (_, damage, found, remain = []) => {
    await damage(await sampleConversations());
    const first = await diagnoses(fixture.context);
    expect(codesOf(first.flatMap(({ findings }) => findings))).toEqual(found);
    const before = await dump(fixture.table);
    for (const order of [first, first.toReversed()]) {
      await empty(table);
      await fixture.put(...before);
      for (const diagnosis of order) await repair(fixture.context, diagnosis);
      expect(codesOf(await findings(fixture.context))).toEqual(remain);
    }
  });
});

test('a receipt that expired yesterday causes no finding: DynamoDB deletes it', async () => {
  const { ada } = await sampleConversations();
  await fixture.change(items.receiptKey(ada.user_uuid, 'key-a1'), { expires_at: Date.parse('2023-03-23') / 1000 });
  expect(await findings(fixture.context)).toEqual([]);
});

test('a repair writes what the service would have written', async () => {
  const { adasRow, bobsRow, head } = await sampleConversations();
  const before = await dump(fixture.table);
  await fixture.remove(adasRow);
  await fixture.change(bobsRow, { message: 'x', unread_count: 99 });
  await fixture.change(head, { last_message_at: start });
  for (const diagnosis of await diagnoses(fixture.context))
    expect(await repair(fixture.context, diagnosis)).toEqual([]);
  const withoutRevision = (all: items.Item[]) => all.map(({ rows_rev: _, ...item }) => item);
  expect(withoutRevision(await dump(fixture.table))).toEqual(withoutRevision(before));
});
