import { type Deps, deadlineOf, type SocketDeps } from './deps.ts';
import type { User } from './model/user.ts';
import { deleteConnection, putSignedOut } from './table/connections.ts';
import { getConnections } from './table/reads.ts';

/**
 * Signs a user out everywhere, as far as this service goes: every access token that was issued until now is refused, by each process
 * within a minute, and all connections end. A connection that is just being opened is refused, or is among those that end. The user pool
 * still renews sessions: {@link endSession} ends them.
 * @throws DomainError `throttled`, `message_group_busy`; then connections may be left, and calling it again ends them; errors of API
 *   Gateway: then some stay open until their time ends, but get nothing any more
 */
export async function endConnections(deps: Deps & SocketDeps, { user_uuid }: User): Promise<void> {
  await putSignedOut(deps.table, user_uuid, deps.now(), deadlineOf(deps));
  const open = await getConnections(deps.table, user_uuid);
  // All items first: without its item a connection gets nothing, whatever API Gateway answers about another one.
  await Promise.all(open.map(({ connection_id }) => deleteConnection(deps.table, user_uuid, connection_id)));
  await Promise.all(open.map(({ connection_id }) => deps.sockets.end(connection_id)));
}
