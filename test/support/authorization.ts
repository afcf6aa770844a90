import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { badTokens, claimsOf, sign } from './tokens.ts';

/**
 * Who asks. The conversation is that of grahams and bayko: grahams and reef have the seeds' own, which other tests only read,
 * and a pair has no second one.
 */
export const callers = { owner: 'grahams', peer: 'bayko', stranger: 'reef' } as const;

/** Who asks with the owner's token and one thing wrong with it, as `badTokens` calls it. */
const wrong = {
  expired: 'expired a minute ago',
  'forged signature': 'signed with another key',
  'changed claims': 'its claims changed',
  'no signature': 'not signed at all',
  'wrong issuer': 'made by another pool',
  'wrong client': 'made for another client',
  nonsense: 'no token',
} as const;

type Known = keyof typeof callers;
export type Caller = Known | keyof typeof wrong | 'no token' | 'id token' | 'unknown person';

/** What a request is about. */
export interface Subject {
  /** The caller's own handle; a free one for whoever is nobody here. */
  self: string;
  /** Whom it asks about. */
  handle: string;
  message_group_uuid: string;
  /** The time of a message of it. */
  created_at: string;
}

interface Entry {
  query?: string;
  body?: (subject: Subject) => object;
  /** What a good answer shows of whose data it is; it follows the status. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer, looked at by the test
  shows?: (answer: any, subject: Subject) => string;
  /** A status; with the code of its problem where the core refuses, and `Unauthorized` where API Gateway does. */
  answers: Record<Caller, string>;
}

/** A route that is open only to people of ours: what all others get. */
const closed = {
  'no token': '401 Unauthorized',
  expired: '401 Unauthorized',
  'forged signature': '401 Unauthorized',
  'changed claims': '401 Unauthorized',
  'no signature': '401 Unauthorized',
  'wrong issuer': '401 Unauthorized',
  'wrong client': '401 Unauthorized',
  nonsense: '401 Unauthorized',
  'id token': '401 token_invalid', // its `aud` is our client, so it passes API Gateway: the functions refuse it
  'unknown person': '403 person_unknown',
};

/** Every route of serverless.yml, and what each caller gets there with a request that is otherwise in order. */
export const matrix: Record<string, Entry> = {
  'GET /api/message_groups': {
    shows: (rows: { uuid: string }[], { message_group_uuid }) =>
      rows.some(({ uuid }) => uuid === message_group_uuid) ? 'with it' : 'without it',
    answers: { ...closed, owner: '200 with it', peer: '200 with it', stranger: '200 without it' },
  },
  'GET /api/messages/{message_group_uuid}': {
    answers: { ...closed, owner: '200', peer: '200', stranger: '404 message_group_unknown' },
  },
  'POST /api/messages': {
    body: ({ message_group_uuid }) => ({ message: 'May I?', message_group_uuid }),
    shows: ({ handle }) => `by ${handle}`,
    answers: { ...closed, owner: '200 by grahams', peer: '200 by bayko', stranger: '404 message_group_unknown' },
  },
  'PUT /api/message_groups/{message_group_uuid}/read': {
    body: ({ created_at }) => ({ created_at }),
    answers: { ...closed, owner: '204', peer: '204', stranger: '404 message_group_unknown' },
  },
  'GET /api/users/{handle}/short': {
    answers: { ...closed, owner: '200', peer: '200', stranger: '200' },
  },
  'GET /api/users': {
    query: 'prefix=re',
    answers: { ...closed, owner: '200', peer: '200', stranger: '200' },
  },
  'GET /api/me': {
    shows: ({ handle }) => handle,
    answers: { ...closed, owner: '200 grahams', peer: '200 bayko', stranger: '200 reef' },
  },
  'POST /api/me': {
    body: ({ self }) => ({ handle: self, display_name: 'Somebody' }),
    shows: ({ handle, display_name }) => `${handle}, ${display_name}`,
    answers: {
      ...closed,
      owner: '200 grahams, Grahams Tartar', // who they are, not who they say
      peer: '200 bayko, Bayko Lindqvist',
      stranger: '200 reef, Wriggle Reef',
      'unknown person': '401 token_invalid', // open to them, if the pool knew them, who alone can tell their address
    },
  },
};

/** What is no route: a good token is told so, be it of somebody here or not. */
for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
  const none = '404 route_unknown';
  matrix[`${method} /api/{proxy+}`] = {
    answers: { ...closed, owner: none, peer: none, stranger: none, 'unknown person': none },
  };
}
matrix['GET /api'] = matrix['GET /api/{proxy+}'] as Entry;

/** What a browser asks for without a token. */
export const openRoutes = ['GET /', 'GET /{proxy+}', 'POST /session', 'DELETE /session'];

/** One case for each route and caller. */
export const cases = Object.entries(matrix).flatMap(([route, { answers }]) =>
  Object.entries(answers).map(([caller, answer]): [string, Caller, string] => [route, caller as Caller, answer]),
);

interface Event {
  httpApi?: string | { method: string; path: string };
}

/** Every route of serverless.yml, as `METHOD path`. */
export function routes(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8');
  const { functions } = parse(text, { logLevel: 'silent' }) as { functions: Record<string, { events?: Event[] }> };
  return Object.values(functions).flatMap(({ events = [] }) =>
    events.flatMap(({ httpApi }) => {
      if (httpApi === undefined) return [];
      return typeof httpApi === 'string' ? httpApi : `${httpApi.method.toUpperCase()} ${httpApi.path}`;
    }),
  );
}

/** The handle that a caller goes by. */
export const handleOf = (caller: Caller): string => (caller in callers ? callers[caller as Known] : 'newcomer');

/**
 * The token that each caller brings; undefined is none.
 * @param accessTokens those of the people, by handle
 * @param idToken the owner's
 */
export function tokensOf(accessTokens: Record<string, string>, idToken: string): Record<Caller, string | undefined> {
  const of = (caller: Known) => accessTokens[callers[caller]] as string;
  const bad = badTokens(of('owner'));
  const spoilt = Object.entries(wrong).map(([caller, name]) => {
    if (!bad[name]) throw new Error(`badTokens has none ${name}`); // sent without one, it would be refused all the same
    return [caller, bad[name]];
  });
  return {
    owner: of('owner'),
    peer: of('peer'),
    stranger: of('stranger'),
    'no token': undefined,
    'id token': idToken,
    'unknown person': sign({ ...claimsOf(of('owner')), sub: randomUUID() }),
    ...(Object.fromEntries(spoilt) as Record<keyof typeof wrong, string>),
  };
}

/** The request that a route gets, in order whoever asks. */
export function requestOf(route: string, subject: Subject): { method: string; path: string; body?: string } {
  const { query, body } = matrix[route] ?? {};
  const [method = '', template = ''] = route.split(' ');
  const path = template
    .replace(/\{(\w+)\}/g, (_, name) => subject[name as keyof Subject])
    .replace('{proxy+}', 'no/route');
  return { method, path: query ? `${path}?${query}` : path, ...(body && { body: JSON.stringify(body(subject)) }) };
}

/** An answer as the matrix writes it. */
export async function answerOf(route: string, response: Response, subject: Subject): Promise<string> {
  const text = await response.text();
  const body = text && JSON.parse(text);
  const words = () => {
    if (response.ok) return matrix[route]?.shows?.(body, subject);
    if (response.headers.get('content-type') !== 'application/problem+json') return body.message;
    return body.errors.map(({ code }: { code: string }) => code).join();
  };
  return [response.status, words()].filter(Boolean).join(' ');
}
