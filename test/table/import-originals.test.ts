import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { repair } from '../../admin/doctor/examine.ts';
import { type ImportOptions, type ImportOutcome, importOriginals } from '../../admin/import/import-originals.ts';
import type { Deps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import type { Item } from '../../core/table/items.ts';
import { jsonLines, lines, runInProcess } from '../support/command.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { diagnoses, findings } from '../support/doctor-fixture.ts';
import { injectFaults } from '../support/faults.ts';
import { type OriginalUser, originalMessage, originalRow, originalUser } from '../support/originals.ts';
import { scenario } from '../support/scenario.ts';
import { dump, empty, load, localConfig, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
const { given, when, then, deps } = scenario(table);
const context = { ...deps, grace: 0 };

let ada: User;
let bob: User;
/** The same two users in the original service: ada has the same id there, bob only the same handle. */
let ana: OriginalUser;
let ben: OriginalUser;
beforeEach(async () => {
  await empty(table);
  [ada, bob] = [await given.user(), await given.user()];
  ana = originalUser('renamed_since', ada.user_uuid);
  ben = originalUser(bob.handle);
});

/** The n-th minute, in the form of a place that is four hours behind UTC; `isoformat` writes no fraction of a whole second. */
const at = (n: number) =>
  `${fromMicros(toMicros('2023-03-24T05:00:00.000000+00:00' as Timestamp) + n * 60_000_000).slice(0, 19)}-04:00`;

/** A conversation as the original stored it: a message a minute, ben's and ana's in turn, and both rows. */
function conversation(count: number, uuid: string = randomUUID(), from = 0): Item[] {
  const messages = Array.from({ length: count }, (_, n) =>
    originalMessage(uuid, n % 2 ? ana : ben, at(from + n), `line ${from + n}`),
  );
  return [...messages, originalRow(uuid, ana, ben, at(from + count)), originalRow(uuid, ben, ana, at(from + count))];
}
const uuidOf = ([message]: Item[]) => String(message?.pk).slice(4);

async function* each(items: Item[]) {
  yield* items;
}

async function imports(
  items: Item[],
  { into = deps, ...options }: Partial<ImportOptions> & { into?: Deps } = {},
): Promise<ImportOutcome[]> {
  const outcomes: ImportOutcome[] = [];
  for await (const outcome of importOriginals(into, each(items), { timeZone: 'UTC', ...options }))
    outcomes.push(outcome);
  return outcomes;
}

/** Dependencies with which something else happens just before the n-th transaction. */
function whileWriting(nth: number, happens: () => Promise<unknown>): Deps {
  const interrupted = scenario(openTable(table.name, localConfig(dynamodbEndpoint))).deps;
  let transactions = 0;
  interrupted.table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'TransactWriteItemsCommand' && ++transactions === nth) await happens();
        return next(args);
      },
    { step: 'initialize' },
  );
  return interrupted;
}

const conversationOf = async (me: User) => {
  const [row] = await then.inbox(me);
  return row ? await then.conversation(me, row.message_group_uuid) : [];
};
const textsOf = async (me: User) => (await conversationOf(me)).map(({ message }) => message);
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, n) => `line ${from + n}`);

