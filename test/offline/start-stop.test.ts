import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { localCredentials } from '../../offline/settings.ts';
import { seedPassword, seedUsers } from '../../seeds/users.ts';
import { fetchByContract } from '../support/contract.ts';
import { expectEnd, expectNothingLeft, family, processes } from '../support/leftovers.ts';
import {
  environmentOf,
  freePorts,
  runServerless,
  type Stack,
  startStack,
  until,
  writeConfig,
} from '../support/stack.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cruddur-'));
const root = resolve(import.meta.dirname, '../..');
const table = 'cruddur-messages';
/** Five seconds are promised. It takes one and a half, but tests keep the machine busy. */
const refusalTimeoutMs = 15_000;
/** `npm start` prints the command first: two lines, each in front of or behind an empty one. */
const npmLines = 4;
const started: Promise<Stack>[] = [];

/** Throws an error that no code catches, on a signal. */
const bomb = write('bomb.cjs', `process.on('SIGUSR2', () => { throw new Error('uncaught') })`);
const oldNode = write('old-node.cjs', `Object.defineProperty(process, 'version', { value: 'v18.20.0' })`);

afterEach(async () => {
  for (const stack of await Promise.allSettled(started.splice(0)))
    if (stack.status === 'fulfilled') await stack.value.stop();
});
afterAll(() => rmSync(temporary, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(temporary, name), text);
  return join(temporary, name);
}

/** Starts a stack that stops when the test has ended. */
function start(options?: Parameters<typeof startStack>[0]): Promise<Stack> {
  const stack = startStack(options);
  started.push(stack);
  return stack;
}

describe('a running stack', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(async () => {
    // Ctrl-C, which reaches every process of the terminal
    if (stack) await expectEnd(stack, () => process.kill(-stack.pid, 'SIGINT'), 0);
  });

  test('its output names every address', () => {
    const { http, lambda, dynamodb, cognito } = stack.ports;
    for (const port of [http, lambda, dynamodb, cognito]) expect(stack.output()).toContain(`http://localhost:${port}`);
  });

  test('the start prints at most 20 lines, with how to sign in and how long it took', () => {
    const [start = ''] = /^[\s\S]*^Ready after [\d.]+ s.*$/m.exec(stack.output()) ?? [];
    expect(start.split('\n').length).toBeLessThanOrEqual(20 - npmLines);
    expect(start).toContain(`${seedUsers[0]?.email}`);
    expect(start).toContain(seedPassword);
  });

  test('seeded users can sign in; a request without a token gets 401', async () => {
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
    const answer = await fetchByContract(`${stack.httpUrl}/api/me`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await answer.json()).toEqual({ message: 'Unauthorized' });
  });

  test('items expire by the attribute of the template', async () => {
    const { TimeToLiveDescription } = await database(stack).send(new DescribeTimeToLiveCommand({ TableName: table }));
    expect(TimeToLiveDescription).toEqual({ AttributeName: 'expires_at', TimeToLiveStatus: 'ENABLED' });
  });

  // parent.test.ts ends a smaller program by each signal to each of npm and npx.
  test('a second stack runs beside it, without realtime; the first rejects tokens of the second, and SIGTERM to the npx of the second ends it alone', async () => {
    const second = await start({ command: ['npx', 'serverless', 'offline'], env: { REALTIME: 'off' } });
    expect(await me(second)).toMatchObject({ handle: 'grahams' });
    await expectNoRealtime(second);
    expect((await whoAmI(stack, await second.tokenFor('grahams'))).status).toBe(401);
    await expectNothingLeft(second, () => process.kill(second.pid, 'SIGTERM'));
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
  });

  test('`serverless package` does not disturb it; without realtime, nothing of it is in the template', async () => {
    const packaged = await runServerless(['package', '--stage', 'dev', '--param', 'realtime=off'], {}, 90_000);
    expect(packaged, packaged.stderr).toMatchObject({ code: 0 });
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
    const text = readFileSync(join(root, '.serverless/cloudformation-template-update-stack.json'), 'utf8');
    expect(text).toContain('"ProjectInboxLambdaFunction"');
    expect(text.match(/\w*(websocket|pushEvents|createTicket|endConnections)\w*/gi)).toBeNull();
    // Erasures have no connections to end.
    const endpoints = [...text.matchAll(/"CONNECTIONS_ENDPOINT":\s*(.+)/g)].map(([, value]) => value);
    expect(endpoints).toEqual(['""', '""']);
  }, 120_000);

  test.concurrent('`serverless invoke local` uses its table', async () => {
    const event = ['--path', 'test/events/new-message.json'];
    const invoked = await runServerless(
      ['invoke', 'local', '-f', 'projectInbox', ...event],
      environmentOf(stack.ports),
    );
    expect(invoked, invoked.stderr).toMatchObject({ code: 0 });
    expect(invoked.stdout).toContain('"batchItemFailures": []');
  });

  test.concurrent('a second stack with the same database port is refused', async () => {
    await expectRefusal(
      { ...environmentOf(await freePorts()), DYNAMODB_PORT: `${stack.ports.dynamodb}` },
      'DYNAMODB_PORT',
    );
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
  });

  test.concurrent('a second stack with the same HTTP port is refused', async () => {
    await expectRefusal({ ...environmentOf(await freePorts()), HTTP_PORT: `${stack.ports.http}` }, 'HTTP_PORT');
  });
});

