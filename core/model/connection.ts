import type { Uuid } from './id.ts';
import { fromMicros, type Timestamp } from './time.ts';
import type { UserWithSettings } from './user.ts';

/** How many connections a user may have at the same time: one for each open tab or device. One more ends the oldest. */
export const maxConnections = 10;

/** For so many seconds a ticket opens a connection, once. */
export const ticketLifetime = 60;

/** API Gateway ends each connection after two hours: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const connectionLifetime = 2 * 60 * 60; // seconds

/** The access token of a request, as far as it bounds what follows from it. Both times are whole seconds since 1970. */
export interface Token {
  /** When it was issued (`iat`). */
  issued_at: number;
  /** When it ends (`exp`). */
  expires_at: number;
}

/** What a ticket lets its bearer open. */
export interface Grant {
  user_uuid: Uuid;
  /** When the access token was issued that the ticket was asked with: signing out everywhere later refuses the connection. */
  signed_in_at: Timestamp;
  /** When the connection ends, in seconds since 1970: with that token, and after two hours at the latest. */
  connected_until: number;
}

/** The right to open one connection. It is stored under the hash of its secret, so that the table does not hold what opens it. */
export interface Ticket extends Grant {
  /** Seconds since 1970. */
  expires_at: number;
}

/** An open WebSocket of a user. */
export interface Connection {
  /** API Gateway's id of it. */
  connection_id: string;
  created_at: Timestamp;
  /** Seconds since 1970: nothing is posted to it from then on. */
  expires_at: number;
}

/** What a token lets a user open. @param now seconds since 1970 */
export const grantOf = (user_uuid: Uuid, { issued_at, expires_at }: Token, now: number): Grant => ({
  user_uuid,
  signed_in_at: fromSeconds(issued_at),
  connected_until: Math.min(expires_at, now + connectionLifetime),
});

/**
 * Whether a user has signed out everywhere since a token was issued. Tokens tell their time in whole seconds, so one of the same second
 * counts as older.
 */
export const isSignedOut = (
  { signed_out_at }: Pick<UserWithSettings, 'signed_out_at'>,
  { issued_at }: Pick<Token, 'issued_at'>,
): boolean => signed_out_at !== undefined && fromSeconds(issued_at) <= signed_out_at;

const fromSeconds = (seconds: number): Timestamp => fromMicros(seconds * 1_000_000);
