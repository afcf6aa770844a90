import { useSyncExternalStore } from 'react';
import { SignedOutError, toApiError } from './errors.ts';
import { fetchWithTimeout, readJson } from './fetch.ts';
import { forget } from './storage.ts';

// The session of the signed-in user. The access token (valid for an hour) stays in this module's memory and never in web
// storage, which any script of the page can read. The refresh token is in an HttpOnly cookie (handlers/site/session.ts); after a
// reload the page exchanges it for a new access token.

interface AccessToken {
  value: string;
  /** In milliseconds since 1970. */
  expiresAt: number;
}

/** `unknown` until the first request shows whether the session cookie is valid. */
export type SessionState = 'unknown' | 'signed in' | 'signed out';

// Renews a token a minute before it expires, so that it does not expire while a request is on its way.
const renewalMargin = 60_000;

let state: SessionState = 'unknown';
let token: AccessToken | undefined;
let renewal: Promise<string> | undefined;
const watchers = new Set<() => void>();

// Receives a message when another tab has signed a user in (their `sub`) or out (`null`). If it is the same user,
// this tab keeps its state; for another user, a reload clears it.
const tabs = new BroadcastChannel('cruddur-session');
tabs.onmessage = ({ data: subject }: MessageEvent<string | null>) => {
  if (subject === null || (token && subjectOf(token.value) !== subject)) location.reload();
  else renewAccessToken().catch(() => undefined);
};

/** @returns the state of the session, kept up to date */
export function useSessionState(): SessionState {
  return useSyncExternalStore(watchSession, sessionState);
}

export const sessionState = () => state;

/** Calls `watcher` at each change of the session. @returns ends it */
export function watchSession(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** @returns the `sub` of the signed-in user; empty while this page has no access token */
export const sessionUser = () => (token && subjectOf(token.value)) ?? '';

/** When the access token of this page expires, in milliseconds since 1970; 0 while it has none. */
export const tokenExpiry = () => token?.expiresAt ?? 0;

/**
 * @returns an access token that stays valid for at least a minute
 * @throws SignedOutError, ApiError (the service cannot be reached)
 */
export async function accessToken(): Promise<string> {
  if (token && token.expiresAt - Date.now() > renewalMargin) return token.value;
  return renewAccessToken();
}

/**
 * Renews the access token, even one that is still valid. Concurrent callers share one request.
 * @throws SignedOutError (also when the browser's session is another user's by now), ApiError (the service cannot be reached)
 */
export function renewAccessToken(): Promise<string> {
  renewal ??= renew().finally(() => {
    renewal = undefined;
  });
  return renewal;
}

/** The page shows one user's messages and may be sending for them, so it never goes on as another user. */
async function renew(): Promise<string> {
  const fresh = await requestToken({});
  if (token && subjectOf(fresh.value) !== subjectOf(token.value)) {
    location.reload();
    throw new SignedOutError();
  }
  return accept(fresh);
}

function accept(fresh: AccessToken): string {
  token = fresh;
  setState('signed in');
  return fresh.value;
}

/**
 * Begins a session: exchanges the refresh token for the session cookie and an access token.
 * @throws ApiError (the service cannot be reached)
 */
export async function beginSession(refreshToken: string): Promise<void> {
  const before = token;
  accept(await requestToken({ refresh_token: refreshToken }));
  tabs.postMessage(token && subjectOf(token.value));
  // If another user was signed in before, this one must not see what the page has in memory: a full load clears it.
  if (before && token && subjectOf(before.value) !== subjectOf(token.value)) location.assign('/messages');
}

/**
 * Ends the session, here and in Cognito, and removes from the browser's storage what it keeps for the user. Loading
 * the sign-in page then clears the page's memory.
 * @param onEnded called when the session has ended, before the page is left
 * @param where whether to end all other sessions of the user, too
 * @throws ApiError (the service cannot be reached; the session stays)
 */
export async function endSession(onEnded: () => void, where: 'here' | 'everywhere' = 'here'): Promise<void> {
  const response = await fetchSession('DELETE', undefined, where === 'everywhere' ? '?everywhere=true' : '');
  if (!response.ok) throw await toApiError(response);
  forget(sessionUser());
  onEnded();
  tabs.postMessage(null);
  location.assign('/sign-in');
}

async function requestToken(body: { refresh_token?: string }): Promise<AccessToken> {
  const response = await fetchSession('POST', body);
  if (response.status === 401) {
    setState('signed out');
    throw new SignedOutError();
  }
  if (!response.ok) throw await toApiError(response);
  const { access_token, expires_in } = await readJson<{ access_token: string; expires_in: number }>(response);
  return { value: access_token, expiresAt: Date.now() + expires_in * 1000 };
}

function fetchSession(method: 'POST' | 'DELETE', body?: object, query = ''): Promise<Response> {
  return fetchWithTimeout(`/session${query}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
}

function setState(next: SessionState): void {
  state = next;
  for (const watcher of watchers) watcher();
}

/** @returns the token's `sub`, unverified: the API verifies it */
function subjectOf(accessToken: string): string | undefined {
  const [, payload = ''] = accessToken.split('.');
  return (JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: string }).sub;
}
