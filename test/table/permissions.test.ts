import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayAuthorizerResult, DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { findReport, resolveReport } from '../../admin/reports.ts';
import { beginErasure } from '../../core/begin-erasure.ts';
import { createTicket } from '../../core/create-ticket.ts';
import { grantOf, maxConnections, type Token } from '../../core/model/connection.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { InboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import type { Report } from '../../core/model/report.ts';
import { fromMicros, justAfter, type Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { putWithoutPoolUser } from '../../core/table/erasures.ts';
import {
  blocks,
  connectionItem,
  connections,
  erasureKey,
  erasures,
  headKey,
  hiddenRows,
  inbox,
  type Key,
  messageKey,
  userKey,
} from '../../core/table/items.ts';
import { getRegisteredUser } from '../../core/table/users.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { builtClient } from '../support/built-client.ts';
import { bundleAsDeployed } from '../support/bundle.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { httpEvent, lambdaContext, type Request, type Route, signUpEvent, socketEvent } from '../support/events.ts';
import { FakeSockets } from '../support/fake-sockets.ts';
import { stubLambdaEnvironment } from '../support/lambda-environment.ts';
import { bodyOf, type Recorder, serve, startRecorder } from '../support/recorder.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { insertRecord, messageRecord } from '../support/stream-record.ts';
import { dump, load, newTable } from '../support/table.ts';
import { sign } from '../support/tokens.ts';

// Each function's role allows exactly the table actions that the function uses, on the kinds of items that it uses. An exercise calls the
// function so that it reaches the table in every possible way: its bundle as it is deployed, so that a part of the SDK that was left out
// of it is missed here. A recorder in front of the database collects actions and kinds.

const root = resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);

interface ServerlessFunction {
  role: string;
  events: { httpApi?: Route }[];
}
const { functions } = parse(readFileSync(resolve(root, 'serverless.yml'), 'utf8'), {
  logLevel: 'silent', // CloudFormation's tags
}) as { functions: Record<string, ServerlessFunction> };

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, string[]>>;
}
interface Role {
  Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[]; ManagedPolicyArns?: unknown };
}
const roles = require(resolve(root, 'resources/roles.cjs')) as {
  Resources: Record<string, Role>;
  tableActions: Record<string, string[]>;
  itemKinds: Record<string, string[]>;
  connectionMethods: Record<string, string[]>;
};

let table: Table;
let s: Scenario;
let recorder: Recorder;
/** The working directory of the functions. */
let client: string;
/** The path of each function's bundle. */
let bundles: Record<string, string>;
let pool: Awaited<ReturnType<typeof startPool>>;
let sockets: Awaited<ReturnType<typeof startConnections>>;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table);
  recorder = await startRecorder(dynamodbEndpoint);
  pool = await startPool();
  sockets = await startConnections();
  stubLambdaEnvironment(table, recorder.endpoint);
  client = await builtClient();
  bundles = await bundleAsDeployed(join(client, 'bundles'));
  vi.stubEnv('AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER', pool.endpoint);
  vi.stubEnv('CONNECTIONS_ENDPOINT', `${sockets.endpoint}/test`);
  vi.stubEnv('REALTIME_URL', 'wss://sockets.example.com/test');
});

afterAll(async () => {
  await recorder.stop();
  await pool.stop();
  await sockets.stop();
  await rm(client, { recursive: true });
});

beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  vi.spyOn(process, 'cwd').mockReturnValue(client);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const exercises: Record<string, (f: FunctionUnderTest & Users) => Promise<void>> = {
  async listMessageGroups({ ask, ada, bob, cy }) {
    for (const other of [bob, cy]) {
      await s.when.projected((await s.when.sends(other, ada, 'hello')).message_group_uuid);
    }
    const { link } = await ask(ada, { query: { limit: '1' } }, 200);
    const { body } = await ask(ada, { query: pageAfter(link) }, 200);
    expect(body).toMatchObject([{ handle: bob.handle }]);
    await ask(ada, { query: { cursor: 'damaged' } }, 400);
  },

  async getMessageGroup({ ask, ada, bob, cy }) {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    const { body } = await ask(bob, { path: { message_group_uuid } }, 200);
    expect(body).toMatchObject({ handle: ada.handle, message: 'first', unread_count: 1, seq: 1, read: 0 });
    await ask(cy, { path: { message_group_uuid } }, 404);
    await ask(ada, { path: { message_group_uuid: randomUUID() } }, 404);
  },

  async listMessages({ ask, ada, bob, cy }) {
    const first = await s.when.sends(ada, bob, 'first', 'key');
    await s.when.sends(bob, ada, 'second');
    const path = { message_group_uuid: first.message_group_uuid };
    const { link } = await ask(ada, { path, query: { limit: '1' } }, 200);
    const { body: older } = await ask(ada, { path, query: pageAfter(link) }, 200);
    expect(older).toMatchObject([{ message: 'first', idempotency_key_hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    const [asBobSeesIt] = (await ask(bob, { path }, 200)).body;
    expect(asBobSeesIt).not.toHaveProperty('idempotency_key_hash');
    expect([older[0].seen, asBobSeesIt]).toEqual([false, expect.not.objectContaining({ seen: expect.anything() })]);
    const { body: newer } = await ask(ada, { path, query: { after: first.created_at } }, 200);
    expect(newer).toMatchObject([{ message: 'second' }]);
    await ask(cy, { path }, 404);
    await ask(ada, { path: { message_group_uuid: randomUUID() } }, 404);
  },

  async sendMessage({ ask, startCold, ada, bob, cy, dan, eve }) {
    const headers = { 'idempotency-key': 'once' };
    const toBob = { headers, body: { message: 'first', handle: bob.handle } };
    const first = (await ask(ada, toBob, 200)).body;
    const message_group_uuid = first.message_group_uuid as Uuid;
    const inGroup = { body: { message: 'more', message_group_uuid } };
    const numbered = async (request: Request) => (await ask(ada, request, 200)).body.seq;
    expect(await numbered(inGroup)).toBe(2); // its head is remembered
    await s.when.sendsIn(bob, message_group_uuid, 'unseen by the function');
    expect(await numbered(inGroup)).toBe(4);
    startCold();
    expect(await numbered(inGroup)).toBe(5);
    await ask(cy, inGroup, 404);

    expect((await ask(ada, toBob, 200)).body).toEqual(first);
    await ask(ada, { headers, body: { message: 'another', handle: bob.handle } }, 422);
    const again = { headers: { 'idempotency-key': 'again' }, body: inGroup.body };
    expect((await ask(ada, again, 200)).body).toEqual((await ask(ada, again, 200)).body);

    // The first message loses a race: to another message, and to the same request.
    recorder.justBefore('TransactWriteItems', () => s.when.sends(cy, ada, 'quicker'));
    expect(await numbered({ body: { message: 'slower', handle: cy.handle } })).toBe(2);
    recorder.justBefore('TransactWriteItems', () => s.when.sends(ada, dan, 'the same', 'twice'));
    const toDan = { headers: { 'idempotency-key': 'twice' }, body: { message: 'the same', handle: dan.handle } };
    expect(await numbered(toDan)).toBe(1);

    await ask(ada, { body: { message: 'to an unknown handle', handle: 'unknown' } }, 404);
    await ask(ada, { body: { message: 'to myself', handle: ada.handle } }, 422);
    await ask(dan, inGroup, 404); // the function remembers dan
    await remove(userKey(eve.user_uuid));
    const toEve = { body: { message: 'to a user who is gone', handle: eve.handle } };
    await ask(ada, toEve, 404);
    await remove(userKey(dan.user_uuid));
    await ask(dan, toEve, 403);

    // An item occupies the key of the message until the head has been read again.
    const future = scenario(table, { now: clockAt('2199-12-31T23:59:59.999999+00:00').now });
    const { created_at } = await future.when.sendsIn(bob, message_group_uuid, 'by a clock that is ahead');
    expect(await numbered(inGroup)).toBe(8);
    const inTheWay = messageKey(message_group_uuid, justAfter(justAfter(created_at)));
    await load(table, [{ ...inTheWay }]);
    recorder.justBefore('GetItem', () => remove(inTheWay));
    expect(await numbered(inGroup)).toBe(9);

    await remove(headKey(message_group_uuid));
    await ask(ada, inGroup, 404);
  },

  async markRead({ ask, ada, bob, cy, dan }) {
    const reads = (message: Message, status = 204) =>
      ask(ada, { path: { message_group_uuid: message.message_group_uuid }, body: message }, status);
    const unread = async () => (await s.then.inbox(ada)).map(({ unread_count }) => unread_count);

    await reads(await s.when.sends(bob, ada, 'first')); // the rows are at this message
    const second = await s.when.sends(bob, ada, 'second');
    await reads(second); // the rows are at the previous message
    await reads(second); // nothing changes
    const third = await s.when.sends(bob, ada, 'third');
    await s.when.projected(third.message_group_uuid);
    expect(await unread()).toEqual([1]);
    await reads(third); // the rows are already at this message
    expect(await unread()).toEqual([0]);

    const fourth = await s.when.sends(bob, ada, 'fourth');
    recorder.justBefore('TransactWriteItems', () => s.when.projected(fourth.message_group_uuid));
    await reads(fourth);
    expect(await unread()).toEqual([0]);

    for (const message of await inOneMicrosecond([cy, dan], ada)) await reads(message);
    expect(await unread()).toEqual([0, 0, 0]);

    await s.when.clears(bob, fourth); // his row is hidden until the next one
    await reads(await s.when.sends(bob, ada, 'fifth'));
    expect((await s.then.inbox(bob)).map(({ message }) => message)).toEqual(['fifth']);

    await reads({ ...fourth, created_at: '2023-03-24T09:45:01.561513+00:00' as Message['created_at'] }, 404);
    await reads({ ...fourth, message_group_uuid: randomUUID() as string as Uuid }, 404);
    await reads(await s.when.sends(cy, dan, 'not to ada'), 404);
  },

  async editMessage({ ask, ada, bob, cy }) {
    const sent = await s.when.sends(ada, bob, 'frist');
    const { message_group_uuid, created_at } = sent;
    const edits = (me: User, message: string, status: number, more: object = {}) =>
      ask(me, { path: { message_group_uuid, created_at, ...more }, body: { message } }, status);
    expect((await edits(ada, 'first', 200)).body).toMatchObject({ message: 'first', revision: 1 });
    await edits(ada, 'first', 200); // nothing changes
    recorder.justBefore('TransactWriteItems', () => s.when.edits(ada, sent, 'quicker'));
    expect((await edits(ada, 'last', 200)).body).toMatchObject({ message: 'last', revision: 3 });
    await edits(bob, 'mine', 422);
    await edits(cy, 'mine', 404);
    await edits(ada, 'nowhere', 404, { message_group_uuid: randomUUID() });
    await edits(ada, 'never', 404, { created_at: '2023-03-24T09:45:01.561513+00:00' });
  },

  async deleteMessage({ ask, ada, bob, cy }) {
    const { message_group_uuid, created_at } = await s.when.sends(ada, bob, 'first');
    const deletes = (me: User, status: number) => ask(me, { path: { message_group_uuid, created_at } }, status);
    await deletes(bob, 422);
    await deletes(cy, 404);
    await deletes(ada, 204);
    await deletes(ada, 204); // nothing changes
    expect(await s.then.conversation(bob, message_group_uuid)).toMatchObject([{ message: '', revision: 1 }]);
  },

  async clearMessageGroup({ ask, ada, bob, cy, dan }) {
    const clears = (message: Message, status = 204) =>
      ask(ada, { path: { message_group_uuid: message.message_group_uuid }, body: message }, status);
    const inbox = async () => (await s.then.inbox(ada)).map(({ message }) => message);
    const first = await s.when.sends(bob, ada, 'first');
    await clears(first);
    await clears(first); // nothing changes
    expect(await inbox()).toEqual([]);
    const second = await s.when.sendsIn(bob, first.message_group_uuid, 'second');
    await clears(first);
    await s.when.projected(first.message_group_uuid);
    expect(await inbox()).toEqual(['second']);
    const third = await s.when.sendsIn(bob, first.message_group_uuid, 'third');
    recorder.justBefore('TransactWriteItems', () => s.when.projected(third.message_group_uuid));
    await clears(second);
    expect(await inbox()).toEqual(['third']);
    for (const message of await inOneMicrosecond([cy, dan], ada)) await clears(message);
    expect(await inbox()).toEqual(['third']);
    await clears({ ...third, created_at: '2023-03-24T09:45:01.561513+00:00' as Message['created_at'] }, 404);
    await clears({ ...third, message_group_uuid: randomUUID() as string as Uuid }, 404);
    await clears(await s.when.sends(cy, dan, 'not to ada'), 404);
  },

  muteMessageGroup: (f) => exerciseMark(f, ({ muted }) => muted === true),

  async unmuteMessageGroup(f) {
    await exerciseMark(
      f,
      ({ muted }) => muted === undefined,
      (me, group) => s.when.mutes(me, group),
    );
  },

  markUnread: (f) => exerciseMark(f, ({ marked_unread }) => marked_unread === true),

  async blockUser({ ask, ada, bob, cy }) {
    const blocks = (user_uuid: string, status = 204) => ask(ada, { path: { user_uuid } }, status);
    await blocks(cy.user_uuid);
    await s.when.sends(bob, ada, 'hello');
    await blocks(bob.user_uuid);
    await blocks(bob.user_uuid); // nothing changes
    await expect(s.when.sends(bob, ada, 'again')).rejects.toThrow(/^recipient_unavailable$/);
    await blocks(randomUUID(), 404);
    await blocks(ada.user_uuid, 422);
  },

  async unblockUser({ ask, ada, bob, cy }) {
    const unblocks = (user_uuid: string, status = 204) => ask(ada, { path: { user_uuid } }, status);
    await s.when.sends(bob, ada, 'hello');
    for (const user of [bob, cy]) {
      await s.when.blocks(ada, user);
      await unblocks(user.user_uuid);
      await s.when.sends(user, ada, 'again');
    }
    await unblocks(bob.user_uuid); // nothing changes
    await unblocks(randomUUID(), 404);
  },

  async createReport({ ask, ada, bob, cy }) {
    const { message_group_uuid, created_at } = await s.when.sends(bob, ada, 'hello');
    const reports = (me: User, more: object, status: number) =>
      ask(me, { body: { message_group_uuid, reason: 'spam', ...more } }, status);
    await reports(ada, { created_at, note: 'Look.' }, 201);
    recorder.justBefore('TransactWriteItems', () => s.when.reports(ada, message_group_uuid));
    await reports(ada, {}, 201); // the function has read the reporter
    await reports(bob, { created_at }, 422);
    await reports(ada, { created_at: '2023-03-24T09:45:01.561513+00:00' }, 404);
    await reports(cy, {}, 404);
    await reports(ada, { message_group_uuid: randomUUID() }, 404);
    await remove(userKey(bob.user_uuid));
    await reports(bob, {}, 403); // the function remembers bob
  },

  async listBlocks({ ask, ada, bob }) {
    expect((await ask(ada, {}, 200)).body).toEqual([]);
    await s.when.blocks(ada, bob);
    expect((await ask(ada, {}, 200)).body).toMatchObject([{ uuid: bob.user_uuid, handle: bob.handle }]);
  },

  async exportUser({ ask, ada, bob, cy, dan }) {
    const { message_group_uuid } = await s.when.sends(bob, ada, 'hello');
    const cleared = await s.when.sends(cy, ada, 'cleared');
    await s.when.clears(ada, cleared);
    await s.when.blocks(ada, dan);
    await s.when.reports(ada, message_group_uuid, { note: 'Look.' });
    const { body, headers } = await ask(ada, {}, 200);
    const types = ['user', 'block', 'message_group', 'message_group', 'message', 'report'];
    expect(body.map(({ type }: { type: string }) => type)).toEqual(types);
    expect(headers['content-type']).toBe('application/x-ndjson');
    await ask(ada, { query: { cursor: 'damaged' } }, 400);
    await remove(userKey(ada.user_uuid));
    await ask(ada, {}, 403); // the function remembers ada
  },

  async createTicket({ ask, ada }) {
    const { body } = await ask(ada, {}, 201);
    expect(body).toEqual({ url: 'wss://sockets.example.com/test', ticket: expect.any(String), expires_in: 60 });
  },

  async endConnections({ ask, ada }) {
    await connect(ada, 'one', 'other');
    await ask(ada, {}, 204);
    expect(await dump(table, connections(ada.user_uuid))).toEqual([]);
  },

  async admitConnection({ invoke, ada }) {
    const { ticket } = await createTicket(s.deps, ada, lasting());
    const admits = async () => {
      const event = {
        queryStringParameters: { ticket },
        methodArn: 'arn:aws:execute-api:us-east-1:1:api/test/$connect',
      };
      const { context, policyDocument } = (await invoke(event)) as APIGatewayAuthorizerResult;
      return [context?.user_uuid, policyDocument.Statement[0]?.Effect];
    };
    expect(await admits()).toEqual([ada.user_uuid, 'Allow']);
    expect(await admits()).toEqual([undefined, 'Deny']);
  },

  async openConnection({ invoke, ada, eve }) {
    await connect(ada, ...Array.from({ length: maxConnections }, (_, n) => `older-${n}`));
    expect(await invoke(socketEvent('$connect', frameOf(ada)))).toMatchObject({ statusCode: 200 });
    const open = await dump(table, connections(ada.user_uuid));
    expect(open).toHaveLength(maxConnections);
    await remove(userKey(eve.user_uuid));
    expect(await invoke(socketEvent('$connect', frameOf(eve)))).toMatchObject({ statusCode: 403 });
  },

  async closeConnection({ invoke, ada }) {
    await connect(ada, `connection-of-${ada.handle}`);
    await invoke(socketEvent('$disconnect', frameOf(ada)));
    expect(await dump(table, connections(ada.user_uuid))).toEqual([]);
  },

  async answerFrame({ invoke, ada }) {
    const answers = async (body: unknown, of = lasting()) =>
      ((await invoke(socketEvent('$default', { ...frameOf(ada, of), body }))) as { body?: string }).body;
    expect(await answers({ action: 'ping' })).toBe('{"type":"pong"}');
    expect(await answers({ action: 'unknown' })).toBe('{"type":"error","code":"action_unknown"}');
    expect(await answers({ action: 'ping' }, past)).toBeUndefined();
  },

  async relayTyping({ invoke, ada, bob, cy }) {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'hello');
    const types = async (user: User, of = lasting()) => {
      const body = { action: 'typing', message_group_uuid };
      return ((await invoke(socketEvent('typing', { ...frameOf(user, of), body }))) as { body?: string }).body;
    };
    await connect(bob, 'phone');
    expect(await types(ada)).toBeUndefined();
    expect(sockets.posted).toEqual([{ type: 'typing', message_group_uuid, user_uuid: ada.user_uuid }]);
    expect(await types(cy)).toBe('{"type":"error","code":"message_group_unknown"}');
    expect(await types(ada, past)).toBeUndefined();
  },

  async pushEvents({ invoke, ada, bob }) {
    const message = await s.when.sends(ada, bob, 'hello');
    const push = async () => {
      sockets.posted.length = 0;
      await invoke({ Records: [messageRecord(message)] });
      return sockets.posted.length;
    };
    expect(await push()).toBe(0);
    await connect(bob, 'phone');
    await connect(ada, 'tablet', 'desk');
    expect(await push()).toBe(3);
    expect(sockets.posted).toContainEqual(
      expect.objectContaining({ type: 'message.created', message: expect.objectContaining({ message: 'hello' }) }),
    );
    await load(table, [connectionItem(bob.user_uuid, connectionUntil('over', past.expires_at))]);
    expect(await push()).toBe(3);
    sockets.gone.add('phone');
    expect(await push()).toBe(3);
    expect(await dump(table, connections(bob.user_uuid))).toEqual([]);
  },

  async getLimits({ ask, ada }) {
    expect((await ask(ada, {}, 200)).body).toMatchObject({ messages: { burst: 30, interval_ms: 200 } });
  },

  async countUnread({ ask, ada, bob }) {
    await s.when.sends(bob, ada, 'hello');
    expect((await ask(ada, {}, 200)).body).toEqual({ unread_count: 1, message_groups: 1 });
  },

  async findUser({ ask, ada, bob }) {
    const bobs = { path: { handle: `@${bob.handle}` } };
    expect((await ask(ada, bobs, 200)).body).not.toHaveProperty('message_group_uuid');
    const { message_group_uuid } = await s.when.sends(bob, ada, 'hello');
    expect((await ask(ada, bobs, 200)).body).toMatchObject({ handle: bob.handle, message_group_uuid });
    await ask(ada, { path: { handle: 'unknown' } }, 404);
    await ask(ada, { path: { handle: 'no handle' } }, 404);
  },

  async findUsers({ ask, ada, bob }) {
    const { body: found } = await ask(ada, { query: { prefix: bob.handle } }, 200);
    expect(found).toContainEqual(expect.objectContaining({ handle: bob.handle }));
    // A name that no user of another test has: some of those are removed, and their search items stay.
    for (const user of [ada, bob]) await updateProfile(s.deps, user, { display_name: 'Zebra' });
    const { body: first, headers } = await ask(ada, { query: { prefix: 'zebra', limit: '1' } }, 200);
    expect(first).toHaveLength(1);
    expect(headers['more-results']).toBe('true');
    const none = await ask(ada, { query: { prefix: 'unknown' } }, 200);
    expect(none.body).toEqual([]);
    expect(none.headers).not.toHaveProperty('more-results');
    await ask(ada, { query: { prefix: 'x' } }, 422);
    for (let n = 4; n <= 30; n++) await ask(ada, { query: { prefix: 'unknown' } }, 200);
    const { headers: tooMany } = await ask(ada, { query: { prefix: 'unknown' } }, 429);
    expect(Number(tooMany['retry-after'])).toBeGreaterThan(50);
  },

  async whoAmI({ ask, ada }) {
    await ask(ada, {}, 200);
    await ask(ada, {}, 200); // remembered
    await ask(randomUUID(), {}, 403);
  },

  async updateProfile({ ask, ada }) {
    const changes = (body: object, status: number) => ask(ada, { body }, status);
    expect((await changes({ display_name: 'Ada South' }, 200)).body).toMatchObject({ display_name: 'Ada South' });
    await changes({ display_name: 'Ada South' }, 200); // nothing changes
    await changes({ read_receipts: false }, 200);
    recorder.justBefore('TransactWriteItems', () => updateProfile(s.deps, ada, { display_name: 'Quick Name' }));
    await changes({ display_name: 'Slow Name' }, 200);
    await changes({}, 400);
    await remove(userKey(ada.user_uuid));
    await changes({ display_name: 'Nobody' }, 403);
  },

  async createProfile({ ask, ada }) {
    const sub = randomUUID();
    const { body: joined } = await ask(sub, { body: { handle: 'joins' } }, 200);
    expect((await ask(sub, { body: { handle: 'joins' } }, 200)).body).toEqual(joined);
    await ask(sub, { body: { handle: 'joins_again' } }, 422);
    await ask(randomUUID(), { body: { handle: ada.handle } }, 422);
    await ask(randomUUID(), { body: { handle: 'no handle' } }, 422);
    const headers = { authorization: `Bearer ${pool.revoked}` };
    await ask(randomUUID(), { headers, body: { handle: 'joins_late' } }, 401);
  },

  async eraseUser({ ask, ada, bob }) {
    await s.when.sends(ada, bob, 'hello');
    await connect(ada, 'phone');
    await ask(ada, { headers: { authorization: `Bearer ${pool.revoked}` } }, 401);
    await ask(ada, {}, 202);
    await ask(ada, {}, 202); // again
    expect(await dump(table, connections(ada.user_uuid))).toEqual([]);
    expect(await dump(table, userKey(ada.user_uuid).pk)).toMatchObject([{ handle: 'deleted' }]);
    await ask(randomUUID(), {}, 403);
  },

  async unknownRoute({ ask, ada }) {
    await ask(ada, {}, 404);
    await ask(randomUUID(), {}, 404); // an unknown user
  },

  async page({ invoke }) {
    const open = (path: string) => invoke(httpEvent({ method: 'GET', path }, 'no-sub'));
    expect(await open('/messages')).toMatchObject({ statusCode: 200 });
    expect(await open('/sign-in.json')).toMatchObject({ statusCode: 200 });
  },

  async openApi({ invoke }) {
    const answer = await invoke(httpEvent({ method: 'GET', path: '/openapi.json' }, 'no caller'));
    expect(answer).toMatchObject({ statusCode: 200 });
  },

  async renewSession({ ask }) {
    await ask('no-sub', { body: { refresh_token: 'good' } }, 200);
    await ask('no-sub', { body: { refresh_token: pool.revoked } }, 401);
  },

  async endSession({ ask }) {
    const cookies = ['__Host-session=good'];
    const end = (more: object) => ask('no-sub', { cookies, ...more }, 204);
    await end({});
    await end({ query: { everywhere: 'true' } });
  },

  async checkSignUp({ invoke, ada }) {
    const signsUp = (preferred_username: string) =>
      invoke(signUpEvent('PreSignUp_SignUp', signUpAttributes(preferred_username)));
    await signsUp('free');
    await expect(signsUp(ada.handle)).rejects.toThrow(/^handle_taken\b/);
    await expect(signsUp('no handle')).rejects.toThrow(/^person_invalid\b/);
    await invoke(signUpEvent('PreSignUp_AdminCreateUser', signUpAttributes(ada.handle)));
  },

  async completeSignUp({ invoke, ada }) {
    const confirmed = signUpEvent('PostConfirmation_ConfirmSignUp', signUpAttributes('signs_up'));
    await invoke(confirmed);
    await invoke(confirmed); // twice is once
    const { sub = '' } = confirmed.request.userAttributes;
    expect(await dump(table, `COGNITO#${sub}`)).toHaveLength(1);
    await invoke(signUpEvent('PostConfirmation_ConfirmSignUp', { ...signUpAttributes('signs_up_again'), sub })); // the identity has a user already
    await invoke(signUpEvent('PostConfirmation_ConfirmSignUp', signUpAttributes(ada.handle))); // the handle was taken after the check
    await invoke(signUpEvent('PostConfirmation_ConfirmForgotPassword', signUpAttributes('signs_up'))); // not of the table
  },

  async finishErasures({ invoke, ada, bob, cy }) {
    for (const { sk } of await dump(table, erasures)) await remove(erasureKey(sk as Uuid)); // of other tests
    const minuteAgo = Date.now() - 61_000;
    const first = await s.when.sends(ada, bob, 'hello', 'key');
    const toCy = await s.when.sends(ada, cy, 'hello');
    await s.when.projected(first.message_group_uuid, first.created_at);
    await s.when.clears(ada, toCy);
    await s.when.blocks(ada, cy);
    await s.when.reports(ada, first.message_group_uuid);
    const report = await findReport(s.deps, undefined, bob.user_uuid);
    await resolveReport(s.deps, report as Report, undefined);
    await beginErasure(
      { ...s.deps, now: () => fromMicros(minuteAgo * 1_000), sockets: new FakeSockets() },
      ada.user_uuid,
    );
    await connect(ada, 'phone'); // its end is left to the function
    await invoke({});
    for (const pk of [
      inbox(ada.user_uuid),
      hiddenRows(ada.user_uuid),
      blocks(ada.user_uuid),
      connections(ada.user_uuid),
    ])
      expect(await dump(table, pk)).toEqual([]);
    expect(await dump(table, erasures)).toMatchObject([{ erased_at: expect.any(String) }]);
    await remove(erasureKey(ada.user_uuid));
    await beginErasure(
      { ...s.deps, now: () => fromMicros(minuteAgo * 1_000), sockets: new FakeSockets() },
      bob.user_uuid,
    );
    await putWithoutPoolUser(table, bob.user_uuid, Date.now() + 5_000);
    await invoke({});
    await invoke({}); // nothing is left to do
    expect(await dump(table, erasures)).toEqual([]);
  },

  async projectInbox({ invoke, ada, bob, cy, dan }) {
    const deliver = async (...records: DynamoDBRecord[]) => {
      const { batchItemFailures } = (await invoke({ Records: records })) as DynamoDBBatchResponse;
      return batchItemFailures.length;
    };
    const shown = async () => (await s.then.inbox(ada))[0]?.message;

    const first = await s.when.sends(bob, ada, 'first');
    expect(await deliver(messageRecord(first))).toBe(0);
    const second = await s.when.sends(bob, ada, 'second');
    expect(await deliver(messageRecord(second))).toBe(0); // the rows move
    expect(await shown()).toBe('second');
    expect(await deliver(messageRecord(first), messageRecord(second))).toBe(0); // nothing to do

    const third = await s.when.sends(bob, ada, 'third');
    recorder.justBefore('TransactWriteItems', () => s.when.reads(ada, third));
    expect(await deliver(messageRecord(third))).toBe(0);
    expect(await shown()).toBe('third');

    const colliding = await inOneMicrosecond([cy, dan], ada);
    for (const message of colliding) expect(await deliver(messageRecord(message))).toBe(0);
    expect(await s.then.inbox(ada)).toHaveLength(3);

    await s.when.clears(ada, third);
    expect(await s.then.inbox(ada)).toHaveLength(2);
    const fourth = await s.when.sends(bob, ada, 'fourth');
    expect(await deliver(messageRecord(fourth))).toBe(0); // a hidden row comes back
    expect(await shown()).toBe('fourth');

    await remove(headKey(first.message_group_uuid));
    expect(await deliver(messageRecord(first))).toBe(1);
    expect(await deliver(insertRecord({ ...userKey(ada.user_uuid) }))).toBe(0);
  },
};

/**
 * A mark on conversations in each state.
 * @param isShown whether the row of the conversation shows what the mark does
 * @param before what must have happened for the mark to change anything
 */
async function exerciseMark(
  { ask, ada, bob, cy, dan, eve }: FunctionUnderTest & Users,
  isShown: (row: InboxRow) => boolean,
  before = async (_me: User, _conversation: Uuid) => {},
): Promise<void> {
  const marks = (message_group_uuid: string, status = 204) => ask(ada, { path: { message_group_uuid } }, status);
  const first = await s.when.sends(bob, ada, 'first');
  const conversation = first.message_group_uuid;
  await before(ada, conversation);
  await marks(conversation);
  expect((await s.then.inbox(ada)).map(isShown)).toEqual([true]);
  await marks(conversation); // nothing changes
  for (const { message_group_uuid, sender } of await inOneMicrosecond([cy, dan], ada)) {
    await before(ada, message_group_uuid);
    await s.when.sendsIn(sender, message_group_uuid, 'the rows are behind');
    await marks(message_group_uuid);
  }
  expect((await s.then.inbox(ada)).map(isShown)).toEqual([true, true, true]);
  const hidden = await s.when.sends(eve, ada, 'hidden');
  await s.when.clears(ada, hidden);
  await before(ada, hidden.message_group_uuid);
  await marks(hidden.message_group_uuid);
  const next = await s.when.sends(eve, ada, 'next');
  await s.when.projected(next.message_group_uuid);
  expect((await s.then.inbox(ada)).map(isShown)).toEqual([true, true, true, true]);
  await marks(randomUUID(), 404);
  await marks((await s.when.sends(cy, dan, 'not to ada')).message_group_uuid, 404);
}

test.each(Object.keys(functions))(
  'the role of %s allows what the function does with the table, with which kinds of items, and with connections, and nothing else',
  async (name) => {
    const exercise = exercises[name];
    if (!exercise) throw new Error(`add an exercise for ${name} to this file`);
    sockets.clear();
    const used = await recorder.during(async () => exercise(await prepare(name)));
    const role = functions[name]?.role ?? '';
    expect([...sockets.methods].sort()).toEqual(roles.connectionMethods[name] ?? []);
    expect(connectionsAllowed(role)).toEqual(roles.connectionMethods[name] ?? []);
    expect(differences(used.actions, allowedOnTable(role))).toEqual(none);
    expect(differences(used.kinds, kindsAllowed(role))).toEqual(none);
  },
);

const none = { missing: [], toSpare: [] };
const differences = (used: string[], allowed: string[]) => ({
  missing: used.filter((each) => !allowed.includes(each)),
  toSpare: allowed.filter((each) => !used.includes(each)),
});

test('each exercise, each role and each list of actions belongs to a function', () => {
  const all = Object.keys(functions).sort();
  expect(Object.keys(exercises).sort()).toEqual(all);
  expect(all).toEqual(expect.arrayContaining(Object.keys(roles.connectionMethods)));
  expect(Object.keys(roles.tableActions).sort()).toEqual(all);
  expect(Object.keys(roles.Resources).sort()).toEqual(
    Object.values(functions)
      .map(({ role }) => role)
      .sort(),
  );
});

test('each function with actions on the table has a list of kinds, sorted, and no other function has one', () => {
  const withActions = Object.entries(roles.tableActions).flatMap(([name, { length }]) => (length > 0 ? [name] : []));
  expect(Object.keys(roles.itemKinds).sort()).toEqual(withActions.sort());
  for (const kinds of Object.values(roles.itemKinds)) expect(kinds).toEqual([...new Set(kinds)].sort());
});

test.each(Object.entries(roles.tableActions))(
  'the actions of %s are sorted, and each is allowed once',
  (name, actions) => {
    expect(actions).toEqual([...new Set(actions)].sort());
    expect(allowedOnTable(functions[name]?.role ?? '')).toEqual(actions);
  },
);

/** The actions that a role allows on the table, or on more than the table. */
const allowedOnTable = (role: string) =>
  statementsOnTable(role)
    .flatMap(({ Action }) => Action)
    .filter((action) => /^(dynamodb:|\*)/.test(action))
    .map((action) => action.replace('dynamodb:', ''));

/** The kinds of items that a role reaches: the beginnings of their partition keys. `any` without a condition. */
const kindsAllowed = (role: string) =>
  statementsOnTable(role)
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('dynamodb:')))
    .flatMap(({ Condition }) => Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? 'any')
    .map((pattern) => pattern.replace(/\*$/, ''));

