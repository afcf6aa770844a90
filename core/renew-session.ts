import * as z from 'zod';
import type { SignInDeps } from './deps.ts';
import { domainError } from './errors.ts';
import { code, parse } from './model/parse.ts';
import type { AccessToken } from './user-pool/client.ts';

// A refresh token of Cognito is an encrypted JWT of some 1,800 characters. What goes into a cookie must be short enough for
// one, and may not end it: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1
const refreshToken = z.string(code('session_over')).regex(/^[\w.~+/=-]{1,3800}$/, code('session_over'));

/** Somebody who has signed in, for as long as their browser keeps the refresh token. */
export interface Session extends AccessToken {
  refresh_token: string;
}

/**
 * Lets somebody who has signed in go on: a refresh token for a new access token.
 * @param clientId the client of the user pool that they signed in with
 * @param token the refresh token, unchecked
 * @throws DomainError `session_over`: there is none, or the pool does not take it (any more)
 */
export async function renewSession(
  { userPool }: SignInDeps<'renew'>,
  clientId: string,
  token: unknown,
): Promise<Session> {
  const refresh_token = parse(refreshToken, token);
  const renewed = await userPool.renew(clientId, refresh_token);
  if (!renewed) throw domainError('session_over');
  return { ...renewed, refresh_token };
}
