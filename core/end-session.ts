import type { SignInDeps } from './deps.ts';

/**
 * Signs somebody out: their refresh token is good for nothing afterwards. An access token that was made from it opens the API
 * until it expires, within the hour: nobody asks the pool about it.
 * @param clientId the client of the user pool that they signed in with
 * @param refreshToken undefined for somebody who has none: there is nothing to end then
 */
export async function endSession(
  { userPool }: SignInDeps<'revoke'>,
  clientId: string,
  refreshToken: string | undefined,
): Promise<void> {
  if (refreshToken !== undefined) await userPool.revoke(clientId, refreshToken);
}
