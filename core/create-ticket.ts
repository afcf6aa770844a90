import { createHash } from 'node:crypto';
import type { Deps } from './deps.ts';
import { grantOf, type Ticket, type Token, ticketLifetime } from './model/connection.ts';
import { toSeconds } from './model/time.ts';
import type { User } from './model/user.ts';
import { putTicket } from './table/connections.ts';

/** What opens one connection, for a minute. */
export interface IssuedTicket {
  /** The secret: whoever has it connects as the user. */
  ticket: string;
  /** Seconds. */
  expires_in: number;
}

/**
 * Makes a ticket for a WebSocket. Browsers can give a WebSocket no headers, so what authorizes it stands in its address, which proxies and
 * logs may keep: an access token there would be good for an hour.
 * @param token the access token of the request: the connection ends with it
 * @throws DomainError `throttled`
 */
export async function createTicket(deps: Deps, me: User, token: Token): Promise<IssuedTicket> {
  const now = toSeconds(deps.now());
  const secret = deps.newId();
  const ticket: Ticket = { ...grantOf(me.user_uuid, token, now), expires_at: now + ticketLifetime };
  await putTicket(deps.table, hashOf(secret), ticket);
  return { ticket: secret, expires_in: ticketLifetime };
}

/** The hash under which a ticket is stored: SHA-256 in lower-case hex. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
