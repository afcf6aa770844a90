import { createHash } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test, vi } from 'vitest';
import { parse } from '../../core/model/parse.ts';
import { registeredUserSchema } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { headKey } from '../../core/table/items.ts';
import { seedConversationUuid, seedItems } from '../../seeds/index.ts';
import { seedUsers } from '../../seeds/users.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { unlimited } from '../support/limits.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { seedsOf2024 } from '../support/seeds.ts';
import { dump, load, newTable } from '../support/table.ts';

// The layout is fixed (docs/architecture.md), because other code relies on it. So this test spells out each attribute.

let table: Table;
let clock: ReturnType<typeof clockAt>;
let s: Scenario;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  clock = clockAt('2023-03-24T09:45:01.561513+00:00');
  s = scenario(table, { now: clock.now });
});

test('a first message with a key is stored as exactly these items', async () => {
  const ada = await s.given.user('ada');
  const bob = await s.given.user('bob');
  const userItems = await dump(table);
  const sent = await s.when.sends(ada, bob, 'Hi\nBob', 'key-1');
  const conversation = sent.message_group_uuid;
  const at = '2023-03-24T09:45:01.561513+00:00';
  const [smaller, larger] = [ada.user_uuid, bob.user_uuid].sort();
  const row = { sk: at, message_group_uuid: conversation, message: 'Hi\nBob', last_message_at: at };
  const written = (await dump(table)).filter((item) => !userItems.some(({ pk }) => pk === item.pk));
  expect(new Map(written.map((item) => [String(item.pk), item]))).toEqual(
    new Map<string, unknown>([
      [
        `MSG#${conversation}`,
        {
          pk: `MSG#${conversation}`,
          sk: at,
          message_group_uuid: conversation,
          message_uuid: sent.message_uuid,
          message: 'Hi\nBob',
          user_uuid: ada.user_uuid,
          user_display_name: 'Display of ada',
          user_handle: 'ada',
          seq: 1,
          sender_seq: 1,
          idempotency_key_hash: createHash('sha256').update('key-1').digest('hex'),
        },
      ],
      [
        `GRP#${ada.user_uuid}`,
        {
          pk: `GRP#${ada.user_uuid}`,
          ...row,
          user_uuid: bob.user_uuid,
          user_display_name: 'Display of bob',
          user_handle: 'bob',
          unread_count: 0,
          rows_rev: 1,
        },
      ],
      [
        `GRP#${bob.user_uuid}`,
        {
          pk: `GRP#${bob.user_uuid}`,
          ...row,
          user_uuid: ada.user_uuid,
          user_display_name: 'Display of ada',
          user_handle: 'ada',
          unread_count: 1,
          rows_rev: 1,
        },
      ],
      [
        `HEAD#${conversation}`,
        {
          pk: `HEAD#${conversation}`,
          sk: 'HEAD',
          message_group_uuid: conversation,
          participants: [ada, bob],
          last_message_at: at,
          sent: { [ada.user_uuid]: 1, [bob.user_uuid]: 0 },
          read: { [ada.user_uuid]: 0, [bob.user_uuid]: 0 },
          inbox_at: at,
          shown_at: at,
          rows_rev: 1,
          tat0: Date.parse(`${at.slice(0, 23)}Z`) + unlimited.messages.interval_ms,
        },
      ],
      [`PAIR#${smaller}#${larger}`, { pk: `PAIR#${smaller}#${larger}`, sk: 'PAIR', message_group_uuid: conversation }],
      [
        `SENT#${ada.user_uuid}`,
        {
          pk: `SENT#${ada.user_uuid}`,
          sk: 'key-1',
          body_hash: expect.stringMatching(/^[\w-]{43}$/),
          message_group_uuid: conversation,
          created_at: at,
          expires_at: Math.floor(Date.parse('2023-03-24T09:45:01Z') / 1000) + 30 * 24 * 3600,
        },
      ],
    ]),
  );
});

test('a user is stored as three items, and one for each word that leads to them', async () => {
  const cy = await s.given.user('cy');
  const items = await dump(table);
  const [user] = items.filter(({ pk }) => pk === `USR#${cy.user_uuid}`);
  expect(user).toEqual({
    pk: `USR#${cy.user_uuid}`,
    sk: 'USR',
    user_uuid: cy.user_uuid,
    handle: 'cy',
    display_name: 'Display of cy',
    cognito_user_id: expect.any(String),
    email: 'cy@example.com',
  });
  expect(items).toContainEqual({ pk: 'HANDLE#c', sk: 'cy', user_uuid: cy.user_uuid, display_name: 'Display of cy' });
  const identity = `COGNITO#${user?.cognito_user_id}`;
  expect(items).toContainEqual({ pk: identity, sk: 'COGNITO', user_uuid: cy.user_uuid });
  for (const [pk, word] of [
    ['NAME#cy', 'cy'],
    ['NAME#di', 'display'],
    ['NAME#of', 'of'],
  ])
    expect(items).toContainEqual({ pk, sk: `${word}#${cy.user_uuid}`, user_uuid: cy.user_uuid });
});

