import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { badTokens, claimsOf, sign } from './tokens.ts';

/**
 * The users who call. The owner and the peer have a conversation. It is not that of grahams and reef, which the seeds contain: other
 * tests only read that one, and a pair has no second conversation.
 */
export const callers = { owner: 'grahams', peer: 'bayko', stranger: 'reef' } as const;

/** Callers with the owner's token and one defect, by its name in `badTokens`. */
const wrong = {
  expired: 'expired a minute ago',
  'forged signature': 'signed with another key',
  'changed claims': 'claims changed',
  'no signature': 'not signed',
  'wrong issuer': 'of another pool',
  'wrong client': 'for another client',
  nonsense: 'not a token',
} as const;

type Known = keyof typeof callers;
export type Caller = Known | keyof typeof wrong | 'no token' | 'id token' | 'unknown user';

/** The values that fill in a request. */
export interface Subject {
  /** The caller's own handle; an unused one if the caller is not a user. */
  self: string;
  /** The handle of the user that the request asks about. */
  handle: string;
  message_group_uuid: string;
  /** Of nobody: a block would outlive its test. */
  user_uuid: string;
  /** `created_at` of a message in the conversation. */
  created_at: string;
}

interface Entry {
  query?: string;
  /** Whether a request uses its message up: then each needs one of its own, and a newer one after it. */
  spends?: true;
  /** Whether a request erases the caller: then a new user makes it in the place of each. */
  erases?: true;
  /** Whether a request makes the caller's token invalid: then the caller signs in again. */
  signsOut?: true;
  body?: (subject: Subject) => object;
  /** The part of a successful answer that tells whose data it is; follows the status in `answers`. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any route
  shows?: (answer: any, subject: Subject) => string;
  /** The status, followed by the code of a domain error, or by `Unauthorized` if API Gateway rejects the token. */
  answers: Record<Caller, string>;
}

/** The answers of a route that only users may call, for all other callers. */
const closed = {
  'no token': '401 Unauthorized',
  expired: '401 Unauthorized',
  'forged signature': '401 Unauthorized',
  'changed claims': '401 Unauthorized',
  'no signature': '401 Unauthorized',
  'wrong issuer': '401 Unauthorized',
  'wrong client': '401 Unauthorized',
  nonsense: '401 Unauthorized',
  'id token': '401 token_invalid', // its `aud` is the web client, so it passes API Gateway; the functions reject it
  'unknown user': '403 person_unknown',
};

/**
 * The routes that need a token, except those of unknownRoute: the answers to each caller's request, which is valid otherwise. A further
 * entry of a route, for another kind of request, has words after its path.
 */
