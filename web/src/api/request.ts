import { SignedOutError, toApiError } from './errors.ts';
import { reach, read } from './fetch.ts';
import { accessToken, renewAccessToken } from './session.ts';

/** A list goes on where `next` leads (RFC 8288). */
export interface Page<Row> {
  rows: Row[];
  next: string | undefined;
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT';
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * Asks the API as whoever is signed in. A token that has just ended is renewed, once.
 * @param path with its query, from the root: `/api/me`
 * @returns what it answered, parsed
 * @throws ApiError for a refusal, or when nothing answers; SignedOutError
 */
export async function request<Body>(path: string, options: Options = {}): Promise<Body> {
  return read<Body>(await fetchAuthorized(path, options));
}

/** The same for what answers `204 No Content`. */
export async function command(path: string, options: Options): Promise<void> {
  await fetchAuthorized(path, options);
}

/** The same for a list, a page at a time. */
export async function page<Row>(path: string, signal?: AbortSignal): Promise<Page<Row>> {
  const response = await fetchAuthorized(path, signal ? { signal } : {});
  return { rows: await read<Row[]>(response), next: nextIn(response.headers.get('link')) };
}

async function fetchAuthorized(path: string, options: Options): Promise<Response> {
  let response = await send(path, options, await accessToken());
  if (response.status === 401) response = await send(path, options, await renewAccessToken());
  if (response.status === 401) throw new SignedOutError();
  if (!response.ok) throw await toApiError(response);
  return response;
}

function send(path: string, { method = 'GET', body, headers, signal }: Options, token: string): Promise<Response> {
  const init = {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  };
  return reach(path, init, signal);
}

/** @param link the `Link` header, of this origin: the API's are relative */
export function nextIn(link: string | null): string | undefined {
  const [, target] = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '') ?? [];
  return target;
}
