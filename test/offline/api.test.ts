import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { localPool, signIn } from '../../bin/console/pool.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Item } from '../../core/table/items.ts';
import { localCredentials } from '../../offline/settings.ts';
import { seedConversationUuid } from '../../seeds/index.ts';
import { seedPassword, seedUsers } from '../../seeds/users.ts';
import {
  answerOf,
  callers,
  cases,
  gaps,
  handleOf,
  matrix,
  requestOf,
  routes,
  type Subject,
  tokensOf,
} from '../support/authorization.ts';
import { run } from '../support/command.ts';
import { fetchByContract, openApi } from '../support/contract.ts';
import { commandsTagged } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { unlimited } from '../support/limits.ts';
import { confirm, signUp, signUpNewUser } from '../support/new-user.ts';
import { allowedRequests, anyRequests, type RandomRequest } from '../support/random-requests.ts';
import { seedsWithNewest } from '../support/seeds.ts';
import { environmentOf, type Stack, startStack, tokensFor } from '../support/stack.ts';
import { claimsOf, sign } from '../support/tokens.ts';

interface Row {
  uuid: string;
  handle: string;
  message: string;
  created_at: string;
  unread_count: number;
}
interface Sent {
  uuid: string;
  message_group_uuid: string;
  created_at: string;
  seq: number;
}

let stack: Stack;
const tokens: Record<string, string> = {};

/** The configured origins, one in another spelling than that of browsers. */
const webOrigins = ['https://chat.example.com', 'http://localhost:14300'];

beforeAll(async () => {
  stack = await startStack({
    env: { WEB_ORIGIN: 'https://chat.example.com, http://LOCALHOST:14300/' },
    limits: unlimited,
  });
  for (const { handle } of seedUsers) tokens[handle] = await stack.tokenFor(handle);
  const newest = (await as('grahams').inbox()).find(({ uuid }) => uuid === seedConversationUuid)?.created_at;
  seeded = seedsWithNewest(newest as Timestamp).filter(({ pk }) => String(pk).startsWith('MSG#'));
});
afterAll(() => stack?.stop());

type Options = {
  token?: string;
  headers?: Record<string, string>;
  method?: string;
  body?: string | Uint8Array<ArrayBuffer>;
};
const json = async <Body>(response: Response | Promise<Response>) => (await (await response).json()) as Body;
const call = (path: string, { token, headers, ...init }: Options = {}) =>
  fetchByContract(`${stack.httpUrl}${path}`, {
    ...init,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    signal: AbortSignal.timeout(20_000),
  });
