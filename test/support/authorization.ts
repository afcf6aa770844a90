import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Tokens } from '../../bin/console/pool.ts';
import { badTokens, claimsOf, sign } from './tokens.ts';

/**
 * Who asks. The conversation is that of grahams and bayko: grahams and reef have the seeds' own, which other tests only read,
 * and a pair has no second one.
 */
export const people = { owner: 'grahams', peer: 'bayko', stranger: 'reef' } as const;

/** Everybody else brings a token that is right but for one thing; those of `badTokens` under the names that it gives them. */
const wrong = {
  expired: 'expired a minute ago',
  'forged signature': 'signed with another key',
  'changed claims': 'its claims changed',
  'no signature': 'not signed at all',
  'wrong issuer': 'made by another pool',
  'wrong client': 'made for another client',
  nonsense: 'no token',
} as const;

type Known = keyof typeof people;
type Wrong = keyof typeof wrong;
export type Caller = Known | Wrong | 'no token' | 'id token' | 'unknown person';

/** What a request is about. */
export interface Subject {
  /** The caller's own handle; that of a newcomer for whoever is nobody here. */
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
    body: ({ handle }) => ({ handle, display_name: 'Somebody' }),
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

/** One case for each route and caller. */
export const cases = Object.entries(matrix).flatMap(([route, { answers }]) =>
  Object.entries(answers).map(([caller, answer]) => ({ route, caller: caller as Caller, answer })),
);

/** Every route of serverless.yml, as its `method path`. */
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
interface Event {
  httpApi?: string | { method: string; path: string };
}

/**
 * The token that a caller brings.
 * @param tokens those of the owner, of the peer and of the stranger
 * @returns undefined for whoever brings none
 */
export function tokenOf(caller: Caller, tokens: Record<Known, Tokens>): string | undefined {
  const { accessToken, idToken } = tokens.owner;
  if (caller in people) return tokens[caller as Known].accessToken;
  if (caller === 'no token') return undefined;
  if (caller === 'id token') return idToken;
  if (caller === 'unknown person') return sign({ ...claimsOf(accessToken), sub: randomUUID() });
  const token = badTokens(accessToken)[wrong[caller as Wrong]];
  if (token === undefined) throw new Error(`badTokens makes none for: ${caller}`); // no token at all would be refused as well
  return token;
}

/** The request that a route gets, the same for every caller. */
export function requestOf(route: string, subject: Subject): { method: string; path: string; body?: string } {
  const [method, template] = route.split(' ') as [string, string];
  const { query, body } = matrix[route] as Entry;
  const path = template.replace(/\{(\w+)\}/g, (_, name) => {
    const value = subject[name as keyof Subject];
    if (value === undefined) throw new Error(`what stands for ${name} in ${route}?`);
    return value;
  });
  return {
    method,
    path: query ? `${path}?${query}` : path,
    ...(body && { body: JSON.stringify(body(subject)) }),
  };
}
