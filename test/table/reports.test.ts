import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resolveReport } from '../../admin/reports.ts';
import { setStanding } from '../../admin/users/standing.ts';
import { createReport } from '../../core/create-report.ts';
import { newMemory } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/model/limits.ts';
import type { Message } from '../../core/model/message.ts';
import type { Report } from '../../core/model/report.ts';
import { justAfter, type Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { messageKey, openReports, reportOf, reports, userKey } from '../../core/table/items.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { HiddenItems } from '../support/hidden-items.ts';
import { interceptedTable } from '../support/intercepted-table.ts';
import { unlimited } from '../support/limits.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, localConfig, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;
const clock = clockAt('2024-02-29T12:00:00.000000+00:00');

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table, { now: clock.now });
});
beforeEach(async () => {
  clock.move(1_000_000);
  [ada, bob] = [await s.given.user(), await s.given.user()];
});

const reportsOn = async ({ user_uuid }: User): Promise<Report[]> =>
  (await dump(table, reports(user_uuid))).map(reportOf);
const openOn = async ({ user_uuid }: User) =>
  (await dump(table, openReports)).filter((item) => item.user_uuid === user_uuid);
const texts = ({ evidence }: Report) => evidence.map(({ message }) => message);
/** A conversation in which both write in turn: bob the messages with an odd number. */
async function talk(length: number): Promise<Message[]> {
  const sent: Message[] = [];
  for (let n = 1; n <= length; n++) {
    clock.move(1);
    sent.push(await (n % 2 === 1 ? s.when.sends(bob, ada, `${n}`) : s.when.sends(ada, bob, `${n}`)));
  }
  return sent;
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);

describe('a report', () => {
  test('of a message keeps the 20 messages up to it, whatever their senders do then', async () => {
    const sent = await talk(25);
    const { message_group_uuid, created_at } = sent[22] as Message; // number 23, by bob
    await s.when.edits(bob, sent[20] as Message, '21, edited');
    const uuid = await s.when.reports(ada, message_group_uuid, { created_at, reason: 'harassment', note: 'Look.\n' });
    await s.when.deletes(bob, sent[22] as Message);
    const [report, ...more] = await reportsOn(bob);
    expect(more).toEqual([]);
    expect(report).toMatchObject({
      report_uuid: uuid,
      reported_at: clock.now(),
      user_uuid: bob.user_uuid,
      reporter_uuid: ada.user_uuid,
      message_group_uuid,
      message_created_at: created_at,
      reason: 'harassment',
      note: 'Look.\n',
    });
    expect(texts(report as Report)).toEqual([...numbers(4, 20), '21, edited', '22', '23']);
    expect(report?.evidence.at(-1)).toMatchObject({ user_uuid: bob.user_uuid, seq: 23, created_at });
    expect(report?.evidence.at(-3)).toMatchObject({ revision: 1, edited_at: clock.now() });
    expect(await openOn(bob)).toMatchObject([{ report_uuid: uuid, sk: report?.reported_at }]);
  });

  test('of a conversation keeps the newest 20 messages, for 180 days', async () => {
    const sent = await talk(21);
    await s.when.reports(ada, (sent[0] as Message).message_group_uuid);
    const [report] = (await reportsOn(bob)) as [Report];
    expect(texts(report)).toEqual(numbers(2, 21));
    expect(report).not.toHaveProperty('message_created_at');
    expect(report).not.toHaveProperty('note');
    expect(report.expires_at).toBe(Date.parse('2024-08-27T12:00:00Z') / 1000 + secondsSinceStart());
    expect(await openOn(bob)).toMatchObject([{ expires_at: report.expires_at }]);
  });

  test.each([1, 2])('keeps message %d, which single reads do not show yet', async (n) => {
    const sent = await talk(3);
    const late = scenario(openTable(table.name, localConfig(dynamodbEndpoint)), { now: clock.now });
    const { message_group_uuid, created_at } = sent[n] as Message;
    const hidden = new HiddenItems(late.deps.table).hide(messageKey(message_group_uuid, created_at), { reads: 2 });
    await late.when.reports(ada, message_group_uuid);
    expect(hidden.size).toBe(0);
    expect((await reportsOn(bob)).map(texts)).toEqual([['1', '2', '3']]);
  });

  test('is kept beside another one of the same microsecond', async () => {
    const cy = await s.given.user();
    const [first] = (await talk(1)) as [Message];
    const second = await s.when.sends(bob, cy, 'hello');
    const uuids = [
      await s.when.reports(ada, first.message_group_uuid),
      await s.when.reports(cy, second.message_group_uuid),
      await s.when.reports(bob, second.message_group_uuid), // on another user, but in the same list
    ];
    const [one, two] = (await reportsOn(bob)) as [Report, Report];
    expect([one.report_uuid, two.report_uuid, (await reportsOn(cy))[0]?.report_uuid]).toEqual(uuids);
    expect([one, two].map(({ reported_at }) => reported_at)).toEqual([clock.now(), justAfter(clock.now())]);
    expect((await reportsOn(cy))[0]?.reported_at).toBe(justAfter(justAfter(clock.now())));
    // A resolved one is in the list no more, and stays all the same.
    await resolveReport(s.deps, one, undefined);
    await s.when.reports(ada, first.message_group_uuid);
    expect(await reportsOn(bob)).toHaveLength(3);
  });

  test('whose answer is lost is stored once', async () => {
    const [first] = (await talk(1)) as [Message];
    let isFirst = true;
    const losing = interceptedTable(table, 'TransactWriteItemsCommand', async (go) => {
      const answer = await go();
      if (!isFirst) return answer;
      isFirst = false;
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    });
    const uuid = await scenario(losing, { now: clock.now }).when.reports(ada, first.message_group_uuid);
    expect((await reportsOn(bob)).map(({ report_uuid }) => report_uuid)).toEqual([uuid]);
  });

  test.each<[string, (sent: Message) => Promise<unknown>]>([
    ['that the reporter has cleared', (sent) => s.when.clears(ada, sent)],
    ['whose other user the reporter blocks', () => s.when.blocks(ada, bob)],
    ['whose other user blocks the reporter', () => s.when.blocks(bob, ada)],
    ['whose other user is suspended', () => setStanding(s.deps, bob.user_uuid, { suspended_at: clock.now() })],
    [
      'whose other user is lost',
      () => table.client.send(new DeleteCommand({ TableName: table.name, Key: userKey(bob.user_uuid) })),
    ],
  ])('can be of a conversation %s', async (_, happens) => {
    const [, sent] = (await talk(2)) as [Message, Message];
    await happens(sent);
    await s.when.reports(ada, sent.message_group_uuid);
    expect((await reportsOn(bob)).map(texts)).toEqual([['1', '2']]);
  });
});

