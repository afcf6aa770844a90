import type { UserPoolDeps } from './deps.ts';

/**
 * Signs a user out by revoking their refresh token. An access token that was made from it stays valid for up to an hour, until it
 * expires, since the API verifies access tokens without a request to the pool.
 * @param clientId the app client of the user pool that the token was issued to
 * @param refreshToken undefined if the browser has none: then there is nothing to revoke
 */
export async function endSession(
  { userPool }: UserPoolDeps<'revoke'>,
  clientId: string,
  refreshToken: string | undefined,
): Promise<void> {
  if (refreshToken !== undefined) await userPool.revoke(clientId, refreshToken);
}