/** The methods with which a role may reach connections of the WebSocket API. */
const connectionsAllowed = (role: string) =>
  statementsOnTable(role)
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('execute-api:')))
    .flatMap(({ Resource }) => Resource as { 'Fn::Sub': string }[])
    .map((resource) => /\/([A-Z*]+)\/@connections\/\*$/.exec(resource['Fn::Sub'])?.[1]);

/** What a role allows. The stream is a resource of its own. */
function statementsOnTable(role: string): Statement[] {
  const { Policies = [], ManagedPolicyArns } = roles.Resources[role]?.Properties ?? {};
  if (ManagedPolicyArns !== undefined)
    throw new Error(`${role}: this test cannot check the actions of AWS managed policies`);
  const stream = JSON.stringify({ 'Fn::GetAtt': ['MessagesTable', 'StreamArn'] });
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).filter(
    ({ Effect, Resource }) => Effect === 'Allow' && JSON.stringify(Resource) !== stream,
  );
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: the JSON of any route
  body: any;
  link: string;
  headers: Record<string, string>;
}

/** A function as Lambda loads it, with the calls that its exercise makes. */
interface FunctionUnderTest {
  /** Calls the function; its memory lasts from call to call. */
  invoke: (event: unknown) => Promise<unknown>;
  /** Calls it through its route as a user or a `sub`, and expects the status. */
  ask: (caller: User | string, request: Request, status: number) => Promise<Answer>;
  /** Loads the function anew, with an empty memory. */
  startCold: () => void;
}

