import { useSyncExternalStore } from 'react';
import { SignedOutError, toApiError } from './errors.ts';
import { reach, read } from './fetch.ts';

// Who is signed in. The access token, good for an hour, is in this module's memory and nowhere else: no storage that a script
// could read later. What keeps a browser signed in, the refresh token, is in a cookie that no script can read at all
// (handlers/site/session.ts). A reload asks for a new access token with it.

interface AccessToken {
  value: string;
  /** In milliseconds since 1970. */
  expiresAt: number;
}

/** Nothing is known at first: the cookie tells at the first request. */
export type SessionState = 'unknown' | 'signed in' | 'signed out';

const early = 60_000; // milliseconds: a token that ends within a minute may end on the way

let state: SessionState = 'unknown';
let token: AccessToken | undefined;
let renewal: Promise<string> | undefined;
const watchers = new Set<() => void>();

// Another tab has signed somebody in, or out (`null`). If it is whom this tab knows, nothing is lost and the session goes on; of
// anybody else nothing may stay in this tab's memory.
const tabs = new BroadcastChannel('cruddur-session');
tabs.onmessage = ({ data: subject }: MessageEvent<string | null>) => {
  if (subject === null || (token && subjectOf(token.value) !== subject)) location.reload();
  else renewAccessToken().catch(() => undefined);
};

/** The state of the session, for a component. */
export function useSessionState(): SessionState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => state,
  );
}

/**
 * An access token that is good for a while.
 * @throws SignedOutError, ApiError (the service cannot be reached)
 */
export async function accessToken(): Promise<string> {
  if (token && token.expiresAt - Date.now() > early) return token.value;
  return renewAccessToken();
}

/**
 * A new access token, whatever the present one is; all who ask at the same time get the same.
 * @throws SignedOutError, ApiError (the service cannot be reached)
 */
export function renewAccessToken(): Promise<string> {
  renewal ??= askFor({}).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

/**
 * Begins a session. The refresh token is handed to the cookie here, and kept nowhere.
 * @throws ApiError (the service cannot be reached)
 */
export async function beginSession(refreshToken: string): Promise<void> {
  const before = token;
  await askFor({ refresh_token: refreshToken });
  tabs.postMessage(token && subjectOf(token.value));
  // Somebody else than before: nothing of what this page remembers is theirs.
  if (before && token && subjectOf(before.value) !== subjectOf(token.value)) location.assign('/messages');
}

/**
 * Ends the session, here and in Cognito, and everything that this page remembers with it.
 * @throws ApiError (the service cannot be reached; the session goes on)
 */
export async function endSession(): Promise<void> {
  const response = await call('DELETE');
  if (!response.ok) throw await toApiError(response);
  tabs.postMessage(null);
  location.assign('/sign-in');
}

async function askFor(body: { refresh_token?: string }): Promise<string> {
  const response = await call('POST', body);
  if (response.status === 401) {
    setState('signed out');
    throw new SignedOutError();
  }
  if (!response.ok) throw await toApiError(response);
  const { access_token, expires_in } = await read<{ access_token: string; expires_in: number }>(response);
  token = { value: access_token, expiresAt: Date.now() + expires_in * 1000 };
  setState('signed in');
  return access_token;
}

function call(method: 'POST' | 'DELETE', body?: object): Promise<Response> {
  return reach('/session', {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
}

function setState(next: SessionState): void {
  state = next;
  for (const watcher of watchers) watcher();
}

/** Whose a token is; read, not verified: the API does that. */
function subjectOf(accessToken: string): string | undefined {
  const [, payload = ''] = accessToken.split('.');
  return (JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { sub?: string }).sub;
}