const entries: Record<string, Entry> = {
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
  'GET /api/message_groups/{message_group_uuid}': {
    shows: ({ handle }) => `with ${handle}`,
    answers: {
      ...closed,
      owner: '200 with bayko',
      peer: '200 with grahams',
      stranger: '404 message_group_unknown',
    },
  },
  'PUT /api/message_groups/{message_group_uuid}/read': {
    body: ({ created_at }) => ({ created_at }),
    answers: { ...closed, owner: '204', peer: '204', stranger: '404 message_group_unknown' },
  },
  'PATCH /api/messages/{message_group_uuid}/{created_at}': {
    body: () => ({ message: 'May I, please?' }),
    shows: ({ message, revision }) => `${message} ${revision}`,
    spends: true,
    answers: {
      ...closed,
      owner: '200 May I, please? 1',
      peer: '422 message_not_yours',
      stranger: '404 message_group_unknown',
    },
  },
  'DELETE /api/messages/{message_group_uuid}/{created_at}': {
    spends: true,
    answers: { ...closed, owner: '204', peer: '422 message_not_yours', stranger: '404 message_group_unknown' },
  },
  'PUT /api/message_groups/{message_group_uuid}/cleared': {
    spends: true,
    body: ({ created_at }) => ({ created_at }),
    answers: { ...closed, owner: '204', peer: '204', stranger: '404 message_group_unknown' },
  },
  'PUT /api/message_groups/{message_group_uuid}/mute': {
    answers: { ...closed, owner: '204', peer: '204', stranger: '404 message_group_unknown' },
  },
  'DELETE /api/message_groups/{message_group_uuid}/mute': {
    answers: { ...closed, owner: '204', peer: '204', stranger: '404 message_group_unknown' },
  },
  'PUT /api/message_groups/{message_group_uuid}/unread': {
    answers: { ...closed, owner: '204', peer: '204', stranger: '404 message_group_unknown' },
  },
  'GET /api/blocks': {
    answers: { ...closed, owner: '200', peer: '200', stranger: '200' },
  },
  'PUT /api/blocks/{user_uuid}': {
    answers: { ...closed, owner: '404 user_unknown', peer: '404 user_unknown', stranger: '404 user_unknown' },
  },
  'DELETE /api/blocks/{user_uuid}': {
    answers: { ...closed, owner: '404 user_unknown', peer: '404 user_unknown', stranger: '404 user_unknown' },
  },
  'POST /api/reports': {
    body: ({ message_group_uuid }) => ({ message_group_uuid, reason: 'spam' }),
    answers: { ...closed, owner: '201', peer: '201', stranger: '404 message_group_unknown' },
  },
  'POST /api/reports of a message': {
    body: ({ message_group_uuid, created_at }) => ({ message_group_uuid, created_at, reason: 'spam' }),
    spends: true, // as long as neither has cleared it
    answers: { ...closed, owner: '422 report_self', peer: '201', stranger: '404 message_group_unknown' },
  },
  'POST /api/realtime/tickets': {
    shows: ({ url, ticket, expires_in }) => `${new URL(url).protocol} ${typeof ticket} ${expires_in}`,
    answers: { ...closed, owner: '201 ws: string 60', peer: '201 ws: string 60', stranger: '201 ws: string 60' },
  },
  'DELETE /api/realtime/connections': {
    signsOut: true,
    answers: { ...closed, owner: '204', peer: '204', stranger: '204' },
  },
  'GET /api/limits': {
    answers: { ...closed, owner: '200', peer: '200', stranger: '200' },
  },
  'GET /api/unread': {
    shows: ({ message_groups }) => (message_groups >= 0 ? 'a count' : 'no count'),
    answers: { ...closed, owner: '200 a count', peer: '200 a count', stranger: '200 a count' },
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
  'GET /api/me/export': {
    shows: ([me]: { handle: string }[]) => me?.handle ?? 'nobody',
    answers: { ...closed, owner: '200 grahams', peer: '200 bayko', stranger: '200 reef' },
  },
  'PATCH /api/me': {
    body: () => ({ read_receipts: true }),
    shows: ({ handle }) => handle,
    answers: { ...closed, owner: '200 grahams', peer: '200 bayko', stranger: '200 reef' },
  },
  'DELETE /api/me': {
    erases: true,
    answers: { ...closed, owner: '202', peer: '202', stranger: '202' },
  },
  'POST /api/me': {
    body: ({ self }) => ({ handle: self, display_name: 'New User' }),
    shows: ({ handle, display_name }) => `${handle}, ${display_name}`,
    answers: {
      ...closed,
      owner: '200 grahams, Grahams Tartar', // the caller's profile, not the one in the body
      peer: '200 bayko, Bayko Lindqvist',
      stranger: '200 reef, Wriggle Reef',
      'unknown user': '401 token_invalid', // the pool does not know this `sub`, and only the pool can tell the e-mail address
    },
  },
};

/** The answers of unknownRoute: 404 for every caller with a valid access token, user or not. */
const unknown: Entry = {
  answers: {
    ...closed,
    owner: '404 route_unknown',
    peer: '404 route_unknown',
    stranger: '404 route_unknown',
    'unknown user': '404 route_unknown',
  },
};

/** The routes that need no token. */
export const openRoutes = [
  'GET /',
  'GET /assets/{file}',
  'GET /{proxy+}',
  'GET /openapi.json',
  'HEAD /',
  'HEAD /assets/{file}',
  'HEAD /{proxy+}',
  'HEAD /openapi.json',
  'POST /session',
  'DELETE /session',
];

interface Event {
  httpApi?: { method: string; path: string };
}

const { functions } = parse(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8'), {
  logLevel: 'silent', // CloudFormation's tags
}) as { functions: Record<string, { events?: Event[] }> };

