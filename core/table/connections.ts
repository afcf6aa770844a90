import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Connection, Grant, Ticket } from '../model/connection.ts';
import type { Uuid } from '../model/id.ts';
import type { Timestamp } from '../model/time.ts';
import type { Table } from './client.ts';
import { isValidTicket, keyIsFree, keyIsTaken, mayConnect } from './conditions.ts';
import * as items from './items.ts';
import { withThrottledError } from './reads.ts';
import { type ConditionFailures, transact } from './transactions.ts';
import { check, put, update } from './write-requests.ts';

/** @param hash of the ticket's secret @throws DomainError `throttled` */
export async function putTicket(table: Table, hash: string, ticket: Ticket): Promise<void> {
  await withThrottledError(
    table.client.send(new PutCommand({ TableName: table.name, Item: items.ticketItem(hash, ticket) })),
  );
}

/**
 * Takes a ticket out of the table, so that it opens one connection however many ask at the same time.
 * @param now seconds since 1970
 * @returns undefined if there is none, or it has expired
 * @throws DomainError `throttled`
 */
export async function takeTicket(table: Table, hash: string, now: number): Promise<Ticket | undefined> {
  const command = new DeleteCommand({
    TableName: table.name,
    Key: items.ticketKey(hash),
    ReturnValues: 'ALL_OLD',
    ...isValidTicket(now),
  });
  try {
    const { Attributes } = await withThrottledError(table.client.send(command));
    return Attributes && items.ticketOf(Attributes);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** Stores a connection, if its user may have one now. @returns the parts whose condition failed */
export function putConnection(
  table: Table,
  grant: Grant,
  connection: Connection,
  deadline: number,
): Promise<ConditionFailures<'connection' | 'user'> | undefined> {
  return transact<'connection' | 'user'>(
    table,
    {
      connection: put(table, items.connectionItem(grant.user_uuid, connection), keyIsFree),
      user: check(table, items.userKey(grant.user_uuid), mayConnect(grant)),
    },
    deadline,
  );
}

/** @throws DomainError `throttled` */
export async function deleteConnection(table: Table, user: Uuid, id: string): Promise<void> {
  await withThrottledError(
    table.client.send(new DeleteCommand({ TableName: table.name, Key: items.connectionKey(user, id) })),
  );
}

/** Refuses every access token of a user that was issued until now. @throws DomainError `throttled`, `message_group_busy` */
export async function putSignedOut(table: Table, user: Uuid, now: Timestamp, deadline: number): Promise<void> {
  const writes = { user: update(table, items.userKey(user), { signed_out_at: now }, keyIsTaken) };
  if (await transact<'user'>(table, writes, deadline)) throw new Error('a user who signs out has no item');
}