test('a report is stored as exactly these items', async () => {
  const [dan, eve] = [await s.given.user('dan'), await s.given.user('eve')];
  const sent = await s.when.sends(dan, eve, 'Hi\nEve');
  const { message_group_uuid, created_at, message_uuid } = sent;
  const uuid = await s.when.reports(eve, message_group_uuid, { created_at, reason: 'violence', note: 'Look.' });
  const sk = clock.now();
  const entry = {
    report_uuid: uuid,
    user_uuid: dan.user_uuid,
    reporter_uuid: eve.user_uuid,
    reason: 'violence',
    expires_at: Date.parse('2023-09-20T09:45:01Z') / 1000,
  };
  const evidence = [{ message_uuid, created_at, seq: 1, message: 'Hi\nEve', user_uuid: dan.user_uuid }];
  expect(await dump(table, `REPORT#${dan.user_uuid}`)).toEqual([
    {
      ...{ pk: `REPORT#${dan.user_uuid}`, sk, ...entry, message_group_uuid },
      ...{ message_created_at: created_at, note: 'Look.', evidence },
    },
  ]);
  expect(await dump(table, 'REPORTS#OPEN')).toEqual([{ pk: 'REPORTS#OPEN', sk, ...entry }]);
  const [user] = await dump(table, `USR#${eve.user_uuid}`);
  expect(user?.reports_until).toBe(Date.parse('2023-03-24T09:45:01.561Z') + 1); // the test's limit
});

test('the seeds are the items that the core would write', async () => {
  const seeded = await newTable(dynamodbEndpoint);
  await load(seeded, seedItems());
  const replayed = await newTable(dynamodbEndpoint);
  const seeds = await dump(seeded);
  await load(
    replayed,
    seeds.filter(({ pk }) => /^(USR|HANDLE|COGNITO|NAME)#/.test(String(pk))),
  );

  // Sends and reads the same messages through the verbs.
  const texts = seeds.filter(({ pk }) => String(pk).startsWith('MSG#'));
  const users = seedUsers.map((user) => parse(registeredUserSchema, user));
  const ids = [seedConversationUuid, ...texts.map(({ message_uuid }) => message_uuid as typeof seedConversationUuid)];
  const replay = scenario(replayed, { now: clock.now, newId: () => ids.shift() as typeof seedConversationUuid });
  const sent = [];
  for (const { sk, user_handle, message } of texts) {
    clock.set(String(sk));
    const [from, to] = ['grahams', 'reef'].map((handle) => users.find((user) => user.handle === handle));
    const [me, other] = user_handle === 'grahams' ? [from, to] : [to, from];
    if (!me || !other) throw new Error('the seeds lack a user');
    const { user_uuid, handle, display_name } = me;
    sent.push(await replay.when.sends({ user_uuid, handle, display_name }, other, String(message)));
  }
  const last = sent.at(-1);
  const readByGrahams = sent.at(-3);
  const [grahams, reef] = users;
  if (!last || !readByGrahams || !grahams || !reef) throw new Error('the seeds are too short');
  await replay.when.projected(seedConversationUuid);
  await replay.when.reads(grahams, readByGrahams);
  await replay.when.reads(reef, last);

  // The number of writes of the rows, and what the senders have used of their limits
  const counted = ['rows_rev', 'tat0', 'tat1', 'conversations_until'];
  const content = (items: Record<string, unknown>[]) =>
    items.map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => !counted.includes(name))));
  expect(content(await dump(replayed))).toEqual(content(seeds));
  expect(
    (await replayed.client.send(new GetCommand({ TableName: replayed.name, Key: headKey(seedConversationUuid) }))).Item,
  ).toMatchObject({ rows_rev: 4 });
});

test('the seeds do not depend on the time zone', () => {
  const seeds = seedsOf2024();
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu']) {
    vi.stubEnv('TZ', zone);
    expect(new Date(0).getTimezoneOffset()).not.toBe(0);
    expect(seedsOf2024()).toEqual(seeds);
  }
  vi.unstubAllEnvs();
});

test('the seeds have at least 45 messages, one per minute, and end some minutes before they are loaded', () => {
  const before = Date.now();
  const times = seedItems()
    .filter(({ pk }) => String(pk).startsWith('MSG#'))
    .map(({ sk }) => Date.parse(`${String(sk).slice(0, 23)}Z`));
  expect(times.length).toBeGreaterThanOrEqual(45);
  for (const [index, time] of times.entries()) {
    if (index > 0) expect(time - (times[index - 1] ?? 0)).toBe(60_000);
  }
  const newest = times.at(-1) ?? 0;
  expect(newest).toBeGreaterThan(before - 10 * 60_000);
  expect(newest).toBeLessThan(before - 60_000); // a clock may be ahead of the others
});

test('the seeds keep their ids, whenever they are loaded', () => {
  const ids = (items: Record<string, unknown>[]) =>
    items.map(({ message_uuid, message_group_uuid, user_uuid }) => [message_uuid, message_group_uuid, user_uuid]);
  expect(ids(seedItems())).toEqual(ids(seedsOf2024()));
});
