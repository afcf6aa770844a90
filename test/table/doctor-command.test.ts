import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import * as items from '../../core/table/items.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { lines, type Ran, runInProcess } from '../support/command.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { scenario } from '../support/scenario.ts';
import { dump, empty, load, newTable } from '../support/table.ts';

// Checks exit code, stdout and stderr of the command, which runs in this process.

const secret = 'for your eyes only';

const table = await newTable(dynamodbEndpoint);
let ada: User;
let bob: User;
let sent: Message;

beforeEach(async () => {
  await empty(table);
  const { given, when } = scenario(table);
  [ada, bob] = [await given.user(), await given.user()];
  sent = await when.sends(ada, bob, secret);
  await when.projected(sent.message_group_uuid);
});

const { port } = new URL(dynamodbEndpoint);
const ddb = (args: string[], env: Record<string, string> = {}) =>
  runInProcess(['bin/ddb', ...args], { DYNAMODB_PORT: port, ...env });
const doctor = (...args: string[]) => ddb(['doctor', '--table', table.name, ...args]);

describe('bin/ddb doctor', () => {
  test('exits with 0 if there are no findings, with one line of text or no JSON', async () => {
    const plain = await doctor();
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(lines(plain.stdout)).toHaveLength(1);
    expect(await doctor('--json')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('reports and repairs findings, and never prints a message or an e-mail address', async () => {
    const adasRow = items.inboxRowKey(ada.user_uuid, sent.created_at);
    const [bobsRow] = await dump(table, items.inbox(bob.user_uuid));
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: adasRow }));
    await load(table, [{ ...bobsRow, unread_count: 5, message: 'changed' }]);
    const of = { message_group_uuid: sent.message_group_uuid, repairable: true };
    const expected = [
      { ...of, code: 'inbox_row_missing', user_uuid: ada.user_uuid, expected: sent.created_at },
      { ...of, code: 'inbox_row_stale', user_uuid: bob.user_uuid, field: 'message' },
      { ...of, code: 'unread_wrong', user_uuid: bob.user_uuid, expected: 1, found: 5 },
    ];
    const outcomes: Ran[] = [];
    const json = async (...args: string[]) => {
      const ran = await doctor('--json', ...args);
      outcomes.push(ran);
      return { code: ran.code, found: lines(ran.stdout).map((line) => JSON.parse(line)) };
    };

    expect(await json()).toMatchObject({ code: 1, found: expected });
    outcomes.push(await doctor());
    expect(outcomes.at(-1)?.code).toBe(1);
    expect(lines(outcomes.at(-1)?.stdout as string)).toHaveLength(4);
    const repaired = expected.map((finding) => ({ ...finding, repaired: true }));
    expect(await json('--repair', '--rate', '1000', '--segments', '2')).toMatchObject({ code: 0, found: repaired });
    expect(await json()).toEqual({ code: 0, found: [] });
    for (const { stdout, stderr } of outcomes) {
      expect(stderr).toBe('');
      expect(stdout).not.toMatch(new RegExp(`${secret}|changed|@example`));
    }
  });

  test('exits with 1 if a finding cannot be repaired', async () => {
    const Key = items.userKey(bob.user_uuid);
    await table.client.send(new DeleteCommand({ TableName: table.name, Key }));
    const { code, stdout } = await doctor('--repair', '--json');
    expect(code).toBe(1);
    const outcomes = lines(stdout).map((line) => JSON.parse(line));
    expect(outcomes.filter(({ repaired }) => !repaired)).toHaveLength(3);
    // Of a user who is gone, the search items can be removed.
    expect(outcomes.filter(({ repaired, code }) => repaired && code !== 'search_without_user')).toEqual([]);
  });

  test('reads no more items per second than --rate allows', async () => {
    const since = performance.now();
    const { code } = await doctor('--rate', '10'); // eleven items, and more that the checks look up
    expect(code).toBe(0);
    expect(performance.now() - since).toBeGreaterThan(1_500);
  });
});

