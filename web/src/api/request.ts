import { toApiError, unexpectedAnswer } from './errors.ts';
import { fetchWithTimeout, readJson, readText } from './fetch.ts';
import type { Unread } from './schema.ts';
import { accessToken, renewAccessToken, tokenExpiry } from './session.ts';

/** One page of a list. `next` is the path of the following page (RFC 8288). */
export interface Page<Row> {
  rows: Row[];
  next: string | undefined;
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: object;
  headers?: Record<string, string>;
  /** Lets the browser complete the request after the page is left. */
  keepalive?: boolean;
  signal?: AbortSignal;
}

/**
 * Calls the API as the signed-in user. After a 401 it renews the access token and tries once more.
 * @param path from the root, with its query: `/api/me`
 * @returns the parsed body
 * @throws ApiError for an error response, or when there is no response; SignedOutError when the session has ended
 */
export async function request<Body>(path: string, options: Options = {}): Promise<Body> {
  const body = await readJson<Body>(await fetchAuthorized(path, options));
  if (!isEntity(body)) throw unexpectedAnswer();
  return body;
}

/**
 * Whether a body can come from the API: all its users, messages and conversations have a uuid. A proxy may answer 200 with its own body.
 */
const isEntity = (body: unknown) => typeof (body as { uuid?: unknown } | null)?.uuid === 'string';
const areEntities = (body: unknown) => Array.isArray(body) && body.every(isEntity);

/** Like {@link request}, for routes that answer `204 No Content`. */
export async function requestNoContent(path: string, options: Options): Promise<void> {
  await fetchAuthorized(path, options);
}

/** Asks the service to count what the user has not read. */
export async function requestUnread(signal: AbortSignal): Promise<Unread> {
  const body = await readJson<Partial<Unread>>(await fetchAuthorized('/api/unread', { signal }));
  if (typeof body?.unread_count !== 'number') throw unexpectedAnswer();
  return body as Unread;
}

/** Like {@link request}, for one page of a list. */
export async function requestPage<Row>(path: string, signal?: AbortSignal): Promise<Page<Row>> {
  const response = await fetchAuthorized(path, signal ? { signal } : {});
  const rows = await readJson<Row[]>(response);
  if (!areEntities(rows)) throw unexpectedAnswer();
  return { rows, next: nextLink(response.headers.get('link')) };
}

/** Like {@link request}, for a list without pages. @returns its first rows, and whether the service has left out more */
export async function requestMatches<Row>(path: string, signal: AbortSignal): Promise<{ rows: Row[]; more: boolean }> {
  const response = await fetchAuthorized(path, { signal });
  const rows = await readJson<Row[]>(response);
  if (!areEntities(rows)) throw unexpectedAnswer();
  return { rows, more: response.headers.get('more-results') === 'true' };
}

/** One page of JSON lines, as text: each line is one JSON object, and ends. `next` is as in a {@link Page}. */
export async function requestLines(
  path: string,
  signal: AbortSignal,
): Promise<{ text: string; next: string | undefined }> {
  const response = await fetchAuthorized(path, { signal });
  const text = await readText(response);
  // A proxy may answer 200 with its own body.
  if (!/^application\/x-ndjson\b/.test(response.headers.get('content-type') ?? '')) throw unexpectedAnswer();
  return { text, next: nextLink(response.headers.get('link')) };
}

/** What opens one WebSocket. */
export interface Ticket {
  /** The address of the WebSocket API. */
  url: string;
  /** Opens one connection, within a minute. */
  ticket: string;
  /** When the service ends the connection: with the access token that the ticket was requested with. In milliseconds since 1970. */
  endsAt: number;
}

/** Requests a ticket. @throws ApiError, SignedOutError */
export async function requestTicket(): Promise<Ticket> {
  const response = await fetchAuthorized('/api/realtime/tickets', { method: 'POST' });
  const { url, ticket } = await readJson<Partial<Ticket>>(response);
  if (typeof url !== 'string' || typeof ticket !== 'string') throw unexpectedAnswer();
  return { url, ticket, endsAt: tokenExpiry() };
}

/**
 * Sends a request with the access token, which it renews once after a `401`. If the renewed token is refused, too, the session goes on: the
 * sign-in page would lead back here at once.
 */
async function fetchAuthorized(path: string, options: Options): Promise<Response> {
  let response = await send(path, options, await accessToken());
  if (response.status === 401) response = await send(path, options, await renewAccessToken());
  if (!response.ok) throw await toApiError(response);
  return response;
}

function send(
  path: string,
  { method = 'GET', body, headers, keepalive, signal }: Options,
  token: string,
): Promise<Response> {
  const init = {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
    ...(keepalive && { keepalive }),
  };
  return fetchWithTimeout(path, init, signal);
}

/** @param link the `Link` header @returns its `rel="next"` target, which the API gives as a path of this origin */
export function nextLink(link: string | null): string | undefined {
  const [, target] = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '') ?? [];
  return target;
}