describe('a database on disk', () => {
  const key = { pk: `USR#${seedUsers[0]?.user_uuid}`, sk: 'USR' };
  const rename = new UpdateCommand({
    TableName: table,
    Key: key,
    UpdateExpression: 'SET display_name = :name',
    ExpressionAttributeValues: { ':name': 'Renamed' },
  });
  const nameIn = async (stack: Stack) =>
    (await database(stack).send(new GetCommand({ TableName: table, Key: key }))).Item?.display_name;

  test('keeps its data, is seeded again only if the first seeding was interrupted, and leaves no process however the stack ends', async () => {
    const path = join(temporary, 'not yet', 'there');
    const env = { DYNAMODB_PATH: path };
    const first = await start({ env });
    await database(first).send(rename);
    await expectEnd(first, () => process.kill(first.pid, 'SIGKILL'), null);

    const second = await start({ env: { ...env, NODE_OPTIONS: `--require ${bomb}` } });
    expect(await nameIn(second)).toBe('Renamed');
    expect(await me(second)).toMatchObject({ handle: 'grahams' });
    await expectRefusal({ ...environmentOf(await freePorts()), ...env }, 'DYNAMODB_PATH');
    await expectEnd(second, () => process.kill(second.pid, 'SIGUSR2'), 1); // an uncaught exception

    writeFileSync(join(path, 'seeding'), '');
    const third = await start({ env });
    expect(await nameIn(third)).toBe(seedUsers[0]?.display_name);
    expect(existsSync(join(path, 'seeding'))).toBe(false);
    // The database ends: the stack says so in one line, and ends.
    const java = family(third.pid).find(({ args }) => args.startsWith('java'));
    await expectEnd(third, () => process.kill(java?.pid as number, 'SIGKILL'), 1);
    expect(third.output()).toMatch(/^DynamoDB Local has ended .*$/m);
  }, 120_000);
});

test('a start that fails says why, and leaves nothing', async () => {
  const config = writeConfig((yml) => yml.replace('batchSize:', 'tumblingWindowInSeconds: 10\n          batchSize:'));
  try {
    const ports = environmentOf(await freePorts());
    const { pid, code, stderr } = await runServerless(['offline', 'start', '--config', config], ports);
    expect(stderr).toMatch(/^pushEvents: .*tumblingWindowInSeconds.*$/m);
    expect(code).toBe(1);
    await until(() => processes().every(({ group }) => group !== pid));
  } finally {
    rmSync(join(root, config));
  }
});

describe.concurrent('a command that cannot work prints one line that says what to do, and starts nothing:', () => {
  test('without Java', async () => {
    const path = mkdtempSync(join(temporary, 'path-'));
    symlinkSync(process.execPath, join(path, 'node'));
    await expectRefusal({ ...environmentOf(await freePorts()), PATH: path }, 'Java');
  });

  test('with a Node that is too old', async () => {
    await expectRefusal({ NODE_OPTIONS: `--require ${oldNode}` }, 'Node.js v18');
  });

  test.each([
    [['offline', '--stage', 'dev'], '--stage'],
    [['deploy'], '--stage dev'],
    [['deploy', 'function', '-f', 'whoAmI'], '--stage dev'],
    [['remove'], '--stage dev'],
    [['invoke', 'local', '-f', 'whoAmI', '--data', '{}'], 'DYNAMODB_PORT'],
  ])('`serverless` with %j', async (args, mention) => {
    await expectRefusal(environmentOf(await freePorts()), mention, args);
  });
});

function database({ ports }: Stack): DynamoDBDocumentClient {
  const endpoint = `http://localhost:${ports.dynamodb}`;
  return DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: 'local', credentials: localCredentials }));
}

const whoAmI = ({ httpUrl }: Stack, token: string) =>
  fetchByContract(`${httpUrl}/api/me`, { headers: { authorization: `Bearer ${token}` } });

/** The stack has no socket functions: its page names no address, its API gives no tickets, and the rest works. */
async function expectNoRealtime(stack: Stack): Promise<void> {
  const headers = { authorization: `Bearer ${await stack.tokenFor('grahams')}` };
  const ticket = await fetch(`${stack.httpUrl}/api/realtime/tickets`, { method: 'POST', headers });
  expect(ticket.status).toBe(404);
  expect(await (await fetch(`${stack.httpUrl}/sign-in.json`)).json()).not.toHaveProperty('realtime_url');
  expect(stack.output()).not.toContain('ws://');
  expect((await fetch(`${stack.httpUrl}/api/message_groups`, { headers })).status).toBe(200);
}

const me = async (stack: Stack) => (await whoAmI(stack, await stack.tokenFor('grahams'))).json();

async function expectRefusal(env: NodeJS.ProcessEnv, mention: string, args = ['offline', 'start']): Promise<void> {
  const { pid, code, stdout, stderr } = await runServerless(args, env, refusalTimeoutMs);
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toContain(mention);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(processes().filter(({ group }) => group === pid)).toEqual([]);
}
