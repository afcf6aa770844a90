import { requestNoContent } from '../api/request.ts';
import { endSession } from '../api/session.ts';
import { forgetUnstoredDrafts } from './drafts.ts';
import { endLive } from './live.ts';
import { forgetUnstoredMessages } from './outbox.ts';

/** What is done when a session has ended, before the page is left. */
export function leaveUser(): void {
  endLive();
  // Or the browser would ask once more, although the session has ended.
  forgetUnstoredDrafts();
  forgetUnstoredMessages();
}

/**
 * Ends all sessions of the user, and before that their live connections and what access tokens are still valid for. A failure of the latter
 * does not keep the sessions: where realtime is switched off there is no such route, and tokens end by themselves.
 * @param onEnded called when the sessions have ended, before the page is left
 * @throws ApiError (the service cannot be reached; the sessions stay)
 */
export async function signOutEverywhere(onEnded: () => void): Promise<void> {
  await requestNoContent('/api/realtime/connections', { method: 'DELETE' }).catch(() => undefined);
  await endSession(onEnded, 'everywhere');
}
