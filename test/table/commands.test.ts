import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReport } from '../../core/create-report.ts';
import { deleteMessage } from '../../core/delete-message.ts';
import { newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Report } from '../../core/model/report.ts';
import type { Timestamp } from '../../core/model/time.ts';
import { sendMessage } from '../../core/send-message.ts';
import { openTable } from '../../core/table/client.ts';
import {
  openReportItem,
  reportItem,
  reportKey,
  reportOf,
  reports as reportsOn,
  userKey,
} from '../../core/table/items.ts';
import { seedConversationUuid, seedItems } from '../../seeds/index.ts';
import { jsonLines, lines, run, runInProcess } from '../support/command.ts';
import { findings } from '../support/doctor-fixture.ts';
import { freePort } from '../support/free-port.ts';
import { generateItems } from '../support/generate-items.ts';
import { dynamodbEndpoint } from '../support/own-database.ts';
import { seedsOf2024, seedsWithNewest } from '../support/seeds.ts';
import { dump, load, localConfig, tableDefinition } from '../support/table.ts';

// Checks exit codes, stdout and stderr of the commands: in this process where it makes no difference, since a process of its own
// takes more than a second. The SDK's variable for another endpoint leads the commands for AWS to DynamoDB Local.

const { port } = new URL(dynamodbEndpoint);
const local = { DYNAMODB_PORT: port, TZ: 'UTC' };
const aws = {
  AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'eu-north-1',
};
const table = openTable('cruddur-messages', localConfig(dynamodbEndpoint));
const ofStage = (stage: string) => openTable(`cruddur-messages-${stage}`, localConfig(dynamodbEndpoint));
const ddb = (...args: string[]) => runInProcess(['bin/ddb', ...args], local);
const makeTable = (name: string) => table.client.send(new CreateTableCommand(tableDefinition(name)));
const exists = async (name: string) =>
  table.client.send(new DescribeTableCommand({ TableName: name })).then(
    () => true,
    () => false,
  );

afterEach(async () => {
  for (const name of ['cruddur-messages', 'cruddur-messages-dev', 'cruddur-messages-prod'])
    await table.client.send(new DeleteTableCommand({ TableName: name })).catch(() => {});
});

async function fails(args: string[], env: Record<string, string> = local): Promise<string> {
  const { code, stdout, stderr } = await runInProcess(args, env);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(lines(stderr)).toHaveLength(1);
  return stderr;
}

