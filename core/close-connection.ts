import type { Deps } from './deps.ts';
import type { Uuid } from './model/id.ts';
import { deleteConnection } from './table/connections.ts';

/** Forgets a connection that has ended. @throws DomainError `throttled` */
export async function closeConnection({ table }: Deps, user: Uuid, connection_id: string): Promise<void> {
  await deleteConnection(table, user, connection_id);
}