const as = (handle: string) => ({
  get: (path: string) => call(path, { token: tokens[handle] ?? '' }),
  send: (method: string, path: string, body: unknown, headers = {}) =>
    call(path, {
      token: tokens[handle] ?? '',
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  says: async (body: object, headers = {}): Promise<Sent> => {
    const response = await as(handle).send('POST', '/api/messages', body, headers);
    expect(response.status).toBe(200);
    return json<Sent>(response);
  },
  inbox: async (): Promise<Row[]> => json<Row[]>(as(handle).get('/api/message_groups?limit=100')),
});
const nextOf = (response: Response) => /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
const codesOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { errors, status } = await json<{ errors: { code: string }[]; status: number }>(response);
  expect(status).toBe(response.status);
  return [status, errors.map(({ code }) => code).join()];
};

/** The messages of the seeds, with the times of this stack. */
let seeded: Item[] = [];

// Tests only read the seeded conversation, so that they pass in any order.
describe('the seeds over HTTP', () => {
  test('access pattern B: the inbox of grahams contains the seeded conversation', async () => {
    const newest = seeded.at(-1);
    expect(await as('grahams').inbox()).toContainEqual({
      uuid: seedConversationUuid,
      user_uuid: 'f3325485-4b52-4625-8f34-0d323abdf0b7',
      handle: 'reef',
      display_name: 'Wriggle Reef',
      message: newest?.message,
      created_at: newest?.sk,
      unread_count: 2,
      muted: false,
      marked_unread: false,
      revision: expect.any(Number),
    });
  });

  test('access pattern A: following the Link header returns the whole conversation, newest page first', async () => {
    let path: string | undefined = `/api/messages/${seedConversationUuid}?limit=20`;
    const all: unknown[] = [];
    const sizes: number[] = [];
    while (path) {
      const response = await as('reef').get(path);
      const page = await json<unknown[]>(response);
      sizes.push(page.length);
      all.unshift(...page);
      path = nextOf(response);
    }
    expect(sizes).toEqual([20, 20, seeded.length - 40]);
    const reefs = seeded.filter(({ user_handle }) => user_handle === 'reef');
    expect(all).toEqual(
      seeded.map((item) => ({
        uuid: item.message_uuid,
        user_uuid: item.user_uuid,
        handle: item.user_handle,
        display_name: item.user_display_name,
        message: item.message,
        created_at: item.sk,
        seq: item.seq,
        sender_seq: item.sender_seq,
        revision: 0,
        // Grahams has read all but the last two of reef's.
        ...(item.user_handle === 'reef' && { seen: Number(item.sender_seq) <= reefs.length - 2 }),
      })),
    );
  });

  test('access pattern A: with `after`, following the Link header returns the later messages', async () => {
    const after = encodeURIComponent(String(seeded[9]?.sk));
    let path: string | undefined = `/api/messages/${seedConversationUuid}?after=${after}&limit=30`;
    const seqs: number[] = [];
    while (path) {
      const response = await as('grahams').get(path);
      seqs.push(...(await json<Sent[]>(response)).map(({ seq }) => seq));
      path = nextOf(response);
    }
    expect(seqs).toEqual(seeded.slice(10).map(({ seq }) => seq));
  });

  test('the user routes return the caller, a user by handle, and users by prefix', async () => {
    const reef = { uuid: 'f3325485-4b52-4625-8f34-0d323abdf0b7', handle: 'reef', display_name: 'Wriggle Reef' };
    expect(await json(as('reef').get('/api/me'))).toEqual({ ...reef, read_receipts: true });
    for (const name of ['reef', '@reef', 'Reef', '%40reef']) {
      expect(await json(as('bayko').get(`/api/users/${name}/short`))).toEqual(reef);
    }
    for (const name of ['REEF', 'wriggle', 'Wriggl%C3%A9', 'reef%20wri'])
      expect(await json(as('bayko').get(`/api/users?prefix=${name}`))).toEqual([reef]);
    const found = await as('bayko').get('/api/users?prefix=re');
    expect(await json<unknown[]>(found)).toEqual([reef]);
    expect(found.headers.get('more-results')).toBeNull();
  });
});

// The calls that the pages of the original Cruddur client make, with its headers, and the fields that it shows.
describe('the original client’s', () => {
  const fetches = async (path: string, body?: object) => {
    const response = await call(path, {
      token: tokens.grahams ?? '',
      ...(body && {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    expect(response.status).toBe(200);
    return json<never>(response);
  };
  const user = { handle: 'bayko', display_name: seedUsers[2]?.display_name };
  const sender = { handle: 'grahams', display_name: seedUsers[0]?.display_name };

  test('inbox, conversation, new conversation and message form work unchanged', async () => {
    expect(await fetches('/api/users/bayko/short')).toMatchObject({ ...user, uuid: expect.any(String) });
    const first: Sent = await fetches('/api/messages', { message: 'to a user', handle: 'bayko' });
    const { message_group_uuid } = first; // the form goes to this conversation
    const second: Sent = await fetches('/api/messages', { message: 'in a conversation', message_group_uuid });
    expect([first, second]).toMatchObject([
      { ...sender, uuid: expect.any(String), message: 'to a user', created_at: expect.any(String) },
      { ...sender, uuid: expect.any(String), message: 'in a conversation', message_group_uuid },
    ]);
    const listed: Row[] = await fetches(`/api/messages/${message_group_uuid}`);
    expect(listed.slice(-2)).toMatchObject([
      { ...sender, uuid: first.uuid, message: 'to a user', created_at: first.created_at },
      { ...sender, uuid: second.uuid, message: 'in a conversation', created_at: second.created_at },
    ]);
    await eventually(async () => {
      const rows: Row[] = await fetches('/api/message_groups');
      expect(rows).toContainEqual(
        expect.objectContaining({
          ...user,
          uuid: message_group_uuid,
          message: 'in a conversation',
          created_at: second.created_at,
        }),
      );
    });
  });

  test('new conversation needs the token that the other pages send: the original asked without one', async () => {
    expect((await call('/api/users/bayko/short')).status).toBe(401);
  });
});

test('a user reports a message of the other one, and gets the report’s uuid', async () => {
  const { message_group_uuid, created_at } = await as('bayko').says({ message: 'Not nice', handle: 'grahams' });
  const report = (handle: string, more: object) =>
    as(handle).send('POST', '/api/reports', { message_group_uuid, ...more });
  const made = await report('grahams', { created_at, reason: 'harassment', note: 'Look.' });
  expect([made.status, await json(made)]).toEqual([201, { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  expect(made.headers.get('cache-control')).toBe('no-store');
  expect(await codesOf(await report('bayko', { created_at, reason: 'spam' }))).toEqual([422, 'report_self']);
  expect(await codesOf(await report('reef', { reason: 'spam' }))).toEqual([404, 'message_group_unknown']);
  expect(await codesOf(await report('grahams', { reason: 'dislike' }))).toEqual([400, 'body_invalid']);
});

describe('sending', () => {
  test('access patterns C, D, E: a first message starts a conversation and appears in both inboxes; marking it as read clears the count', async () => {
    // No other test writes to this user, so the unread count is that of this test.
    const env = environmentOf(stack.ports);
    const added = await run(['bin/users', 'add', 'tide', '--email', 'tide@example.com'], env);
    expect(added, added.stderr).toMatchObject({ code: 0 });
    tokens.tide = (await run(['bin/cognito', 'token', 'tide'], env)).stdout.trim();

    const first = await as('bayko').says({ message: 'Hello tide', handle: 'tide' });
    expect(first).toEqual({
      uuid: expect.any(String),
      message_group_uuid: expect.any(String),
      user_uuid: seedUsers[2]?.user_uuid,
      handle: 'bayko',
      display_name: seedUsers[2]?.display_name,
      message: 'Hello tide',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
      seq: 1,
      sender_seq: 1,
      revision: 0,
    });
    const { message_group_uuid } = first;
    const second = await as('bayko').says({ message: 'Are you there?\n👋', message_group_uuid });
    expect(second.seq).toBe(first.seq + 1);
    expect((await as('bayko').says({ message: 'third', handle: '@Tide' })).message_group_uuid).toBe(message_group_uuid);

    await eventually(async () => {
      const [row] = await as('tide').inbox();
      expect(row).toMatchObject({
        uuid: message_group_uuid,
        handle: 'bayko',
        message: 'third',
        unread_count: second.seq + 1,
      });
    });
    const read = await as('tide').send('PUT', `/api/message_groups/${message_group_uuid}/read`, {
      created_at: second.created_at,
    });
    expect([read.status, await read.text()]).toEqual([204, '']);
    expect((await as('tide').inbox())[0]).toMatchObject({ unread_count: 1 });
  });

  test('a message is returned exactly as it was sent', async () => {
    const texts = [
      '<img src=x onerror=alert(1)>',
      '  spaces  ',
      'a\r\nb\tc',
      '\u202eאבג',
      '👩‍👩‍👧‍👦',
      '"\\',
      'e\u0301',
      '\u0000x',
    ];
    const { message_group_uuid } = await as('bayko').says({ message: texts[0], handle: 'grahams' });
    for (const message of texts.slice(1)) await as('bayko').says({ message, message_group_uuid });
    const page = await json<Row[]>(as('grahams').get(`/api/messages/${message_group_uuid}?limit=${texts.length}`));
    expect(page.map(({ message }) => message)).toEqual(texts);
  });

  test('a message of 1024 emoji, each escaped to twelve bytes, is not too large', async () => {
    const body = `{"message":"${'\\ud83d\\ude00'.repeat(1024)}","handle":"grahams"}`;
    const response = await as('bayko').send('POST', '/api/messages', body);
    expect(response.status).toBe(200);
    expect((await json<Row>(response)).message).toBe('😀'.repeat(1024));
  });

  test('Idempotency-Key: a repeated request returns the first message; another body is rejected', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = { message: 'only once', handle: 'grahams' };
    const first = await as('bayko').says(body, key);
    expect(await as('bayko').says(body, key)).toEqual(first);
    const other = await as('bayko').send('POST', '/api/messages', { ...body, message: 'twice' }, key);
    expect(await codesOf(other)).toEqual([422, 'idempotency_key_reused']);
  });

  test('eight concurrent requests with one key create one message', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = { message: 'one of eight', handle: 'grahams' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => as('bayko').says(body, key)));
    expect(new Set(answers.map(({ uuid }) => uuid)).size).toBe(1);
  });

  test('20 concurrent messages from both participants get consecutive numbers', async () => {
    const { message_group_uuid, created_at, seq } = await as('bayko').says({ message: 'go', handle: 'reef' });
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, n) => as(n % 2 ? 'bayko' : 'reef').says({ message: `n${n}`, message_group_uuid })),
    );
    const after = encodeURIComponent(created_at);
    const page = await json<Sent[]>(as('reef').get(`/api/messages/${message_group_uuid}?after=${after}&limit=100`));
    expect(page.map((message) => message.seq)).toEqual(sent.map((_, n) => seq + 1 + n));
    expect(page.map(({ uuid }) => uuid).sort()).toEqual(sent.map(({ uuid }) => uuid).sort());
  });

  test('50 messages in a row each reach the recipient’s inbox within a second, half of them within 300 ms', async () => {
    const durations: number[] = [];
    const { message_group_uuid } = await as('grahams').says({ message: 'start', handle: 'bayko' });
    for (let n = 0; n < 50; n++) {
      const message = `delivery ${n}`;
      const startedAt = performance.now();
      await as('grahams').says({ message, message_group_uuid });
      await eventually(async () => {
        const [row] = await as('bayko').inbox();
        expect(row).toMatchObject({ uuid: message_group_uuid, message });
      });
      durations.push(performance.now() - startedAt);
    }
    durations.sort((a, b) => a - b);
    const [median, slowest] = [durations[25] ?? 0, durations.at(-1) ?? 0];
    console.log(`POST to the other's inbox: median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms`);
    expect(median).toBeLessThan(300);
    expect(slowest).toBeLessThan(1000);
  });
});

describe('authorization', () => {
  let subject: Subject;
  let idToken: string;
  let brought: ReturnType<typeof tokensOf>;

  beforeAll(async () => {
    ({ idToken } = await tokensFor(callers.owner, stack.ports.cognito));
    brought = tokensOf(tokens, idToken);
    subject = { ...(await says()), self: callers.owner, handle: callers.peer, user_uuid: randomUUID() };
  });

  /** A new message of the owner, which both inboxes show. */
  async function says() {
    const { message_group_uuid, created_at } = await as(callers.owner).says({
      message: 'Between the two of us',
      handle: callers.peer,
    });
    await eventually(async () => {
      for (const handle of [callers.owner, callers.peer])
        expect(await as(handle).inbox()).toContainEqual(
          expect.objectContaining({ uuid: message_group_uuid, created_at }),
        );
    });
    return { message_group_uuid, created_at };
  }

  test('the matrix has an entry for every route of serverless.yml, and no other', () => {
    expect(gaps()).toEqual([]);
  });

  test.each(cases)('%s, %s: %s', async (route, caller, answer) => {
    const isSpent = matrix[route]?.spends && caller in callers;
    const about = isSpent ? { ...subject, ...(await says()) } : subject;
    const { path, ...request } = requestOf(route, { ...about, self: handleOf(caller) });
    const isErased = matrix[route]?.erases && caller in callers;
    const token = isErased ? (await signUpNewUser(stack)).accessToken : brought[caller];
    const response = await call(path, {
      ...request,
      ...(token !== undefined && { token }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await answerOf(route, response, about)).toBe(answer);
    if (isSpent) await says();
    if (matrix[route]?.signsOut && caller in callers) await signsInAgain(handleOf(caller));
  });

  /** A token tells its time in whole seconds: one of the second in which the user has signed out everywhere is refused. */
  async function signsInAgain(handle: string): Promise<void> {
    const signedOutAt = Date.now();
    await eventually(async () => {
      tokens[handle] = await stack.tokenFor(handle);
      expect((await as(handle).get('/api/me')).status).toBe(200);
      expect(Number(claimsOf(tokens[handle]).iat) * 1_000).toBeGreaterThan(signedOutAt);
    });
    brought = tokensOf(tokens, idToken);
  }

  test.each(Object.keys(matrix))('%s: claims in the emulator’s header are rejected', async (route) => {
    const { method, path } = requestOf(route, subject);
    const good = tokens.grahams ?? '';
    const pretended = { 'sls-offline-authorizer-override': JSON.stringify({ jwt: { claims: claimsOf(good) } }) };
    expect((await call(path, { method, headers: pretended })).status).toBe(401);
    expect((await call(path, { method, token: good, headers: pretended })).status).toBe(401);
  });

  test('an ID token is rejected, even with a malformed body, and with the claims of an access token', async () => {
    expect(claimsOf(idToken).token_use).toBe('id');
    const malformed = { method: 'POST', body: '{', headers: { 'content-type': 'text/plain' } };
    expect(await codesOf(await call('/api/messages', { token: idToken, ...malformed }))).toEqual([
      401,
      'token_invalid',
    ]);
    const dressedUp = sign({ ...claimsOf(tokens.grahams ?? ''), token_use: 'id' });
    expect(await codesOf(await call('/api/me', { token: dressedUp }))).toEqual([401, 'token_invalid']);
  });

  test('a stranger gets the same answers for an existing and an unknown conversation', async () => {
    const stranger = as('bayko');
    const nothing = randomUUID();
    const created_at = seeded[0]?.sk;
    const answers = async (conversation: string) => [
      await (await stranger.get(`/api/messages/${conversation}`)).text(),
      await (await stranger.send('POST', '/api/messages', { message: 'x', message_group_uuid: conversation })).text(),
      await (await stranger.send('PUT', `/api/message_groups/${conversation}/read`, { created_at })).text(),
    ];
    expect(await answers(seedConversationUuid)).toEqual(await answers(nothing));
    expect(await codesOf(await stranger.get(`/api/messages/${seedConversationUuid}`))).toEqual([
      404,
      'message_group_unknown',
    ]);
  });

  test('the sender follows from the token, not from body or headers', async () => {
    const body = { message: 'x', handle: 'reef', user_uuid: seedUsers[0]?.user_uuid, sender: 'grahams' };
    const response = await as('bayko').send('POST', '/api/messages', body, {
      'x-user-uuid': String(seedUsers[0]?.user_uuid),
    });
    expect(await json(response)).toMatchObject({ handle: 'bayko' });
  });
});

describe('the page and the API share an origin', () => {
  const methods = routes().flatMap((route) => /^(\w+) \/api\/\{proxy\+\}$/.exec(route)?.[1] ?? []);
  test.each(methods.filter((method) => method !== 'HEAD'))(
    '%s of an unknown path: 404 with a token, 401 without',
    async (method) => {
      for (const path of ['/api/nothing', '/api/messages/a/b/c']) {
        expect((await call(path, { method })).status).toBe(401);
        // The body is not parsed.
        const sent = { method, token: tokens.grahams ?? '', ...(method !== 'GET' && { body: 'no JSON' }) };
        expect(await codesOf(await call(path, sent))).toEqual([404, 'route_unknown']);
      }
    },
  );

  test('any other path answers GET with the page, and no other method', async () => {
    for (const path of ['/', '/messages', '/apiary']) {
      const response = await call(path, {});
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(response.headers.get('content-security-policy')).toContain(
        `connect-src 'self' http://localhost:${stack.ports.cognito}`,
      );
    }
    for (const path of ['/foo.php', '/.env', '/.sources']) expect((await call(path, {})).status).toBe(404);
    expect((await call('/robots.txt')).headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect((await call('/api', {})).status).toBe(401);
    expect((await call('/messages', { method: 'POST' })).status).toBe(404);
  });
});

test('GET /openapi.json is the committed document, for every caller', async () => {
  const response = await call('/openapi.json');
  expect(await json(response)).toEqual(openApi);
});

describe('signing up', () => {
  const pool = () => localPool(String(stack.ports.cognito));
  const ask = (handle: string, email: string) => signUp(pool(), { handle, email, display_name: 'Somebody New' });
  const confirmAndSignIn = async (email: string): Promise<string> => {
    await confirm(pool(), email, /every confirmation code is (\d{6})/.exec(stack.output())?.[1]);
    return (await signIn(pool(), email, seedPassword)).accessToken;
  };
  const choose = (token: string, body: object) =>
    call('/api/me', {
      token,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('after confirmation, a new user exists and can receive messages', async () => {
    await ask('Signe', 'signe@example.com');
    const token = await confirmAndSignIn('signe@example.com');
    const signe = {
      uuid: expect.any(String),
      handle: 'signe',
      display_name: 'Somebody New',
      read_receipts: true,
    };
    expect(await json(call('/api/me', { token }))).toEqual(signe);
    await as('bayko').says({ message: 'Welcome', handle: 'signe' });
  });

  // Not in documents.test.ts, whose other commands count the users of the pool.
  test('the documented curl commands sign up a user', async () => {
    const [commands = ''] = commandsTagged('sign-up');
    const script = commands.replace('localhost:9229', `localhost:${stack.ports.cognito}`);
    const env = { ...process.env, API: `${stack.httpUrl}/api`, TOKEN: tokens.bayko };
    const { stdout } = await promisify(execFile)('sh', ['-euc', script], { env });
    expect(stdout).toMatch(/"UserConfirmed":false.*\}\{\}.*"handle":"runa","display_name":"Runa Holm"/);
  });

  test('a taken and a malformed handle are rejected with a message, and another attempt succeeds', async () => {
    await expect(ask('Reef', 'second-reef@example.com')).rejects.toThrow('handle_taken: Another user has this handle.');
    await expect(ask('no blanks', 'second-reef@example.com')).rejects.toThrow('person_invalid: ');
    await ask('second_reef', 'second-reef@example.com');
    const token = await confirmAndSignIn('second-reef@example.com');
    expect(await json(call('/api/me', { token }))).toMatchObject({ handle: 'second_reef' });
  });

  test('if two new users request one handle, the second to confirm can sign in and choose another', async () => {
    const subs = [await ask('wanted', 'early@example.com'), await ask('wanted', 'late@example.com')];
    expect(new Set(subs).size).toBe(2);
    await confirmAndSignIn('early@example.com');
    const token = await confirmAndSignIn('late@example.com');
    expect(await codesOf(await call('/api/me', { token }))).toEqual([403, 'person_unknown']);
    expect(await codesOf(await choose(token, { handle: 'wanted' }))).toEqual([422, 'handle_taken']);
    const late = await json(choose(token, { handle: 'late', display_name: 'Late Riser' }));
    expect(late).toEqual({
      uuid: expect.any(String),
      handle: 'late',
      display_name: 'Late Riser',
      read_receipts: true,
    });
    expect(await json(call('/api/me', { token }))).toEqual(late);
    expect(await codesOf(await choose(token, { handle: 'later' }))).toEqual([422, 'identity_taken']);
  });
});

describe('the local stack answers as API Gateway does', () => {
  test('a token without the word Bearer is accepted', async () => {
    expect((await call('/api/me', { headers: { authorization: tokens.grahams ?? '' } })).status).toBe(200);
  });

  test('a path with a slash at its end is another path', async () => {
    expect((await as('grahams').get('/api/me/')).status).toBe(404);
  });

  test('the page and its files answer HEAD, the routes under /api do not', async () => {
    expect((await fetch(`${stack.httpUrl}/`, { method: 'HEAD' })).status).toBe(200);
    const headers = { authorization: `Bearer ${tokens.grahams}` };
    expect((await fetch(`${stack.httpUrl}/api/me`, { method: 'HEAD', headers })).status).toBe(404);
  });

  test('a path or a method without a route, and a body over 10 MB, are answered with a message', async () => {
    const answer = async (path: string, init: RequestInit) => {
      const response = await fetch(`${stack.httpUrl}${path}`, init);
      return [response.status, await response.json()];
    };
    expect(await answer('/session', { method: 'PUT' })).toEqual([404, { message: 'Not Found' }]);
    expect(await answer('/%zz', {})).toEqual([400, { message: 'Bad Request' }]);
    const body = new Uint8Array(10 * 1024 * 1024 + 1);
    const headers = { authorization: `Bearer ${tokens.grahams}` };
    expect(await answer('/api/messages', { method: 'POST', body, headers })).toEqual([
      413,
      { message: 'Request Entity Too Large' },
    ]);
  });

  test('a repeated header reaches the function with all its values', async () => {
    const status = (contentTypes: string[]) =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${tokens.bayko}`, 'content-type': contentTypes };
        const sent = httpRequest(`${stack.httpUrl}/api/messages`, { method: 'POST', headers }, (response) =>
          resolve(response.resume().statusCode),
        );
        sent.once('error', reject).end('{"message":"x"}');
      });
    expect(await status(['application/json'])).toBe(422);
    expect(await status(['text/plain', 'application/json'])).toBe(415);
  });

  test('a cookie of another program on this machine does no harm', async () => {
    expect((await fetch(stack.httpUrl, { headers: { cookie: 'theme={"dark":1}; session=x' } })).status).toBe(200);
  });
});

// docs/architecture.md lists these differences. A test that fails here says that one of them is gone.
describe('the local stack differs from AWS', () => {
  test('requests are not throttled', async () => {
    for (let n = 0; n < 45; n++) expect((await as('grahams').get('/api/me')).status).toBe(200);
  });

  test('headers of 11 KB are accepted', async () => {
    const headers = { 'x-large': 'x'.repeat(11 * 1024) };
    expect((await call('/api/me', { token: tokens.grahams ?? '', headers })).status).toBe(200);
  });

  test('a transaction reports the same capacity, whatever it does', async () => {
    const client = new DynamoDBClient({
      endpoint: `http://localhost:${stack.ports.dynamodb}`,
      region: 'local',
      credentials: localCredentials,
    });
    const capacityOf = async (items: number) => {
      const { ConsumedCapacity } = await client.send(
        new TransactWriteItemsCommand({
          ReturnConsumedCapacity: 'TOTAL',
          TransactItems: Array.from({ length: items }, (_, n) => ({
            ConditionCheck: {
              TableName: 'cruddur-messages',
              Key: { pk: { S: `capacity ${n}` }, sk: { S: 'none' } },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          })),
        }),
      );
      return ConsumedCapacity?.map(({ CapacityUnits }) => CapacityUnits);
    };
    expect(await Promise.all([1, 2, 10].map(capacityOf))).toEqual([[4], [4], [4]]);
    client.destroy();
  });

  test('DynamoDB Local listens on all interfaces', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((each = []) => each);
    const others = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal);
    for (const { address } of [...others, { address: '127.0.0.1' }])
      expect((await fetch(`http://${address}:${stack.ports.dynamodb}/`)).status).toBe(400);
  });
});

describe('errors', () => {
  const post = (body: unknown, headers = {}) => as('grahams').send('POST', '/api/messages', body, headers);
  const read = (body: unknown, conversation: string = seedConversationUuid) =>
    as('grahams').send('PUT', `/api/message_groups/${conversation}/read`, body);
  const get = (path: string) => as('grahams').get(path);
  const created_at = '2024-11-03T18:04:11.250731+00:00';
  /** Sends each character of `bytes` as one byte. */
  const sendBytes = (bytes: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    call('/api/messages', {
      token: tokens.grahams ?? '',
      method: 'POST',
      headers,
      body: Buffer.from(bytes, 'latin1'),
    });

  test.each<[number, string, () => Promise<Response>]>([
    [400, 'body_invalid', () => post('{"message":')],
    [400, 'body_invalid', () => post('')],
    [400, 'body_invalid', () => post('[]')],
    [400, 'body_invalid', () => post('null')],
    [400, 'body_invalid', () => post({ message: 5, handle: 'reef' })],
    [400, 'body_invalid', () => post({ message: 'x', handle: ['reef'] })],
    [400, 'message_group_uuid_invalid', () => post({ message: 'x', message_group_uuid: 'x' })],
    [400, 'message_group_uuid_invalid', () => get('/api/messages/x')],
    [400, 'message_group_uuid_invalid', () => read({ created_at }, 'x')],
    [400, 'created_at_invalid', () => read({ created_at: 'yesterday' })],
    [400, 'created_at_invalid', () => read({})],
    [400, 'body_invalid', () => read('"x"')],
    [400, 'body_invalid', () => read('false')],
    [400, 'after_invalid', () => get(`/api/messages/${seedConversationUuid}?after=2023`)],
    [400, 'limit_invalid', () => get('/api/message_groups?limit=0')],
    [400, 'limit_invalid', () => get('/api/message_groups?limit=101')],
    [400, 'limit_invalid', () => get(`/api/messages/${seedConversationUuid}?limit=1&limit=2`)],
    [400, 'limit_invalid', () => get('/api/users?prefix=re&limit=x')],
    [400, 'cursor_invalid', () => get('/api/message_groups?cursor=abc')],
    [
      400,
      'cursor_invalid',
      () => get(`/api/messages/${seedConversationUuid}?cursor=abc&after=${encodeURIComponent(created_at)}`),
    ],
    [400, 'prefix_invalid', () => get('/api/users')],
    [422, 'prefix_too_short', () => get('/api/users?prefix=%20')],
    [400, 'idempotency_key_invalid', () => post({ message: 'x', handle: 'reef' }, { 'idempotency-key': 'a b' })],
    [404, 'handle_unknown', () => post({ message: 'x', handle: 'nobody' })],
    [404, 'handle_unknown', () => get('/api/users/nobody/short')],
    [404, 'handle_unknown', () => get('/api/users/no%20body!/short')],
    [404, 'message_group_unknown', () => post({ message: 'x', message_group_uuid: randomUUID() })],
    [404, 'message_group_unknown', () => get(`/api/messages/${randomUUID()}`)],
    [404, 'message_group_unknown', () => read({ created_at }, randomUUID())],
    [404, 'message_unknown', () => read({ created_at: '2024-11-03T18:04:11.250732+00:00' })],
    [413, 'body_too_large', () => post({ message: 'x'.repeat(16 * 1024), handle: 'reef' })],
    [415, 'media_type_unsupported', () => post('message=x', { 'content-type': 'application/x-www-form-urlencoded' })],
    [415, 'media_type_unsupported', () => post({ message: 'x', handle: 'reef' }, { 'content-type': 'text/plain' })],
    [415, 'media_type_unsupported', () => sendBytes('{"message":"x","handle":"reef"}', {})],
    [415, 'media_type_unsupported', () => sendBytes('{"message":"x","handle":"reef"}', { 'content-encoding': 'gzip' })],
    [400, 'body_invalid', () => sendBytes('{"message":"caf\xe9","handle":"reef"}')],
    [400, 'body_invalid', () => sendBytes('{"message":"\xf0\x9f\x98","handle":"reef"}')],
    [422, 'message_blank', () => post({ message: ' \n\u200b', handle: 'reef' })],
    [422, 'message_blank', () => post({ handle: 'reef' })],
    [422, 'message_exceed_max_chars', () => post({ message: 'x'.repeat(1025), handle: 'reef' })],
    [422, 'message_to_self', () => post({ message: 'x', handle: 'grahams' })],
    [422, 'recipient_missing', () => post({ message: 'x' })],
    [422, 'recipient_missing', () => post({ message: 'x', handle: 'reef', message_group_uuid: seedConversationUuid })],
  ])('%i %s', async (status, code, request) => {
    expect(await codesOf(await request())).toEqual([status, code]);
  });

  test('an error names its field', async () => {
    expect(await json(post({ message: '', message_group_uuid: 'x' }))).toHaveProperty('errors', [
      { code: 'message_blank', field: 'message' },
      { code: 'message_group_uuid_invalid', field: 'message_group_uuid' },
    ]);
  });

  const send = ({ path, ...request }: RandomRequest) => call(path, { token: tokens.bayko ?? '', ...request });

  // They may block a user whom another test writes to.
  afterAll(async () => {
    for (const { uuid } of await json<{ uuid: string }[]>(as('bayko').get('/api/blocks?limit=100')))
      await as('bayko').send('DELETE', `/api/blocks/${uuid}`, undefined);
  });

  test('500 random requests are all answered, without a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequests(), async (request) => {
        const response = await send(request);
        expect(response.status).toBeLessThan(500);
        await response.text();
      }),
      { numRuns: 500, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: true },
    );
  });

  test('of 200 random requests that the document allows, none is answered as malformed', async () => {
    await fc.assert(
      fc.asyncProperty(allowedRequests(), async (request) => {
        expect([400, 413, 415]).not.toContain((await send(request)).status);
      }),
      { numRuns: 200, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: true },
    );
  });
});