describe('the local table', () => {
  test('is created as in the template, listed, and dropped', async () => {
    expect(await ddb('schema-load')).toMatchObject({ code: 0, stderr: '' });
    const { Table } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    const ttl = await table.client.send(new DescribeTimeToLiveCommand({ TableName: table.name }));
    expect(ttl.TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires_at' });

    const listed = { name: table.name, status: 'ACTIVE', items: 0, bytes: 0, stream: Table?.LatestStreamLabel };
    expect(jsonLines((await ddb('list-tables', '--json')).stdout)).toEqual([listed]);
    expect(lines((await ddb('list-tables')).stdout)).toHaveLength(2);
    expect((await ddb('describe-table')).stdout).toMatch(
      /keys +pk \(HASH\), sk \(RANGE\)\n.*stream +NEW_AND_OLD_IMAGES/s,
    );
    expect(jsonLines((await ddb('describe-table', '--json')).stdout)).toMatchObject([{ TableName: table.name }]);
    expect(await fails(['bin/ddb', 'describe-table', 'none'])).toContain('bin/ddb list-tables');
    expect(await fails(['bin/ddb', 'schema-load'])).toContain('bin/ddb drop');
    expect(await ddb('drop')).toMatchObject({ code: 0, stderr: '' });
    expect(await exists(table.name)).toBe(false);
    await fails(['bin/ddb', 'drop']);
  });
});

test('what has nothing to list says so', async () => {
  await makeTable(table.name);
  expect((await ddb('patterns', 'list-conversations', '--all')).stdout).toBe('The table has no conversations.\n');
  expect(await ddb('scan')).toEqual({ code: 0, stdout: '', stderr: 'There are no such items.\n' });
  expect((await runInProcess(['bin/users', 'list'], local)).stdout).toBe('The table has no users.\n');
});

describe('the seeds', () => {
  test('are loaded into a new table, and loading them again changes nothing', async () => {
    await ddb('schema-load');
    expect(await ddb('seed')).toMatchObject({ code: 0, stderr: '' });
    const keyOf = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`;
    const byKey = (one: object, other: object) => (keyOf(one as never) < keyOf(other as never) ? -1 : 1);
    const loaded = await dump(table);
    const [head] = await dump(table, 'HEAD#');
    expect(loaded).toEqual(seedsWithNewest(head?.last_message_at as Timestamp).sort(byKey));
    expect(await ddb('seed')).toMatchObject({ code: 0, stderr: '' });
    expect(await dump(table)).toEqual(loaded);
  });

  test('can be generated in the requested number, and are consistent', async () => {
    await makeTable(table.name);
    expect(await ddb('seed', '--users', '5', '--messages', '700')).toMatchObject({ code: 0, stderr: '' });
    const all = await dump(table);
    const count = (prefix: string) => all.filter(({ pk }) => String(pk).startsWith(prefix)).length;
    expect({ users: count('USR#'), messages: count('MSG#'), conversations: count('HEAD#') }).toEqual({
      users: 5,
      messages: 700,
      conversations: 10,
    });
    expect(await findings({ ...newDeps(table), grace: 0 })).toEqual([]);
  });

  test('are consistent after Ctrl-C', async () => {
    await makeTable(table.name);
    const child = spawn(resolve('bin/ddb'), ['seed', '--users', '40', '--messages', '100000'], {
      env: { PATH: process.env.PATH, ...local } as NodeJS.ProcessEnv,
      stdio: 'ignore',
    });
    await expect.poll(async () => (await dump(table, 'HEAD#')).length, { timeout: 30_000 }).toBeGreaterThan(2);
    child.kill('SIGINT');
    const [code, signal] = await once(child, 'exit');
    expect(code ?? signal).not.toBe(0);
    expect((await dump(table, 'MSG#')).length).toBeLessThan(100_000);
    expect(await findings({ ...newDeps(table), grace: 0 })).toEqual([]);
  });
});

describe('on the local table,', () => {
  beforeEach(async () => {
    await makeTable(table.name);
    await load(table, seedsOf2024());
  });

  test('scan prints all items, only those of one type, or at most as many as --limit says', async () => {
    const all = await ddb('scan');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(lines(all.stdout)).toHaveLength(seedItems().length);
    expect(all.stdout).not.toContain('\u001b'); // no colours into a pipe
    const heads = jsonLines((await ddb('scan', '--type', 'head', '--json')).stdout);
    expect(heads).toEqual(await dump(table, 'HEAD#'));
    const first = await ddb('scan', '--type', 'message', '--limit', '7');
    expect(lines(first.stdout)).toHaveLength(7);
    expect(first.stderr).toMatch(/^There are more .*without --limit.*\n$/);
    expect((await ddb('scan', '--type', 'head', '--limit', '1')).stderr).toBe('');
  });

  test('scan ends with exit code 0 when its reader closes the pipe', async () => {
    await load(table, generateItems({ users: 20, conversations: 150, seed: 1 }).items); // more than a pipe holds
    const child = spawn(resolve('bin/ddb'), ['scan'], {
      env: { PATH: process.env.PATH, ...local } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.stdout.once('data', () => child.stdout.destroy()); // as `head` does
    const [code] = await once(child, 'exit');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('patterns get-conversation prints the raw response, its capacity, and the messages, oldest first', async () => {
    const { code, stdout, stderr } = await ddb('patterns', 'get-conversation');
    const more = 'These are the newest 20 messages: --limit 100 shows more.\n';
    expect({ code, stderr }).toEqual({ code: 0, stderr: more });
    const [raw = '', capacity = '', ...list] = stdout.split(/^(?=Consumed)|\n\n/m);
    expect(JSON.parse(raw).Items).toHaveLength(21); // one more than the page, to see whether more follow
    expect(capacity).toMatch(/^Consumed capacity: [\d.]+ units$/);
    const shown = lines(list.join('\n'));
    expect(shown).toHaveLength(20);
    expect(shown.at(-1)).toBe('reef              2024-11-03 18:51:11  Both cups.');
    expect(shown.at(-2)).toBe('reef              2024-11-03 18:50:11  Film night on Friday? We could start aga…');

    const json = await ddb(
      'patterns',
      'get-conversation',
      seedConversationUuid.toUpperCase(),
      '--limit',
      '2',
      '--json',
    );
    expect(jsonLines(json.stdout)).toMatchObject([{ seq: 47 }, { seq: 48, message: 'Both cups.' }]);
    await fails(['bin/ddb', 'patterns', 'get-conversation', '00000000-0000-4000-8000-000000000000']);
  });

  test('patterns list-conversations prints the conversations of one user, or all', async () => {
    const ofReef = await ddb('patterns', 'list-conversations', '@Reef');
    expect(ofReef.stderr).toBe('');
    expect(lines(ofReef.stdout).at(-1)).toBe('grahams           2024-11-03 18:51:11           Both cups.');
    expect(jsonLines((await ddb('patterns', 'list-conversations', '--json')).stdout)).toMatchObject([
      { other: { handle: 'reef' }, unread_count: 2 },
    ]);
    const all = await ddb('patterns', 'list-conversations', '--all');
    expect(lines(all.stdout)).toEqual([
      expect.stringMatching(new RegExp(`^${seedConversationUuid}  grahams +reef .* 48 messages$`)),
    ]);
    await fails(['bin/ddb', 'patterns', 'list-conversations', 'unknown']);
  });

  test('patterns prints times in the machine’s time zone, or in UTC', async () => {
    const args = ['bin/ddb', 'patterns', 'list-conversations', 'reef'];
    const far = { ...local, TZ: 'Pacific/Chatham' };
    expect((await runInProcess(args, far)).stdout).toContain('2024-11-04 08:36:11');
    expect((await runInProcess([...args, '--utc'], far)).stdout).toContain('2024-11-03 18:51:11');
    const json = (env: Record<string, string>) => runInProcess([...args, '--json'], env);
    expect((await json(far)).stdout).toBe((await json(local)).stdout);
  });

  test('users list prints all users', async () => {
    const users = await runInProcess(['bin/users', 'list'], local);
    expect(lines(users.stdout)).toHaveLength(4);
    const json = jsonLines((await runInProcess(['bin/users', 'list', '--json'], local)).stdout);
    expect(json.map(({ handle }) => handle).sort()).toEqual(['bayko', 'grahams', 'reef']);
  });

  test('users link replaces a user’s Cognito id, and running it again changes nothing', async () => {
    const link = (...args: string[]) => runInProcess(['bin/users', 'link', ...args], local);
    expect(await link('grahams', 'abc')).toMatchObject({
      code: 0,
      stdout: 'grahams now signs in with this Cognito id.\n',
    });
    expect(await link('grahams', 'abc')).toMatchObject({
      code: 0,
      stdout: 'grahams has this Cognito id already: nothing was changed.\n',
    });
    await fails(['bin/users', 'link', 'reef', 'abc']);
    expect(await findings({ ...newDeps(table), grace: 0 })).toEqual([]);
  });
});

describe('an export', () => {
  const exports = (...args: string[]) => runInProcess(['bin/users', 'export', ...args], local);
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'export-'));
    await ddb('schema-load');
    await ddb('seed');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is printed, or written to a new file that only the operator can read', async () => {
    const printed = jsonLines((await exports('@Grahams')).stdout) as { type: string }[];
    expect(printed[0]).toMatchObject({ type: 'user', handle: 'grahams', email: expect.stringContaining('@') });
    expect(printed.filter(({ type }) => type === 'message').length).toBeGreaterThanOrEqual(48);
    const file = join(folder, 'grahams.jsonl');
    expect(await exports('grahams', '--output', file)).toEqual({
      code: 0,
      stdout: `${file} has ${printed.length} lines.\n`,
      stderr: '',
    });
    expect(jsonLines(readFileSync(file, 'utf8'))).toEqual(printed);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(await fails(['bin/users', 'export', 'grahams', '--output', file])).toContain('it is there already');
    expect(jsonLines(readFileSync(file, 'utf8'))).toEqual(printed);
    await fails(['bin/users', 'export', 'nobody_has_it']);
  });
});

describe('reports', () => {
  const reports = (...args: string[]) => runInProcess(['bin/reports', ...args], local);
  beforeEach(async () => {
    await ddb('schema-load');
    await ddb('seed');
  });

  test('are listed, shown with their evidence, and resolved', async () => {
    expect((await reports('list')).stdout).toBe('There is no open report.\n');
    expect((await reports('show')).stdout).toBe('There is no open report.\n');
    const deps = newDeps(table);
    const [grahams, reef] = [await findUser(deps, 'grahams'), await findUser(deps, 'reef')];
    const message = { message_group_uuid: seedConversationUuid, message: 'Read\u202ethis!' };
    const { created_at } = await sendMessage(deps, grahams, message);
    const about = { message_group_uuid: seedConversationUuid, created_at, reason: 'harassment', note: 'Look.' };
    const uuid = await createReport(deps, reef, about);
    await deleteMessage(deps, grahams, { message_group_uuid: seedConversationUuid, created_at });

    const listed = new RegExp(`${uuid} +grahams +reef +harassment +open$`, 'm');
    expect((await reports('list')).stdout).toMatch(listed);
    const [line] = jsonLines((await reports('list', '--json')).stdout);
    expect(line).toMatchObject({ report_uuid: uuid, user: { handle: 'grahams' }, reporter: { handle: 'reef' } });
    const shown = (await reports('show')).stdout;
    expect(shown).toMatch(/^On +grahams \(Grahams Tartar\), /m);
    expect(shown).toMatch(/^Note +Look\.$/m);
    expect(shown).toMatch(/> #49 {2}.* {2}grahams\n {4}Read\\u202ethis!\n$/);
    expect((await reports('show', uuid)).stdout).toBe(shown);
    expect(JSON.parse((await reports('show', uuid, '--json')).stdout).evidence).toHaveLength(20);

    expect(await reports('resolve', uuid, '--outcome', 'suspended')).toMatchObject({
      code: 0,
      stdout: `The report ${uuid} is resolved.\n`,
    });
    expect((await reports('list')).stdout).toBe('There is no open report.\n');
    expect((await reports('list', '--user', 'grahams')).stdout).toMatch(/harassment +resolved$/m);
    expect((await reports('show', uuid, '--user', 'grahams')).stdout).toMatch(/^Outcome +suspended$/m);
    expect(await fails(['bin/reports', 'resolve', uuid])).toContain('There is no open report');
    expect(await fails(['bin/reports', 'show', uuid])).toContain('There is no open report');
    expect((await reports('list', '--user', 'reef')).stdout).toBe('There is no report on reef.\n');
  });

  test('are shown so that no text of theirs controls the terminal or looks like a line of the report', async () => {
    const deps = newDeps(table);
    const [grahams, reef] = [await findUser(deps, 'grahams'), await findUser(deps, 'reef')];
    const note = 'x\nStatus        resolved yesterday\n\n> #9  now  grahams\n    a threat\u009b2J\u202e\u007f';
    await sendMessage(deps, grahams, {
      message_group_uuid: seedConversationUuid,
      message: 'one\n> #9  two\u009b2J\u202e\u007f',
    });
    const uuid = await createReport(deps, reef, { message_group_uuid: seedConversationUuid, reason: 'other', note });
    const shown = (await reports('show')).stdout;
    expect(shown).toContain(`Note          x\n${' '.repeat(14)}Status        resolved yesterday\n`);
    expect(lines(shown).filter((line) => /^(Status|> #9)/.test(line))).toEqual(['Status        open']);
    await reports('resolve', uuid, '--outcome', 'done\nReport        another');
    const resolved = (await reports('show', uuid, '--user', 'grahams')).stdout;
    expect(resolved).toContain(`Outcome       done\n${' '.repeat(14)}Report        another\n`);

    const json = (await reports('show', uuid, '--user', 'grahams', '--json')).stdout;
    expect(JSON.parse(json)).toMatchObject({ note });
    const outputs = [
      json,
      (await ddb('patterns', 'get-conversation', '--json')).stdout,
      (await ddb('scan', '--json')).stdout,
    ];
    for (const output of outputs) {
      expect(output).toContain('\\u009b2J\\u202e\\u007f');
      expect(output).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
    }
  });

  test('are looked for among all that are open, and then among those that are resolved', async () => {
    const deps = newDeps(table);
    const reef = await findUser(deps, 'reef');
    const about = { message_group_uuid: seedConversationUuid, reason: 'spam' };
    const uuids: Uuid[] = [];
    for (let n = 0; n < 4; n++) uuids.push(await createReport(deps, reef, about));
    const [first, second, third, fourth] = uuids as [Uuid, Uuid, Uuid, Uuid];
    const grahams = await findUser(deps, 'grahams');
    const stored = (await dump(table, reportsOn(grahams.user_uuid))).map(reportOf);
    const one = (uuid: Uuid) => stored.find(({ report_uuid }) => report_uuid === uuid) as Report;
    const shown = async (...args: string[]) =>
      JSON.parse((await reports('show', '--json', ...args)).stdout).report_uuid;
    const listed = async (...args: string[]) =>
      jsonLines((await reports('list', '--json', ...args)).stdout).map(({ report_uuid }) => report_uuid);

    // DynamoDB deletes an expired report and its entry in the list at different times.
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: reportKey(one(first)) }));
    expect(await shown()).toBe(second);
    // What is past its time counts as deleted, even before DynamoDB has deleted it.
    const expired = { ...one(second), expires_at: Math.floor(Date.now() / 1000) - 1 };
    await load(table, [reportItem(expired), openReportItem(expired)]);
    expect(await shown()).toBe(third);
    expect(await listed()).toEqual([first, third, fourth]);
    expect(await listed('--user', 'grahams')).toEqual([third, fourth]);
    for (const more of [[], ['--user', 'grahams']])
      expect(await fails(['bin/reports', 'show', second, ...more])).toContain('There is no open report');
    await reports('resolve', third);
    expect(await shown('--user', 'grahams')).toBe(fourth);
    expect(await shown('--user', 'grahams', third)).toBe(third);
    await reports('resolve', fourth);
    expect(await shown('--user', 'grahams')).toBe(third);
  });

  test('that are damaged are not shown, but printed as they are stored', async () => {
    const deps = newDeps(table);
    const [grahams, reef] = [await findUser(deps, 'grahams'), await findUser(deps, 'reef')];
    await createReport(deps, reef, { message_group_uuid: seedConversationUuid, reason: 'spam' });
    const [report] = (await dump(table, reportsOn(grahams.user_uuid))).map(reportOf) as [Report];
    for (const evidence of [[null], [{ ...report.evidence[0], message: undefined }]]) {
      await load(table, [{ ...reportItem(report), evidence }]);
      expect(await fails(['bin/reports', 'show'])).toContain(`${report.report_uuid} is damaged`);
    }
    expect(jsonLines((await reports('show', '--json')).stdout)).toMatchObject([{ report_uuid: report.report_uuid }]);
  });

  test('of users who are gone can be read', async () => {
    const deps = newDeps(table);
    const [grahams, reef] = [await findUser(deps, 'grahams'), await findUser(deps, 'reef')];
    const about = { message_group_uuid: seedConversationUuid, reason: 'spam' };
    const uuid = await createReport(deps, reef, about);
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: userKey(grahams.user_uuid) }));
    expect((await reports('list')).stdout).toMatch(/\(gone\) +reef +spam/);
    expect((await reports('show', uuid)).stdout).toMatch(/^On +\(gone\), /m);
  });
});

describe('in AWS,', () => {
  const makeStage = (stage: string) => makeTable(`cruddur-messages-${stage}`);
  const inAws = (...args: string[]) => runInProcess(['bin/ddb', ...args], aws);

  test('a command uses the table of its stage, and names it before it writes', async () => {
    await makeStage('dev');
    const named = /^Reads arn:aws:dynamodb:[\w-]+:\d+:table\/cruddur-messages-dev\n$/;
    expect(await inAws('scan', '--json', '--stage', 'dev')).toEqual({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(named),
    });
    for (const reading of [['doctor'], ['patterns', 'list-conversations', '--all']])
      expect((await inAws(...reading, '--stage', 'dev')).stderr).toMatch(named);
    expect((await inAws('list-tables', '--stage', 'dev')).stderr).toBe('Reads all tables in eu-north-1\n');
    const seeded = await inAws('seed', '--stage', 'dev');
    expect(seeded.code).toBe(0);
    expect(seeded.stderr).toMatch(/^Writes to arn:aws:dynamodb:[\w-]+:\d+:table\/cruddur-messages-dev\n$/);
    expect(await dump(ofStage('dev'))).toHaveLength(seedItems().length);
    expect(
      jsonLines((await inAws('patterns', 'get-conversation', seedConversationUuid, '--json', '--stage', 'dev')).stdout),
    ).toHaveLength(20);
  });

  test('drop needs --yes, and --force as well for a production table', async () => {
    await Promise.all([makeStage('dev'), makeStage('prod')]);
    const withoutTerminal = await inAws('drop', '--stage', 'dev');
    expect(withoutTerminal).toMatchObject({ code: 2, stdout: '' });
    expect(withoutTerminal.stderr).toContain('--yes');
    expect(await fails(['bin/ddb', 'drop', '--stage', 'prod', '--yes'], aws)).toContain('--force');
    expect([await exists('cruddur-messages-dev'), await exists('cruddur-messages-prod')]).toEqual([true, true]);
    const dropped = await inAws('drop', '--stage', 'dev', '--yes');
    expect(dropped.code).toBe(0);
    // The stack does not notice: a deployment alone would succeed and create no table.
    expect(dropped.stdout).toMatch(/\bserverless remove --stage dev, then .*\bserverless deploy --stage dev/);
    expect((await inAws('drop', '--stage', 'prod', '--yes', '--force')).code).toBe(0);
    expect([await exists('cruddur-messages-dev'), await exists('cruddur-messages-prod')]).toEqual([false, false]);
  });

  test('seed asks before it fills a production table', async () => {
    await makeStage('prod');
    for (const generated of [[], ['--users', '2', '--messages', '1']]) {
      expect(await fails(['bin/ddb', 'seed', '--stage', 'prod', ...generated], aws)).toContain('--force');
      const withoutTerminal = await inAws('seed', '--stage', 'prod', '--force', ...generated);
      expect(withoutTerminal).toMatchObject({ code: 2, stdout: '' });
      expect(withoutTerminal.stderr).toContain('--yes');
    }
    expect(await dump(ofStage('prod'))).toEqual([]);
    expect((await inAws('seed', '--stage', 'prod', '--force', '--yes')).code).toBe(0);
    expect(await dump(ofStage('prod'))).toHaveLength(seedItems().length);
  });

  test('users add names the table and the user pool; list-users says when the pool is empty', async () => {
    await makeStage('dev');
    const answers: Record<string, object> = {
      ListUserPools: { UserPools: [{ Name: 'cruddur-messages-dev', Id: 'eu-north-1_Ab12' }] },
      ListUserPoolClients: { UserPoolClients: [{ ClientName: 'web', ClientId: 'c' }] },
      AdminGetUser: {
        UserStatus: 'CONFIRMED',
        UserAttributes: [
          { Name: 'sub', Value: randomUUID() },
          { Name: 'email_verified', Value: 'true' },
        ],
      },
    };
    const pool = createServer(async (request, response) => {
      for await (const _ of request);
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(answers[String(request.headers['x-amz-target']).split('.')[1] ?? ''] ?? {}));
    });
    pool.listen(0, '127.0.0.1');
    await once(pool, 'listening');
    const env = { ...aws, AWS_ENDPOINT_URL: `http://127.0.0.1:${(pool.address() as AddressInfo).port}` };
    const added = await runInProcess(['bin/users', 'add', 'm', '--email', 'm@example.com', '--stage', 'dev'], env);
    const listed = await runInProcess(['bin/cognito', 'list-users', '--stage', 'dev'], env);
    const json = await runInProcess(['bin/cognito', 'list-users', '--stage', 'dev', '--json'], env);
    pool.close();
    pool.closeAllConnections();
    expect(added.code).toBe(0);
    expect(lines(added.stderr)).toEqual([
      expect.stringMatching(/^Writes to arn:aws:dynamodb:.*\/cruddur-messages-dev$/),
      'Writes to user pool cruddur-messages-dev (eu-north-1_Ab12)',
    ]);
    const stderr = 'Reads user pool cruddur-messages-dev (eu-north-1_Ab12)\n';
    expect(listed).toEqual({ code: 0, stdout: 'The user pool has no users.\n', stderr });
    expect(json).toEqual({ code: 0, stdout: '', stderr });
  });

  test.each([
    ['a missing table', 'There is no table cruddur-messages-nowhere in eu-north-1', ['--stage', 'nowhere'], aws],
    ['a missing region', 'The AWS region is missing', ['--stage', 'dev'], { ...aws, AWS_DEFAULT_REGION: '' }],
    [
      'missing credentials',
      'There are no valid AWS credentials',
      ['--stage', 'dev'],
      { AWS_REGION: 'eu-north-1', AWS_EC2_METADATA_DISABLED: 'true' },
    ],
    [
      'a missing profile',
      'There are no valid AWS credentials',
      ['--stage', 'dev', '--profile', 'unknown', '--region', 'eu-north-1'],
      {},
    ],
  ])('a command reports %s in one line', async (_, line, args, env) => {
    expect(await fails(['bin/ddb', 'scan', ...args], env as Record<string, string>)).toContain(line);
  });

  test('without a network, a command says that AWS cannot be reached, and not how to start the local stack', async () => {
    const { AWS_ENDPOINT_URL_DYNAMODB: _, ...credentials } = aws;
    const offline = { ...credentials, AWS_ENDPOINT_URL: `http://localhost:${await freePort()}` };
    for (const command of [
      ['bin/ddb', 'scan'],
      ['bin/users', 'add', 'mira', '--email', 'mira@example.com'],
      ['bin/cognito', 'list-users'],
      ['bin/reports', 'list'],
      ['bin/stream', 'redrive'],
    ])
      expect(await fails([...command, '--stage', 'dev'], offline), command.join(' ')).toMatch(
        /^AWS cannot be reached: .*ECONNREFUSED/,
      );
  });
});

test('as processes, the launchers exit with 0 after help, and with 2 after wrong use', async () => {
  const help = await run(['bin/users', '--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('$ bin/users list');
  for (const wrong of [['bin/cognito', 'tokens'], ['bin/stream']]) {
    const { code, stdout, stderr } = await run(wrong);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(lines(stderr)).toHaveLength(1);
  }
});

test.skipIf(process.platform !== 'linux')('output that cannot be written is one line and exit code 2', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(resolve('bin/ddb'), ['--help'], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  expect({ code, lines: lines(stderr) }).toEqual({ code: 2, lines: [expect.stringContaining('ENOSPC')] });
});

test('without the packages, a command says how to install them', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'bin-'));
  cpSync(resolve('bin'), join(copy, 'bin'), { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
  const { code, stdout, stderr } = await run([join(copy, 'bin/ddb'), 'scan']);
  rmSync(copy, { recursive: true });
  expect({ code, stdout, lines: lines(stderr) }).toEqual({
    code: 2,
    stdout: '',
    lines: [expect.stringContaining('npm ci')],
  });
});

test('without a local stack, a command prints one line that says how to start it', async () => {
  const nowhere = { DYNAMODB_PORT: String(await freePort()), COGNITO_PORT: String(await freePort()) };
  const asking = [
    ['bin/ddb', 'list-tables'],
    ['bin/ddb', 'setup'],
    ['bin/ddb', 'scan'],
    ['bin/users', 'add', 'mira', '--email', 'mira@example.com'],
    ['bin/cognito', 'list-users'],
  ];
  for (const command of asking) expect(await fails(command, nowhere), command.join(' ')).toContain('npm start');
  expect(await fails(['bin/cognito', 'list-users'], nowhere)).toContain('COGNITO_PORT');
});