describe('a report is refused', () => {
  const issues = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof DomainError)) throw error ?? new Error('not refused');
    expect(await reportsOn(bob)).toEqual([]);
    expect(await openOn(bob)).toEqual([]);
    return error.issues.map(({ code, field }) => `${code} ${field}`);
  };

  test('of a message of one’s own, one that there is not, and one that is cleared', async () => {
    const [first, second, third] = (await talk(3)) as [Message, Message, Message];
    const { message_group_uuid, created_at } = first;
    const reports = (me: User, time: Timestamp) => issues(s.when.reports(me, message_group_uuid, { created_at: time }));
    expect(await reports(bob, created_at)).toEqual(['report_self created_at']);
    expect(await reports(ada, justAfter(third.created_at))).toEqual(['message_unknown created_at']);
    await s.when.clears(ada, second);
    expect(await reports(ada, created_at)).toEqual(['message_unknown created_at']);
    clock.move(1_000);
    const other = await s.when.sends(bob, await s.given.user(), 'elsewhere');
    expect(await reports(ada, other.created_at)).toEqual(['message_unknown created_at']);
  });

  test('to those who do not take part, as if there were no such conversation', async () => {
    const [first] = (await talk(1)) as [Message];
    const { message_group_uuid, created_at } = first;
    const cy = await s.given.user();
    for (const more of [{}, { created_at }, { created_at: justAfter(created_at) }])
      expect(await issues(s.when.reports(cy, message_group_uuid, more))).toEqual([
        'message_group_unknown message_group_uuid',
      ]);
    expect(await issues(s.when.reports(ada, bob.user_uuid))).toEqual(['message_group_unknown message_group_uuid']);
  });

  test.each<[object, string[]]>([
    [{}, ['body_invalid reason']],
    [{ reason: 'dislike' }, ['body_invalid reason']],
    [{ reason: 'spam', note: 'x'.repeat(1025) }, ['note_exceed_max_chars note']],
    [{ reason: 'spam', note: '\ud83d' }, ['body_invalid note']],
    [{ reason: 'spam', note: 7 }, ['body_invalid note']],
    [{ reason: 'spam', created_at: 'yesterday' }, ['created_at_invalid created_at']],
    [{ reason: 'spam', message_group_uuid: 'x' }, ['message_group_uuid_invalid message_group_uuid']],
  ])('with the input %j', async (input, expected) => {
    const [{ message_group_uuid }] = (await talk(1)) as [Message];
    expect(await issues(createReport(s.deps, ada, { message_group_uuid, ...input }))).toEqual(expected);
  });

  test('to a user who is not there any more', async () => {
    const [{ message_group_uuid }] = (await talk(1)) as [Message];
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: userKey(ada.user_uuid) }));
    expect(await issues(s.when.reports(ada, message_group_uuid))).toEqual(['person_unknown undefined']);
  });
});

