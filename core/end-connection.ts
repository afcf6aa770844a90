import type { Deps, SocketDeps } from './deps.ts';
import type { Grant } from './model/connection.ts';
import type { Uuid } from './model/id.ts';
import { toSeconds } from './model/time.ts';
import { deleteConnection } from './table/connections.ts';

/**
 * Ends a connection and forgets it. The item goes first: without it nothing more is posted, whatever becomes of the connection.
 * @throws DomainError `throttled`; errors of API Gateway
 */
export async function endConnection({ table, sockets }: Deps & SocketDeps, user: Uuid, id: string): Promise<void> {
  await deleteConnection(table, user, id);
  await sockets.end(id);
}

/**
 * Ends a connection that is over its time.
 * @returns whether it was
 * @throws DomainError `throttled`; errors of API Gateway
 */
export async function endIfOver(deps: Deps & SocketDeps, grant: Grant, connection_id: string): Promise<boolean> {
  if (toSeconds(deps.now()) < grant.connected_until) return false;
  await endConnection(deps, grant.user_uuid, connection_id);
  return true;
}
