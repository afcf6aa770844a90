import type { UserPoolDeps } from './deps.ts';

/**
 * Ends all sessions of a user who has set a new password with a code: the old one may have become known to others. Cognito documents no
 * such effect of its own. Access tokens stay valid until they expire, for an hour at most.
 * @param user the pool, and the name that the user has in it
 */
export async function endAllSessions(
  { userPool }: UserPoolDeps<'revokeAllOf'>,
  { userPoolId, username }: { userPoolId: string; username: string },
): Promise<void> {
  await userPool.revokeAllOf(userPoolId, username);
}
