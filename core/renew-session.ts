import * as z from 'zod/mini';
import type { UserPoolDeps } from './deps.ts';
import { domainError } from './errors.ts';
import { code, parse } from './model/parse.ts';
import type { Session } from './user-pool/client.ts';

// A refresh token of Cognito is an encrypted JWT of about 1,800 characters. A cookie's value is limited in length and may not contain
// the characters that end it: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1
export const refreshToken = z.string(code('session_over')).check(z.regex(/^[\w.~+/=-]{1,3800}$/, code('session_over')));

/**
 * Exchanges a refresh token for a new access token and the refresh token of the next renewal.
 * @param clientId the app client of the user pool that the token was issued to
 * @param token the refresh token, unchecked
 * @throws DomainError `session_over` if the token is missing or malformed, or the pool rejects it
 */
export async function renewSession(
  { userPool }: UserPoolDeps<'renew'>,
  clientId: string,
  token: unknown,
): Promise<Session> {
  const session = await userPool.renew(clientId, parse(refreshToken, token));
  if (!session) throw domainError('session_over');
  return session;
}