describe('a conversation of the original service', () => {
  test('is stored as if it had been sent here, read by both, and goes on', async () => {
    const items = conversation(5);
    expect(await imports(items)).toEqual([
      {
        result: 'imported',
        message_group_uuid: uuidOf(items),
        handles: expect.arrayContaining([ada.handle, bob.handle]),
        messages: 5,
        merged: [],
      },
    ]);
    expect(await conversationOf(bob)).toMatchObject(
      [0, 1, 2, 3, 4].map((n) => ({
        message_uuid: items[n]?.message_uuid,
        message: `line ${n}`,
        seq: n + 1,
        created_at: `2023-03-24T09:0${n}:00.000000+00:00`,
        sender: n % 2 ? ada : bob,
      })),
    );
    const row = { message_group_uuid: uuidOf(items), message: 'line 4', unread_count: 0 };
    expect(await then.inbox(ada)).toEqual([expect.objectContaining({ ...row, other: bob })]);
    expect(await then.inbox(bob)).toEqual([expect.objectContaining({ ...row, other: ada })]);
    expect(await findings(context)).toEqual([]);

    const sent = await when.sends(ada, bob, 'and now here');
    expect(sent).toMatchObject({ message_group_uuid: uuidOf(items), seq: 6 });
    await when.projected(sent.message_group_uuid, sent.created_at);
    expect(await then.inbox(bob)).toMatchObject([{ message: 'and now here', unread_count: 1 }]);
    await when.reads(bob, sent);
    expect(await then.inbox(bob)).toMatchObject([{ unread_count: 0 }]);
    expect(await findings(context)).toEqual([]);
  });

  test('does not change when the import is repeated, even after messages were sent', async () => {
    const items = conversation(120);
    await imports(items);
    const { message_group_uuid } = await when.sends(ada, bob, 'and now here');
    await when.projected(message_group_uuid);
    const before = await dump(table);
    expect(await imports(items.toReversed())).toMatchObject([{ result: 'unchanged', message_group_uuid }]);
    expect(await dump(table)).toEqual(before);
  });

  test('is one for each pair, with the conversation of the first message, or the one that the pair has', async () => {
    const [older, newer] = [conversation(3), conversation(3, randomUUID(), 10)];
    const mixed = [...newer, originalMessage(uuidOf(older), ana, '2023-03-24T11:11:30+02:00', 'between'), ...older];
    expect(await imports(mixed)).toMatchObject([
      { message_group_uuid: uuidOf(older), messages: 7, merged: [uuidOf(newer)] },
    ]);
    const texts = ['line 0', 'line 1', 'line 2', 'line 10', 'line 11', 'between', 'line 12'];
    expect(await textsOf(ada)).toEqual(texts);
    expect(await findings(context)).toEqual([]);

    const third = conversation(2, randomUUID(), 20);
    expect(await imports([...third, ...mixed])).toMatchObject([
      { message_group_uuid: uuidOf(older), messages: 2, merged: [uuidOf(newer), uuidOf(third)] },
    ]);
    expect(await textsOf(ada)).toEqual([...texts, 'line 20', 'line 21']);
    expect(await findings(context)).toEqual([]);
  });

  test('keeps messages of the same time, and one of those with the same id', async () => {
    const [message, other] = [conversation(1)[0], conversation(1)[0]] as [Item, Item];
    const same = [message, { ...other, pk: message.pk }, { ...message, sk: '2023-03-24T09:00:00Z' }];
    const items = [...same, originalRow(uuidOf([message]), ana, ben, at(0))];
    expect(await imports(items)).toMatchObject([{ messages: 2 }]);
    expect((await conversationOf(ada)).map(({ created_at }) => created_at)).toEqual([
      '2023-03-24T09:00:00.000000+00:00',
      '2023-03-24T09:00:00.000001+00:00',
    ]);
    const before = await dump(table);
    expect(await imports(items)).toMatchObject([{ result: 'unchanged' }]);
    expect(await dump(table)).toEqual(before);
  });

  test('has times in the given time zone, where they name none', async () => {
    const uuid = randomUUID();
    const items = [originalMessage(uuid, ana, '2023-03-24T05:00:00', 'a'), originalRow(uuid, ana, ben, at(0))];
    await imports(items, { timeZone: 'America/Toronto' });
    expect(await conversationOf(ada)).toMatchObject([{ created_at: '2023-03-24T09:00:00.000000+00:00' }]);
  });

  test('finds its users by their Cognito ids, too', async () => {
    const [item] = await dump(table, `USR#${bob.user_uuid}`);
    ben = originalUser('renamed_too', String(item?.cognito_user_id));
    expect(await imports(conversation(2))).toMatchObject([{ result: 'imported' }]);
    expect(await textsOf(bob)).toEqual(['line 0', 'line 1']);
  });

  test('that was interrupted is continued', async () => {
    const items = conversation(190);
    const shaky = scenario(openTable(table.name, localConfig(dynamodbEndpoint)), { retryBudget: 50 }).deps;
    injectFaults(shaky.table, [undefined, undefined, ...Array(1_000).fill('conflict')]);
    expect(await imports(items, { into: shaky })).toMatchObject([{ result: 'left_out', reason: 'busy', messages: 2 }]);
    expect(await textsOf(ada)).toEqual(numbered(0, 188));
    expect(await findings(context)).toEqual([]);
    expect(await imports(items)).toMatchObject([{ result: 'imported', messages: 2 }]);
    expect(await textsOf(ada)).toEqual(numbered(0, 190));
    expect(await then.inbox(bob)).toMatchObject([{ unread_count: 0 }]);
    expect(await findings(context)).toEqual([]);
  });

  test('that has grown gets its newer messages, and the unread counts stay', async () => {
    const items = conversation(3);
    await imports(items);
    const past = scenario(table, { now: () => '2023-03-24T09:30:00.000000+00:00' as Timestamp });
    const { message_group_uuid } = await past.when.sends(ada, bob, 'not read');
    await when.projected(message_group_uuid);
    const more = conversation(2, uuidOf(items), 40);
    expect(await imports([...items, ...more])).toMatchObject([{ result: 'imported', messages: 2 }]);
    expect(await textsOf(ada)).toEqual([...numbered(0, 3), 'not read', 'line 40', 'line 41']);
    expect(await then.inbox(bob)).toMatchObject([{ message: 'line 41', unread_count: 1 }]);
    expect(await findings(context)).toEqual([]);
  });
});

