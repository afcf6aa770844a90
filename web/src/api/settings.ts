import { toApiError } from './errors.ts';
import { fetchWithTimeout, readJson } from './fetch.ts';
import type { SignIn } from './schema.ts';

let fetching: Promise<SignIn> | undefined;

/** Fetches the settings that the service gives to its page, once. @throws ApiError (the next call tries again) */
export function fetchSettings(): Promise<SignIn> {
  fetching ??= request().catch((error) => {
    fetching = undefined;
    throw error;
  });
  return fetching;
}

async function request(): Promise<SignIn> {
  const response = await fetchWithTimeout('/sign-in.json');
  if (!response.ok) throw await toApiError(response);
  return readJson<SignIn>(response);
}
