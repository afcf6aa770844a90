import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { append, emptyHead } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { Handle } from '../../core/model/user.ts';
import { headItem, type Item, userItems } from '../../core/table/items.ts';
import { bundleAsDeployed } from '../support/bundle.ts';
import { httpEvent, lambdaContext, signUpEvent } from '../support/events.ts';
import { bodyOf, serve } from '../support/recorder.ts';

// The bundles as they are deployed: how large they are, and what they do with the errors that DynamoDB answers.
// test/table/permissions.test.ts calls each of them against DynamoDB Local.

const environment = {
  ...{ TABLE_NAME: 'test', POWERTOOLS_SERVICE_NAME: 'test', POWERTOOLS_METRICS_NAMESPACE: 'test' },
  ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
};
const uuids = [randomUUID(), randomUUID()] as string[] as [Uuid, Uuid];

let folder: string;
let bundles: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cruddur-bundles-'));
  bundles = await bundleAsDeployed(folder);
});
afterAll(() => rm(folder, { recursive: true }));

describe('size: a cold start reads and compiles all of a bundle', () => {
  /** The most kilobytes that each function's bundle may have. A little above what it has, so that an update of a package fits. */
  const budgets: Record<string, number> = {
    listMessageGroups: 295,
    getMessageGroup: 295,
    listMessages: 300,
    sendMessage: 305,
    markRead: 295,
    editMessage: 290,
    deleteMessage: 285,
    clearMessageGroup: 295,
    muteMessageGroup: 295,
    unmuteMessageGroup: 295,
    markUnread: 295,
    blockUser: 285,
    unblockUser: 285,
    createReport: 300,
    listBlocks: 295,
    getLimits: 265,
    countUnread: 285,
    findUser: 290,
    findUsers: 295,
    whoAmI: 265,
    exportUser: 305,
    updateProfile: 295,
    createTicket: 270,
    endConnections: 300,
    admitConnection: 255,
    openConnection: 290,
    closeConnection: 255,
    answerFrame: 285,
    relayTyping: 305,
    pushEvents: 310,
    createProfile: 330,
    eraseUser: 340,
    finishErasures: 330,
    unknownRoute: 260,
    page: 76,
    openApi: 170,
    renewSession: 235,
    endSession: 240,
    checkSignUp: 280,
    completeSignUp: 320,
    projectInbox: 290,
  };

  test('each function has a budget', () => {
    expect(Object.keys(budgets)).toEqual(Object.keys(bundles));
  });

  test.each(Object.entries(budgets))('the bundle of %s has at most %d KB', (name, budget) => {
    const kilobytes = statSync(bundles[name] as string).size / 1024;
    const hint =
      'Leave out what the function does not use: esbuild’s `analyze` lists what a bundle contains. Or raise the budget';
    expect(kilobytes, hint).toBeLessThanOrEqual(budget);
  });
});

