import type { Deps, SocketDeps } from './deps.ts';
import type { Connection, Grant } from './model/connection.ts';
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

/** Ends a connection as {@link endConnection} does, for a caller who has something else to do: a failure is none of theirs. */
export async function tryToEnd(deps: Deps & SocketDeps, user: Uuid, id: string): Promise<void> {
  try {
    await endConnection(deps, user, id);
  } catch {
    // The item is gone, so no function posts to it; or it is left, and the next one that meets it tries again.
  }
}

/** Whether the time of a connection has ended: nothing may be posted to it. */
export const isOver = ({ now }: Pick<Deps, 'now'>, { expires_at }: Pick<Connection, 'expires_at'>): boolean =>
  toSeconds(now()) >= expires_at;

/**
 * Ends a connection that is over its time.
 * @returns whether it was
 * @throws DomainError `throttled`; errors of API Gateway
 */
export async function endIfOver(deps: Deps & SocketDeps, grant: Grant, connection_id: string): Promise<boolean> {
  if (!isOver(deps, { expires_at: grant.connected_until })) return false;
  await endConnection(deps, grant.user_uuid, connection_id);
  return true;
}