describe('left out, with everything else imported, is', () => {
  test('a conversation that has newer messages of ours: a stored message is never renumbered', async () => {
    const sent = await when.sends(ada, bob, 'here already');
    const cy = originalUser((await given.user()).handle);
    const others = [originalMessage(randomUUID(), cy, at(0), 'fine')];
    others.push(originalRow(uuidOf(others), cy, ana, at(0)));
    const items = conversation(4);
    expect(await imports([...items, ...others])).toMatchObject([
      { result: 'left_out', message_group_uuids: [uuidOf(items)], reason: 'newer_messages', messages: 4 },
      { result: 'imported', message_group_uuid: uuidOf(others) },
    ]);
    expect(await then.conversation(ada, sent.message_group_uuid)).toEqual([sent]);
    expect(await findings(context)).toEqual([]);
  });

  test('a conversation of a user who is unknown here, until they are added', async () => {
    ben = originalUser('ben');
    const items = conversation(2);
    expect(await imports(items)).toEqual([
      { result: 'left_out', message_group_uuids: [uuidOf(items)], reason: 'user_unknown', users: [ben] },
    ]);
    expect(await dump(table, 'MSG#')).toEqual([]);
    bob = await given.user('ben');
    expect(await imports(items)).toMatchObject([{ result: 'imported', messages: 2 }]);
    expect(await textsOf(bob)).toEqual(numbered(0, 2));
  });

  test('a bad item', async () => {
    const [first, second, ...rest] = conversation(3) as [Item, Item];
    const bad = [
      { ...first, sk: 'yesterday' },
      { ...second, message: 'x'.repeat(1025), message_uuid: randomUUID() },
      { pk: 'ROOM#1', sk: 'ROOM' },
    ];
    const outcomes = await imports([...bad, ...rest]);
    expect(outcomes.map((outcome) => ('reason' in outcome ? outcome.reason : outcome.result))).toEqual([
      'time_invalid',
      'message_exceed_max_chars',
      'item_unknown',
      'imported',
    ]);
    expect(await textsOf(ada)).toEqual(['line 2']);
    expect(await findings(context)).toEqual([]);
  });

  test.each(['before', 'during'])('a conversation whose keys are taken %s the import', async (moment) => {
    const items = conversation(2);
    const taken = { ...originalMessage(uuidOf(items), ana, '2023-03-24T09:00:00.000000+00:00', 'mine'), seq: 7 };
    const interrupted = whileWriting(1, () => load(table, [taken]));
    if (moment === 'before') await load(table, [taken]);
    expect(await imports(items, { into: interrupted })).toMatchObject([{ result: 'left_out', reason: 'damaged' }]);
    expect(await dump(table, 'MSG#')).toEqual([taken]);
    expect(await then.inbox(ada)).toEqual([]);
  });

  test('a conversation into which a user sends during the import', async () => {
    const items = conversation(190);
    const interrupted = whileWriting(2, () => when.sends(bob, ada, 'meanwhile'));
    expect(await imports(items, { into: interrupted })).toMatchObject([{ reason: 'busy', messages: 96 }]);
    expect(await imports(items)).toMatchObject([{ reason: 'newer_messages', messages: 96 }]);
    expect((await textsOf(ada)).slice(93)).toEqual(['line 93', 'meanwhile']);
    await when.projected(uuidOf(items) as Uuid);
    expect(await findings(context)).toEqual([]);
  });
});

