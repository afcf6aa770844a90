import { toApiError } from './errors.ts';
import { fetchWithTimeout, readJson } from './fetch.ts';
import type { SignIn } from './schema.ts';

/** The settings that the service gives to its page. */
interface Settings extends SignIn {
  /** The address of the WebSocket API; absent if realtime is switched off. */
  realtime_url?: string;
}

let fetching: Promise<Settings> | undefined;

/** Fetches the settings, once. @throws ApiError (the next call tries again) */
export function fetchSettings(): Promise<Settings> {
  fetching ??= request().catch((error) => {
    fetching = undefined;
    throw error;
  });
  return fetching;
}

async function request(): Promise<Settings> {
  const response = await fetchWithTimeout('/sign-in.json');
  if (!response.ok) throw await toApiError(response);
  return readJson<Settings>(response);
}
