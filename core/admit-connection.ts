import { hashOf } from './create-ticket.ts';
import type { Deps } from './deps.ts';
import type { Grant } from './model/connection.ts';
import { toSeconds } from './model/time.ts';
import { takeTicket } from './table/connections.ts';

/**
 * Takes a ticket for the connection that it opens.
 * @param secret as the client sent it
 * @returns undefined for a ticket that is unknown, used or expired
 * @throws DomainError `throttled`
 */
export async function admitConnection(deps: Deps, secret: string): Promise<Grant | undefined> {
  const ticket = await takeTicket(deps.table, hashOf(secret), toSeconds(deps.now()));
  if (!ticket) return undefined;
  const { expires_at: _, ...grant } = ticket;
  return grant;
}