describe('items of the original in our own table', () => {
  test('are named by the doctor, whose repairs leave them as they are', async () => {
    const items = conversation(3);
    await load(table, items);
    const before = await dump(table);
    const found = await diagnoses(context);
    expect(new Set(found.flatMap(({ findings }) => findings.map((each) => each.message_group_uuid)))).toEqual(
      new Set([uuidOf(items)]),
    );
    for (const diagnosis of found) await repair(context, diagnosis);
    expect(await dump(table)).toEqual(before);
  });

  test('give way to ours, and what is left out stays', async () => {
    const [older, newer] = [conversation(120), conversation(3, randomUUID(), 200)];
    // At the key that our message will have: the original's items can have times in UTC.
    const inUtc = { ...older[7], sk: '2023-03-24T09:07:00.000000+00:00' };
    const items = [...older.toSpliced(7, 1, inUtc), ...newer];
    const bad = { ...originalMessage(uuidOf(older), ana, at(300), ''), message: '' };
    await load(table, [...items, bad]);
    expect(await then.inbox(ada)).toEqual([]);

    expect(await imports(items)).toMatchObject([{ reason: 'original_items' }]);
    const all = await dump(table);
    expect(await imports(all, { inPlace: true, dryRun: true })).toMatchObject([
      {},
      { result: 'imported', messages: 123 },
    ]);
    expect(await dump(table)).toEqual(all);

    expect(await imports(all, { inPlace: true })).toMatchObject([
      { reason: 'message_blank' },
      { result: 'imported', message_group_uuid: uuidOf(older), messages: 123, merged: [uuidOf(newer)] },
    ]);
    expect(await textsOf(ada)).toEqual([...numbered(0, 120), ...numbered(200, 3)]);
    const unnumbered = (await dump(table, 'MSG#')).filter(({ seq }) => seq === undefined);
    expect(unnumbered).toEqual([bad]);
    expect(await dump(table, 'GRP#')).toHaveLength(2);

    await load(table, [{ ...bad, message: 'mended' }]);
    expect(await imports(await dump(table), { inPlace: true })).toMatchObject([{ result: 'imported', messages: 1 }]);
    expect(await findings(context)).toEqual([]);
    const before = await dump(table);
    expect(await imports(before, { inPlace: true })).toMatchObject([{ result: 'unchanged' }]);
    expect(await dump(table)).toEqual(before);
  });

  test('give way when the import is repeated after an interruption', async () => {
    const items = conversation(190);
    await load(table, items);
    const shaky = scenario(openTable(table.name, localConfig(dynamodbEndpoint)), { retryBudget: 50 }).deps;
    injectFaults(shaky.table, [undefined, undefined, ...Array(1_000).fill('conflict')]);
    expect(await imports(items, { into: shaky, inPlace: true })).toMatchObject([{ reason: 'busy' }]);
    expect(await textsOf(ada)).toEqual(numbered(0, 188));
    expect(await imports(await dump(table), { inPlace: true })).toMatchObject([{ result: 'imported', messages: 2 }]);
    expect(await textsOf(ada)).toEqual(numbered(0, 190));
    expect(await findings(context)).toEqual([]);
  });
});

