import { type Deps, deadlineOf, type SocketDeps } from './deps.ts';
import { tryToEnd } from './end-connection.ts';
import { domainError } from './errors.ts';
import { type Grant, maxConnections } from './model/connection.ts';
import { putConnection } from './table/connections.ts';
import { getConnections } from './table/reads.ts';

/**
 * Stores a connection that is being opened, if its user is there, is not suspended, and has not signed out everywhere since their access
 * token was issued. If the user has more than ten then, the oldest end.
 * @throws DomainError `token_invalid` when the user may not connect; `throttled`, `message_group_busy`
 */
export async function openConnection(deps: Deps & SocketDeps, grant: Grant, connection_id: string): Promise<void> {
  const { user_uuid, connected_until } = grant;
  const connection = { connection_id, created_at: deps.now(), expires_at: connected_until };
  const failures = await putConnection(deps.table, grant, connection, deadlineOf(deps));
  if (failures) throw domainError('token_invalid');
  const all = await getConnections(deps.table, user_uuid);
  const newestFirst = all.sort((one, other) => (one.created_at < other.created_at ? 1 : -1));
  for (const { connection_id: oldest } of newestFirst.slice(maxConnections)) await tryToEnd(deps, user_uuid, oldest);
}
