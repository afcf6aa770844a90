import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { localCredentials } from '../../offline/settings.ts';
import { seedUsers } from '../../seeds/users.ts';
import { fetchByContract } from '../support/contract.ts';
import { expectNothingLeft, family, processes } from '../support/leftovers.ts';
import { environmentOf, freePorts, runServerless, type Stack, startStack } from '../support/stack.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cruddur-'));
const table = 'cruddur-messages';
/** Milliseconds. Promised are five seconds; it is one and a half, but this machine is busy with tests. */
const refusalTakes = 15_000;
const started: Promise<Stack>[] = [];

/** Throws where nobody catches, when told to by a signal. */
const bomb = write('bomb.cjs', `process.on('SIGUSR2', () => { throw new Error('nobody catches this') })`);
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

  test('says what listens where', () => {
    const { http, lambda, dynamodb, cognito } = stack.ports;
    for (const port of [http, lambda, dynamodb, cognito]) expect(stack.output()).toContain(`http://localhost:${port}`);
  });

  test('signs seeded people in, and nobody else', async () => {
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
    const answer = await fetchByContract(`${stack.httpUrl}/api/me`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await answer.json()).toEqual({ message: 'Unauthorized' });
  });

  test('has items expire as the template says', async () => {
    const { TimeToLiveDescription } = await database(stack).send(new DescribeTimeToLiveCommand({ TableName: table }));
    expect(TimeToLiveDescription).toEqual({ AttributeName: 'expires_at', TimeToLiveStatus: 'ENABLED' });
  });

  test('has room for a second one beside it, whose tokens it does not take, and whose end (SIGTERM) leaves nothing but the first', async () => {
    const second = await start();
    expect(await me(second)).toMatchObject({ handle: 'grahams' });
    expect((await whoAmI(stack, await second.tokenFor('grahams'))).status).toBe(401);
    await expectEnd(second, () => process.kill(second.pid, 'SIGTERM'), 0);
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
  });

  test('is not disturbed by packaging', async () => {
    const packaged = await runServerless(['package']);
    expect(packaged, packaged.stderr).toMatchObject({ code: 0 });
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
  });

  test('lends its table to `serverless invoke local`', async () => {
    const event = ['--path', 'test/events/new-message.json'];
    const invoked = await runServerless(
      ['invoke', 'local', '-f', 'projectInbox', ...event],
      environmentOf(stack.ports),
    );
    expect(invoked, invoked.stderr).toMatchObject({ code: 0 });
    expect(invoked.stdout).toContain('"batchItemFailures": []');
  });

  test('keeps its database from a second one that was given the same port', async () => {
    await expectRefusal(
      { ...environmentOf(await freePorts()), DYNAMODB_PORT: `${stack.ports.dynamodb}` },
      'DYNAMODB_PORT',
    );
    expect(await me(stack)).toMatchObject({ handle: 'grahams' });
  });

  test('keeps its HTTP port likewise', async () => {
    await expectRefusal({ ...environmentOf(await freePorts()), HTTP_PORT: `${stack.ports.http}` }, 'HTTP_PORT');
  });
});

// A start is what costs: of the ways to end, those that any stack can take end the stacks of the other tests.
describe('nothing is left', () => {
  test.each<[NodeJS.Signals]>([['SIGTERM'], ['SIGKILL']])(
    'after %s of npx, which `npx serverless offline` runs in',
    async (signal) => {
      const stack = await start({ command: ['npx', 'serverless', 'offline'] });
      expect(await me(stack)).toMatchObject({ handle: 'grahams' });
      await expectNothingLeft(stack, () => process.kill(stack.pid, signal));
    },
  );
});

describe('a database on disk', () => {
  const key = { pk: `USR#${seedUsers[0]?.user_uuid}`, sk: 'USR' };
  const rename = new UpdateCommand({
    TableName: table,
    Key: key,
    UpdateExpression: 'SET display_name = :name',
    ExpressionAttributeValues: { ':name': 'Somebody Else' },
  });
  const nameIn = async (stack: Stack) =>
    (await database(stack).send(new GetCommand({ TableName: table, Key: key }))).Item?.display_name;

  test('goes on where it was, and is seeded again only if its first seeding was cut short; whatever ended the stack, nothing of it is left', async () => {
    const path = join(temporary, 'not yet', 'there');
    const env = { DYNAMODB_PATH: path };
    const first = await start({ env });
    await database(first).send(rename);
    await expectEnd(first, () => process.kill(first.pid, 'SIGKILL'), null);

    const second = await start({ env: { ...env, NODE_OPTIONS: `--require ${bomb}` } });
    expect(await nameIn(second)).toBe('Somebody Else');
    expect(await me(second)).toMatchObject({ handle: 'grahams' });
    await expectRefusal({ ...environmentOf(await freePorts()), ...env }, 'DYNAMODB_PATH');
    await expectEnd(second, () => process.kill(second.pid, 'SIGUSR2'), 1); // an uncaught exception

    writeFileSync(join(path, 'seeding'), '');
    const third = await start({ env });
    expect(await nameIn(third)).toBe(seedUsers[0]?.display_name);
    expect(existsSync(join(path, 'seeding'))).toBe(false);
    // A part that the rest cannot do without ends: that is told in one line.
    const java = family(third.pid).find(({ args }) => args.startsWith('java'));
    await expectEnd(third, () => process.kill(java?.pid as number, 'SIGKILL'), 1);
    expect(third.output()).toMatch(/^DynamoDB Local has ended .*$/m);
  }, 120_000);
});

describe('one line says what to do, and nothing has started', () => {
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
  ])('for %j', async (args, mention) => {
    await expectRefusal(environmentOf(await freePorts()), mention, args);
  });
});

function database({ ports }: Stack): DynamoDBDocumentClient {
  const endpoint = `http://localhost:${ports.dynamodb}`;
  return DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: 'local', credentials: localCredentials }));
}

const whoAmI = ({ httpUrl }: Stack, token: string) =>
  fetchByContract(`${httpUrl}/api/me`, { headers: { authorization: `Bearer ${token}` } });

const me = async (stack: Stack) => (await whoAmI(stack, await stack.tokenFor('grahams'))).json();

async function expectEnd(stack: Stack, strike: () => void, code: number | null): Promise<void> {
  await expectNothingLeft(stack, strike);
  expect(await stack.stop()).toMatchObject({ code });
}

async function expectRefusal(env: NodeJS.ProcessEnv, mention: string, args = ['offline', 'start']): Promise<void> {
  const { pid, code, stdout, stderr } = await runServerless(args, env, refusalTakes);
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toContain(mention);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(processes().filter(({ conversation }) => conversation === pid)).toEqual([]);
}