describe('bin/ddb import', () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'export.json');
  const ddbImport = (...args: string[]) =>
    runInProcess(['bin/ddb', 'import', ...args, '--table', table.name], {
      DYNAMODB_PORT: new URL(dynamodbEndpoint).port,
    });
  const write = (items: Item[]) => writeFileSync(file, JSON.stringify({ Items: items.map((item) => marshall(item)) }));

  test('reads a file, says what it did, and exits with 1 while something is left out', async () => {
    const items = conversation(3);
    const bad = originalMessage(uuidOf(items), ana, '24.3.2023', 'a secret');
    write([...items, bad]);
    const before = await dump(table);
    const dry = await ddbImport(file, '--dry-run');
    expect(dry).toMatchObject({ code: 1, stderr: '' });
    expect(await dump(table)).toEqual(before);

    const { code, stdout, stderr } = await ddbImport(file);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(lines(stdout)).toHaveLength(3);
    expect(lines(stdout)[0]).toContain(`${bad.pk} ${bad.sk}`);
    expect(stdout).not.toContain('secret');
    expect(await textsOf(ada)).toEqual(numbered(0, 3));

    write(items);
    const again = await ddbImport(file, '--json');
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(again.stdout)).toMatchObject([{ result: 'unchanged' }]);
  });

  test('names the users who are unknown here', async () => {
    ben = originalUser('b\u202een\u001b[2J');
    write(conversation(1));
    const { code, stdout } = await ddbImport(file);
    expect(code).toBe(1);
    expect(stdout).toContain(`b\\u202een\\u001b[2J (${ben.user_uuid})`);
  });

  test('reads another table, which stays as it is, or the table itself', async () => {
    const source: Table = await newTable(dynamodbEndpoint);
    const items = conversation(3);
    await load(source, items);
    const before = await dump(source);
    expect(await ddbImport(source.name)).toMatchObject({ code: 0, stderr: '' });
    expect(await dump(source)).toEqual(before);
    expect(await textsOf(ada)).toEqual(numbered(0, 3));

    await load(table, conversation(2, uuidOf(items), 10));
    expect((await ddbImport(table.name)).code).toBe(0);
    expect(await textsOf(ada)).toEqual([...numbered(0, 3), ...numbered(10, 2)]);
    expect(await findings(context)).toEqual([]);
  });

  test('asks before it replaces items in AWS', async () => {
    await load(table, conversation(2));
    const before = await dump(table);
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const inAws = (...args: string[]) =>
      runInProcess(
        ['bin/ddb', 'import', table.name, '--table', table.name, '--stage', 'dev', '--region', 'eu-north-1', ...args],
        env,
      );
    const { code, stdout, stderr } = await inAws();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--yes');
    expect(await dump(table)).toEqual(before);
    expect((await inAws('--yes')).code).toBe(0);
    expect(await textsOf(ada)).toEqual(numbered(0, 2));
  });

  test.each([
    ['a missing table', 'no-such-table'],
    ['a file that is none of items', 'LICENSE'],
  ])('rejects %s in one line, and writes nothing', async (_, source) => {
    const { code, stdout, stderr } = await ddbImport(source);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(lines(stderr)).toHaveLength(1);
  });
});
