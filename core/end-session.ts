import * as z from 'zod/mini';
import type { UserPoolDeps } from './deps.ts';
import { domainError } from './errors.ts';
import { code, parse } from './model/parse.ts';

export const inputSchema = z.object({ everywhere: z.optional(z.enum(['true'], code('everywhere_invalid'))) });

/**
 * Signs a user out: revokes their refresh token, or with `everywhere` all that the pool has issued to them. An access token that was
 * made from one stays valid for up to an hour, until it expires, since the API verifies access tokens without a request to the pool.
 * @param clientId the app client of the user pool that the token was issued to
 * @param refreshToken undefined if the browser has none: then there is nothing to revoke
 * @param input `{everywhere?}`, unchecked
 * @throws DomainError `everywhere_invalid`; `session_over` if the user is to be signed out everywhere, and the session has ended, so that it
 *   does not tell who the user is
 */
export async function endSession(
  { userPool }: UserPoolDeps<'renew' | 'revoke' | 'revokeAll'>,
  clientId: string,
  refreshToken: string | undefined,
  input: unknown,
): Promise<void> {
  const { everywhere } = parse(inputSchema, input);
  if (everywhere) {
    const session = refreshToken === undefined ? undefined : await userPool.renew(clientId, refreshToken);
    if (!session) throw domainError('session_over');
    await userPool.revokeAll(session.access_token);
  } else if (refreshToken !== undefined) await userPool.revoke(clientId, refreshToken);
}