test('a note has 1024 code points at most, and a blank one is none', async () => {
  const [{ message_group_uuid }] = (await talk(1)) as [Message];
  await s.when.reports(ada, message_group_uuid, { note: '🐚'.repeat(1024) });
  clock.move(1);
  await s.when.reports(ada, message_group_uuid, { note: ' \u200b\n' });
  const [long, blank] = (await reportsOn(bob)) as [Report, Report];
  expect(long.note).toBe('🐚'.repeat(1024));
  expect(blank).not.toHaveProperty('note');
});

describe('the reports that a user makes', () => {
  const limited = () =>
    scenario(table, {
      now: clock.now,
      memory: newMemory(table.runtime),
      limits: { ...unlimited, reports: defaultLimits.reports },
    });
  const retryAfter = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof DomainError)) throw error ?? new Error('not refused');
    expect(error.message).toBe('too_many_reports');
    return error.retryAfter;
  };

  test('are ten, and then one in 2 h 24 min, whatever process stores them', async () => {
    const [{ message_group_uuid }] = (await talk(1)) as [Message];
    for (let n = 1; n <= 10; n++) await limited().when.reports(ada, message_group_uuid);
    expect(await retryAfter(limited().when.reports(ada, message_group_uuid))).toBe(8640);
    await limited().when.reports(bob, message_group_uuid); // the limit is each user's own
    clock.move(8_639_000_000);
    expect(await retryAfter(limited().when.reports(ada, message_group_uuid))).toBe(1);
    clock.move(1_000_000);
    await limited().when.reports(ada, message_group_uuid);
    expect(await reportsOn(bob)).toHaveLength(11);
  });

  test('are refused over the limit before any evidence is read', async () => {
    const [{ message_group_uuid }] = (await talk(1)) as [Message];
    for (let n = 1; n <= 10; n++) await limited().when.reports(ada, message_group_uuid);
    let queries = 0;
    const counted = interceptedTable(table, 'QueryCommand', (go) => {
      queries++;
      return go();
    });
    const reporting = (of: User) =>
      scenario(counted, {
        now: clock.now,
        limits: { ...unlimited, reports: defaultLimits.reports },
      }).when.reports(of, message_group_uuid);
    expect(await retryAfter(reporting(ada))).toBe(8640);
    expect(queries).toBe(0);
    await reporting(bob);
    expect(queries).toBeGreaterThan(0);
  });

  test('are never more than the limit, of 50 at once', async () => {
    const [{ message_group_uuid }] = (await talk(1)) as [Message];
    const p = limited();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => p.when.reports(ada, message_group_uuid)),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.message] : []));
    const stored = await reportsOn(bob);
    expect(stored.length + refused.length).toBe(50);
    expect(stored).toHaveLength(10);
    expect(new Set(refused)).toEqual(new Set(['too_many_reports']));
    expect(await openOn(bob)).toHaveLength(10);
  });

  test('stay counted when the user changes otherwise', async () => {
    const [{ message_group_uuid }] = (await talk(1)) as [Message];
    await s.when.sends(ada, await s.given.user(), 'a new conversation');
    const counters = async () => {
      const [user] = await dump(table, userKey(ada.user_uuid).pk);
      return { conversations: user?.conversations_until, reports: user?.reports_until };
    };
    const { conversations } = await counters();
    await limited().when.reports(ada, message_group_uuid);
    const counted = { conversations, reports: Math.floor(Date.parse(`${clock.now().slice(0, 23)}Z`)) + 8_640_000 };
    expect(await counters()).toEqual(counted);
    await updateProfile(s.deps, ada, { display_name: 'Ada North', read_receipts: false });
    expect(await counters()).toEqual(counted);
  });
});

/** Whole seconds that the clock has moved. */
const secondsSinceStart = () =>
  Math.floor((Date.parse(`${clock.now().slice(0, 23)}Z`) - Date.parse('2024-02-29T12:00:00Z')) / 1000);