describe('browsers', () => {
  const preflight = (origin: string) =>
    call('/api/messages', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });

  test.each(webOrigins)(
    'pages of the configured origin %s may call, send Idempotency-Key and read Link',
    async (origin) => {
      const { status, headers } = await preflight(origin);
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('idempotency-key');
      const used = routes().filter((route) => / \/api\//.test(route) && !route.includes('{proxy+}'));
      expect(headers.get('access-control-allow-methods')?.split(',')).toEqual(
        [...new Set(used.map((route) => route.split(' ')[0]))].sort(),
      );
      expect(headers.get('access-control-expose-headers')).toContain('Link');
    },
  );

  test('another origin may not call', async () => {
    expect((await preflight('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('an answer names the configured origin and the headers that its pages may read, once; no other origin', async () => {
    const corsFor = async (origin: string) => {
      const { headers } = await call('/api/me', { token: tokens.grahams ?? '', headers: { origin } });
      return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));
    };
    for (const origin of webOrigins) {
      expect(await corsFor(origin)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'Link,More-Results,Retry-After',
      });
    }
    expect(await corsFor('https://elsewhere.example')).toEqual({});
    expect(await corsFor(stack.httpUrl)).toEqual({}); // pages of the API's own origin need none
  });

  test('pages of other origins cannot use DynamoDB Local', async () => {
    const address = `http://localhost:${stack.ports.dynamodb}`;
    for (const origin of ['https://elsewhere.example', stack.httpUrl, 'null']) {
      for (const method of ['OPTIONS', 'POST']) {
        const { headers } = await fetch(address, {
          method,
          headers: { origin, 'access-control-request-method': 'POST' },
        });
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });
});

test('the stack’s output contains no message, token or e-mail address', async () => {
  const secret = `a text that nobody else shall see ${randomUUID()}`;
  await as('bayko').says({ message: secret, handle: 'reef' });
  await as('bayko').send('POST', '/api/messages', `{"message":"${secret}"`);
  await eventually(async () => expect((await as('reef').inbox()).some(({ message }) => message === secret)).toBe(true));
  // The seeded users' addresses are in what the start prints, before its last line. The log file has everything.
  const [, logFile = '', output = ''] = /^Log +(\S+)[\s\S]*^Ready after (.*)/ms.exec(stack.output()) ?? [];
  const log = readFileSync(resolve(import.meta.dirname, '../..', logFile), 'utf8');
  for (const printed of [output, log]) expect(printed).toContain('sendMessage');
  for (const kept of [secret, tokens.bayko ?? '', '@example.com', 'Somebody New'])
    expect(`${output}${log}`.includes(kept)).toBe(false);
});