/** The function of each route of serverless.yml. A route is written as `METHOD path`. */
const functionOf = new Map<string, string>(
  Object.entries(functions).flatMap(([name, { events = [] }]) =>
    events.flatMap(({ httpApi }): [string, string][] => (httpApi ? [[`${httpApi.method} ${httpApi.path}`, name]] : [])),
  ),
);

/** Every route of serverless.yml. */
export const routes = (): string[] => [...functionOf.keys()];

/** @returns the route of an entry */
const routeOf = (entry: string): string => entry.split(' ').slice(0, 2).join(' ');

/** Every route of serverless.yml that needs a token and has an entry, with its further entries. */
export const matrix: Record<string, Entry> = Object.fromEntries([
  ...routes().flatMap((route): [string, Entry][] => {
    const entry = functionOf.get(route) === 'unknownRoute' ? unknown : entries[route];
    return entry ? [[route, entry]] : [];
  }),
  ...Object.entries(entries).filter(([name]) => name !== routeOf(name)),
]);

/** The differences between serverless.yml and this file: one line each, which says what to do. */
export function gaps(): string[] {
  const file = 'test/support/authorization.ts';
  const missing = routes().filter((route) => !matrix[route] && !openRoutes.includes(route));
  const stale = [...Object.keys(entries), ...openRoutes].filter((route) => !functionOf.has(routeOf(route)));
  return [
    ...missing.map(
      (route) =>
        `${route} has no entry: add one to \`entries\` in ${file} with the answer to each caller, or, if the route needs no token, ` +
        'add it to `openRoutes` there',
    ),
    ...stale.map((route) => `${route} is not in serverless.yml: remove it from ${file}`),
  ];
}

/** One case for each route and caller. An answer to HEAD has no body, and so shows only the status. */
export const cases = Object.entries(matrix).flatMap(([route, { answers }]) =>
  Object.entries(answers).map(([caller, answer]): [string, Caller, string] => [
    route,
    caller as Caller,
    route.startsWith('HEAD ') ? answer.slice(0, 3) : answer,
  ]),
);

/** @returns the caller's handle; an unused one if the caller is not a user */
export const handleOf = (caller: Caller): string => (caller in callers ? callers[caller as Known] : 'new_user');

/**
 * @param accessTokens access tokens of the users, by handle
 * @param idToken the owner's ID token
 * @returns the token that each caller sends; undefined for none
 */
export function tokensOf(accessTokens: Record<string, string>, idToken: string): Record<Caller, string | undefined> {
  const of = (caller: Known) => accessTokens[callers[caller]] as string;
  const bad = badTokens(of('owner'));
  const defective = Object.entries(wrong).map(([caller, name]) => {
    // Without this, a misspelt name would send no token, which is rejected too.
    if (!bad[name]) throw new Error(`badTokens in test/support/tokens.ts makes no token "${name}"`);
    return [caller, bad[name]];
  });
  return {
    owner: of('owner'),
    peer: of('peer'),
    stranger: of('stranger'),
    'no token': undefined,
    'id token': idToken,
    'unknown user': sign({ ...claimsOf(of('owner')), sub: randomUUID() }),
    ...(Object.fromEntries(defective) as Record<keyof typeof wrong, string>),
  };
}

/** @returns a valid request of the route, for any caller */
export function requestOf(route: string, subject: Subject): { method: string; path: string; body?: string } {
  const { query, body } = matrix[route] ?? {};
  const [method = '', template = ''] = route.split(' ');
  const path = template
    .replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(subject[name as keyof Subject]))
    .replace('{proxy+}', 'no/route');
  return { method, path: query ? `${path}?${query}` : path, ...(body && { body: JSON.stringify(body(subject)) }) };
}

/** @returns the answer in the form of `Entry.answers` */
export async function answerOf(route: string, response: Response, subject: Subject): Promise<string> {
  const text = await response.text();
  if (text === '') return String(response.status);
  const areLines = response.headers.get('content-type') === 'application/x-ndjson';
  const body = JSON.parse(areLines ? `[${text.trimEnd().replaceAll('\n', ',')}]` : text);
  const words = () => {
    if (response.ok) return matrix[route]?.shows?.(body, subject);
    if (response.headers.get('content-type') !== 'application/problem+json') return body.message;
    return body.errors.map(({ code }: { code: string }) => code).join();
  };
  return [response.status, words()].filter(Boolean).join(' ');
}