describe('bin/ddb doctor --repair --for-rollback', () => {
  test('lists the blocks that end, counts what else it does, and does nothing more when it is repeated', async () => {
    const { given, when } = scenario(table);
    const cy = await given.user();
    await when.blocks(ada, bob);
    await when.blocks(cy, ada);
    await when.clears(bob, sent);

    const first = await doctor('--repair', '--for-rollback');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const printed = lines(first.stdout);
    expect(printed).toHaveLength(4); // two blocks and two summaries
    for (const [user, blocked] of [
      [ada, bob],
      [cy, ada],
    ] as const)
      expect(printed.filter((line) => line.includes(`${user.user_uuid}  found ${blocked.user_uuid}`))).toHaveLength(1);
    expect(await dump(table, 'BLOCK#')).toEqual([]);
    expect(await dump(table, 'HIDDEN#')).toEqual([]);
    expect(await dump(table, 'NAME#')).toEqual([]);
    expect(first.stdout).not.toMatch(new RegExp(`${secret}|@example`));

    const before = await dump(table);
    expect(await doctor('--repair', '--for-rollback', '--json')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await dump(table)).toEqual(before);
  });

  test('repairs before it prepares', async () => {
    await table.client.send(
      new DeleteCommand({ TableName: table.name, Key: items.inboxRowKey(ada.user_uuid, sent.created_at) }),
    );
    const { code, stdout } = await doctor('--repair', '--for-rollback', '--json');
    expect(code).toBe(0);
    expect(lines(stdout).map((line) => JSON.parse(line))).toMatchObject([
      { code: 'inbox_row_missing', repaired: true },
      ...Array.from({ length: 6 }, () => ({ code: 'rollback_search', repaired: true })),
    ]);
  });

  test('prepares nothing while violations are left, unless told to, and counts only what it has done', async () => {
    const { deps, given, when } = scenario(table);
    await when.blocks(await given.user(), ada);
    await updateProfile(deps, ada, { display_name: 'New name' });
    // Its head and rows cannot be repaired then, nor get the new name.
    await table.client.send(
      new DeleteCommand({ TableName: table.name, Key: items.messageKey(sent.message_group_uuid, sent.created_at) }),
    );
    const prepare = (...more: string[]) => doctor('--repair', '--for-rollback', ...more);
    const codes = ({ stdout }: Ran) => lines(stdout).map((line) => JSON.parse(line).code);

    const stopped = await prepare('--json');
    expect(stopped.code).toBe(1);
    expect(codes(stopped)).toContain('head_without_messages');
    expect(codes(stopped).filter((code) => code.startsWith('rollback_'))).toEqual([]);
    expect(lines(stopped.stderr)).toHaveLength(1);
    expect(await dump(table, 'BLOCK#')).toHaveLength(1);

    const went = await prepare('--despite-violations');
    expect(went.code).toBe(1);
    expect(await dump(table, 'BLOCK#')).toEqual([]);
    expect(went.stdout).toMatch(/ NOT done/);
    expect(went.stdout).not.toContain('names written');
    expect(went.stdout).toContain('1 blocks ended');
    expect(await doctor('--despite-violations')).toMatchObject({ code: 2, stdout: '' });
  });

  test('confirms before it ends blocks in AWS, and needs --repair', async () => {
    const aws = await ddb(['doctor', '--stage', 'prod', '--region', 'eu-north-1', '--repair', '--for-rollback']);
    expect(aws).toMatchObject({ code: 2, stdout: '' });
    expect(aws.stderr).toContain('--force');
    expect(await doctor('--for-rollback')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--repair'),
    });
  });
});

test('bin/ddb doctor without a table or without a stack prints one line and exits with 2', async () => {
  for (const { code, stdout, stderr } of [
    await ddb(['doctor', '--table', 'nowhere']),
    await ddb(['doctor'], { DYNAMODB_PORT: String(await freePort()) }),
  ]) {
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(lines(stderr)).toHaveLength(1);
    expect(stderr).toContain('npm start');
  }
});