/** The users of an exercise: new ones for each function. */
type Users = Record<(typeof names)[number], User>;
const names = ['ada', 'bob', 'cy', 'dan', 'eve'] as const;

async function prepare(name: string): Promise<FunctionUnderTest & Users> {
  const { events } = functions[name] as ServerlessFunction;
  const bundle = bundles[name] as string;
  let handler: (event: unknown, context: unknown) => Promise<unknown>;
  const startCold = () => {
    delete require.cache[bundle];
    ({ handler } = require(bundle));
  };
  startCold();
  const subs = new Map<User, string>();
  const users = {} as Users;
  for (const each of names) {
    const user = await s.given.user();
    users[each] = user;
    subs.set(user, (await getRegisteredUser(table, user.user_uuid))?.cognito_user_id as string);
  }
  const invoke: FunctionUnderTest['invoke'] = (event) => handler(event, lambdaContext(name));
  return {
    invoke,
    startCold,
    ask: async (caller, request, status) => {
      const sub = typeof caller === 'string' ? caller : (subs.get(caller) as string);
      const event = httpEvent(events[0]?.httpApi as Route, sub, request);
      const { statusCode, body, headers } = (await invoke(event)) as {
        statusCode: number;
        headers: Record<string, string>;
        body?: string;
      };
      expect(statusCode, body).toBe(status);
      const lines = headers['content-type'] === 'application/x-ndjson' ? body?.split('\n').filter(Boolean) : undefined;
      const parsed = lines ? lines.map((line) => JSON.parse(line)) : body && JSON.parse(body);
      return { body: parsed, link: headers.link ?? '', headers };
    },
    ...users,
  };
}

