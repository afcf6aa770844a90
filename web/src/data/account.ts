import { requestNoContent } from '../api/request.ts';
import { endSession } from '../api/session.ts';

/**
 * Deletes the account of the signed-in user, and ends the session. It may be repeated: then it does what is left.
 * @param onEnded called when the account is deleted, before the page is left
 * @throws ApiError (something was left undone, or the service cannot be reached)
 */
export async function deleteAccount(onEnded: () => void): Promise<void> {
  await requestNoContent('/api/me', { method: 'DELETE' });
  await endSession(onEnded);
}
