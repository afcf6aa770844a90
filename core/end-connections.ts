import { type Deps, deadlineOf, type SocketDeps } from './deps.ts';
import { endConnection } from './end-connection.ts';
import type { User } from './model/user.ts';
import { putSignedOut } from './table/connections.ts';
import { getConnections } from './table/reads.ts';

/**
 * Signs a user out everywhere, as far as this service goes: every access token that was issued until now is refused, by each process
 * within a minute, and all connections end. A connection that is just being opened is refused, or is among those that end. The user pool
 * still renews sessions: {@link endSession} ends them.
 * @throws DomainError `throttled`, `message_group_busy`; errors of API Gateway. Then some connections may be left: calling it again ends them
 */
export async function endConnections(deps: Deps & SocketDeps, { user_uuid }: User): Promise<void> {
  await putSignedOut(deps.table, user_uuid, deps.now(), deadlineOf(deps));
  const open = await getConnections(deps.table, user_uuid);
  await Promise.all(open.map(({ connection_id }) => endConnection(deps, user_uuid, connection_id)));
}