/** A token that ends in an hour. */
const lasting = (): Token => ({ issued_at: seconds(), expires_at: seconds() + 3_600 });
const past: Token = { issued_at: 1_700_000_000, expires_at: 1_700_003_600 };
const seconds = () => Math.floor(Date.now() / 1_000);
const connectionUntil = (connection_id: string, expires_at: number) => ({
  connection_id,
  created_at: '2024-02-29T12:00:00.000000+00:00' as Timestamp,
  expires_at,
});
const connect = ({ user_uuid }: User, ...ids: string[]) =>
  load(
    table,
    ids.map((id) => connectionItem(user_uuid, connectionUntil(id, lasting().expires_at))),
  );

/** A connection as API Gateway repeats it with each frame. */
function frameOf({ user_uuid, handle }: User, of = lasting()) {
  const { signed_in_at, connected_until } = grantOf(user_uuid, of, seconds());
  const authorizer = { user_uuid, signed_in_at, connected_until: `${connected_until}` };
  return { connectionId: `connection-of-${handle}`, authorizer };
}

const remove = (Key: Key) => table.client.send(new DeleteCommand({ TableName: table.name, Key }));

/** The query of the page that a `Link` leads to. */
function pageAfter(link: string): Record<string, string> {
  const [, url = ''] = /^<(.*)>; rel="next"$/.exec(link) ?? [];
  return Object.fromEntries(new URL(url, 'http://api').searchParams);
}