describe('errors of DynamoDB', () => {
  const ada = {
    ...{ user_uuid: uuids[0], handle: 'ada' as Handle, display_name: 'Ada' },
    ...{ cognito_user_id: randomUUID(), email: 'ada@example.com' },
  };
  const bob = { user_uuid: uuids[1], handle: 'bob' as Handle, display_name: 'Bob' };
  const [message_group_uuid] = uuids;
  const first = { sender: bob, message_uuid: uuids[1], message: 'first', now: fromMicros(0) };
  const { head } = append(emptyHead(message_group_uuid, ada, bob), first);
  const stored = [...userItems(ada), headItem(head)];

  let database: Awaited<ReturnType<typeof startDatabase>>;
  beforeEach(async () => {
    database = await startDatabase(stored);
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', database.endpoint);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await database.stop();
  });

  const sendMessage = async () => {
    const request = { body: { message: 'hello', message_group_uuid } };
    const event = httpEvent({ method: 'POST', path: '/api/messages' }, ada.cognito_user_id, request);
    const { statusCode, body } = (await handlerOf('sendMessage')(event, lambdaContext('sendMessage'))) as {
      statusCode: number;
      body: string;
    };
    return { statusCode, ...JSON.parse(body) };
  };
  const tokens = () => database.requests.map(({ ClientRequestToken }) => ClientRequestToken).filter(Boolean);

  test.each<{ fault: Fault; tokens: number }>([
    { fault: 'throttled', tokens: 1 },
    { fault: 'broken', tokens: 1 },
    { fault: 'conflict', tokens: 2 },
    { fault: 'overtaken', tokens: 2 },
  ])('sendMessage sends again what was $fault, with $tokens tokens', async ({ fault, tokens: expected }) => {
    database.faults.TransactWriteItems = fault;
    expect(await sendMessage()).toMatchObject({
      statusCode: 200,
      message: 'hello',
      seq: fault === 'overtaken' ? 3 : 2,
    });
    expect(tokens()).toHaveLength(2);
    expect(new Set(tokens()).size).toBe(expected);
  });

  test('sendMessage answers any other error with a 500, and logs where it came from in the sources', async () => {
    const lines: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    database.faults.TransactWriteItems = 'denied';
    expect(await sendMessage()).toMatchObject({ statusCode: 500, errors: [] });
    expect(tokens()).toHaveLength(1);
    const { cause } = JSON.parse(lines.join(''));
    expect(cause.name).toBe('AccessDeniedException');
    const source = await readFile('core/table/transactions.ts', 'utf8');
    const [, line] = /\bcore\/table\/transactions\.ts:(\d+):\d+/.exec(cause.stack) ?? [];
    expect(source.split('\n')[Number(line) - 1]).toContain('await table.client.send(command)');
    expect(cause.stack).not.toContain('.cjs');
  });

  test('checkSignUp asks again after a second without an answer', async () => {
    database.faults.BatchGetItem = 'unanswered';
    const event = signUpEvent('PreSignUp_SignUp', { sub: randomUUID(), email: ada.email, preferred_username: 'new' });
    expect(await handlerOf('checkSignUp')(event, lambdaContext('checkSignUp'))).toBe(event);
    expect(database.requests).toHaveLength(2);
  });

  /** The wire format of DynamoDB's errors. */
  const errorOf = (type: string, more = {}) => ({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, ...more });
  const cancelled = (...CancellationReasons: object[]) =>
    errorOf('TransactionCanceledException', { CancellationReasons });
  const none = { Code: 'None' };

  /** What happens to the first request of an operation. */
  type Fault = keyof typeof faults;
  const faults = {
    throttled: errorOf('ThrottlingException', { message: 'Rate of requests exceeds the allowed throughput.' }),
    denied: errorOf('AccessDeniedException', { Message: 'User is not authorized' }),
    conflict: cancelled(none, { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }),
    overtaken: cancelled(none, {
      Code: 'ConditionalCheckFailed',
      Item: marshall(headItem(append(head, first).head)),
    }),
    broken: undefined,
    unanswered: undefined,
  };

  /** Stands in for DynamoDB: returns items by their keys, and commits every transaction. */
  async function startDatabase(items: Item[]) {
    const requests: { Key?: Record<string, unknown>; ClientRequestToken?: string }[] = [];
    const pending: Record<string, Fault | undefined> = {};
    const server = await serve(async (incoming: IncomingMessage, answer: ServerResponse) => {
      const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
      const request = JSON.parse(String(await bodyOf(incoming)));
      requests.push(request);
      const fault = pending[operation];
      pending[operation] = undefined;
      if (fault === 'unanswered') return;
      if (fault === 'broken') return void answer.destroy();
      const item = items.find(({ pk, sk }) => isDeepStrictEqual(marshall({ pk, sk }), request.Key));
      const body = fault ? faults[fault] : { ...(item && { Item: marshall(item) }) };
      answer.writeHead(fault ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
    return { ...server, requests, faults: pending };
  }
});

const require = createRequire(import.meta.url);

/** Loads a function anew, with an empty memory. */
function handlerOf(name: string): (event: unknown, context: unknown) => Promise<unknown> {
  const bundle = bundles[name] as string;
  delete require.cache[bundle];
  return require(bundle).handler;
}