/** A message from each sender to one user, in the same microsecond, so that the rows collide. */
async function inOneMicrosecond(from: User[], to: User): Promise<Message[]> {
  const clock = clockAt('2023-12-31T23:59:59.000000+00:00');
  const { when } = scenario(table, { now: clock.now });
  for (const sender of from) await when.sends(sender, to, 'before');
  clock.move(999_999);
  return Promise.all(from.map((sender) => when.sends(sender, to, 'at once')));
}

const signUpAttributes = (preferred_username: string) => ({
  sub: randomUUID(),
  email: 'newcomer@example.com',
  email_verified: 'true',
  preferred_username,
});

/** Stands in for Cognito's GetUser and GetTokensFromRefreshToken: every token is valid except `revoked`. */
async function startPool() {
  const revoked = 'revoked';
  const UserAttributes = [
    { Name: 'email', Value: 'newcomer@example.com' },
    { Name: 'email_verified', Value: 'true' },
  ];
  const server = await serve(async (request, answer) => {
    const { AccessToken, RefreshToken } = JSON.parse((await bodyOf(request)).toString());
    const isRevoked = [AccessToken, RefreshToken].includes(revoked);
    const good = RefreshToken
      ? { AuthenticationResult: { AccessToken: sign({ exp: 2_000_000_000 }) } }
      : { Username: AccessToken, UserAttributes };
    const [status, body] = isRevoked ? [400, { __type: 'NotAuthorizedException' }] : [200, good];
    answer.writeHead(status as number, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  return { ...server, revoked };
}

/** Stands in for the connections of the WebSocket API: records what is asked of them. */
async function startConnections() {
  const methods = new Set<string>();
  const posted: unknown[] = [];
  const gone = new Set<string>();
  const server = await serve(async (request, answer) => {
    const [, id] = /^\/test\/@connections\/(.+)$/.exec(request.url ?? '') ?? [];
    const { method = '' } = request;
    const body = await bodyOf(request);
    methods.add(method);
    if (method === 'POST') posted.push(JSON.parse(body.toString()));
    answer.writeHead(gone.has(id ?? '') ? 410 : 200).end();
  });
  return {
    ...server,
    methods,
    posted,
    gone,
    clear: () => {
      for (const each of [methods, gone]) each.clear();
      posted.length = 0;
    },
  };
}
