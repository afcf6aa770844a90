import { GetCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { domainError } from '../errors.ts';
import type { Connection } from '../model/connection.ts';
import type { Erasure } from '../model/erasure.ts';
import type { Head } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { InboxRow } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import type { Block, Pair } from '../model/pair.ts';
import type { Report } from '../model/report.ts';
import type { Timestamp } from '../model/time.ts';
import type { Handle, User } from '../model/user.ts';
import type { Table } from './client.ts';
import * as items from './items.ts';
import { isThrottled } from './outcomes.ts';

// One function per access pattern. Reads are strongly consistent, so that a user sees at once what they just sent or read. Only where
// an outdated answer does no harm is a read eventually consistent, since it then costs half.

/** Rows in order, and whether more follow. */
export interface Page<Row> {
  rows: Row[];
  more: boolean;
}

/** Access pattern A, backwards: the messages of a conversation before a time, newest first. */
export async function messagesBefore(
  table: Table,
  conversation: Uuid,
  { before, limit }: { before: Timestamp | undefined; limit: number },
): Promise<Page<Message>> {
  const range = { partition: items.messages(conversation), before, limit, descending: true };
  const page = await query(table, range, items.isNumbered);
  return { ...page, rows: page.rows.map(items.messageOf) };
}

/** Access pattern A, forwards: the messages of a conversation from a time on, oldest first. */
export async function messagesFrom(
  table: Table,
  conversation: Uuid,
  { from, limit }: { from: Timestamp; limit: number },
): Promise<Page<Message>> {
  const page = await query(table, { partition: items.messages(conversation), from, limit }, items.isNumbered);
  return { ...page, rows: page.rows.map(items.messageOf) };
}

/** Access pattern B: a user's inbox rows below a place, most recent activity first, each with its place (sort key). */
export async function inboxBefore(
  table: Table,
  user: Uuid,
  { before, limit }: { before: Timestamp | undefined; limit: number },
): Promise<Page<InboxRow & { place: Timestamp }>> {
  const page = await query(
    table,
    { partition: items.inbox(user), before, limit, descending: true },
    items.hasUnreadCount,
  );
  return { ...page, rows: page.rows.map((item) => ({ ...items.inboxRowOf(item), place: item.sk as Timestamp })) };
}

/** A user's inbox rows behind a place, least recent activity first, each with its place: the hidden ones or those that are shown. */
export async function rowsAfter(
  table: Table,
  user: Uuid,
  { after, isHidden, limit }: { after: string | undefined; isHidden: boolean; limit: number },
): Promise<Page<InboxRow & { place: Timestamp }>> {
  const partition = isHidden ? items.hiddenRows(user) : items.inbox(user);
  const page = await query(table, { partition, after, limit }, items.hasUnreadCount);
  return { ...page, rows: page.rows.map((item) => ({ ...items.inboxRowOf(item), place: item.sk as Timestamp })) };
}

/**
 * A user's most recent inbox rows, for a count: one query, eventually consistent, since the next count corrects an outdated one.
 * @param limit the number of rows; 201 of the largest are just below the 1 MB at which DynamoDB ends a page
 */
export async function recentRows(table: Table, user: Uuid, limit: number): Promise<Page<InboxRow>> {
  const command = new QueryCommand({
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': items.inbox(user) },
    ScanIndexForward: false,
    Limit: limit + 1,
  });
  const { Items = [] } = await withThrottledError(table.client.send(command));
  return {
    rows: Items.slice(0, limit).filter(items.hasUnreadCount).map(items.inboxRowOf),
    more: Items.length > limit,
  };
}

/** Users whose handle begins with a prefix, in the order of their handles. */
export async function getUsersByPrefix(table: Table, prefix: Handle, limit: number): Promise<Page<User>> {
  const page = await query(table, { partition: items.handles(prefix), prefix, limit });
  return { ...page, rows: page.rows.map(items.handleOwnerOf) };
}

/**
 * The users one of whose words begins with a prefix, in the order of these words; one who has several such words is there several times.
 * Eventually consistent: a user who has just signed up may be found a moment later.
 * @param prefix folded, two code points or more
 */
export async function getUsersByWord(table: Table, prefix: string, limit: number): Promise<Page<Uuid>> {
  const page = await query(table, { partition: items.names(prefix), prefix, limit, consistent: false });
  return { ...page, rows: page.rows.map(({ user_uuid }) => user_uuid as Uuid) };
}

export async function getHead(table: Table, conversation: Uuid): Promise<Head | undefined> {
  const item = await getItem(table, items.headKey(conversation));
  return item && items.headOf(item);
}

export async function getMessage(
  table: Table,
  conversation: Uuid,
  created_at: Timestamp,
): Promise<Message | undefined> {
  const item = await getItem(table, items.messageKey(conversation, created_at));
  return item && items.isNumbered(item) ? items.messageOf(item) : undefined;
}

/** What two users have with each other. Eventual consistency suffices where a condition prevents a second conversation. */
export async function getPair(
  table: Table,
  one: Uuid,
  other: Uuid,
  consistency: { ConsistentRead: boolean },
): Promise<Pair> {
  const item = await getItem(table, items.pairKey(one, other), consistency);
  return items.pairOf(item ?? {});
}

/** The users whom a user blocks, in the order of their uuids. */
export async function blocksAfter(
  table: Table,
  user: Uuid,
  { after, limit }: { after: Uuid | undefined; limit: number },
): Promise<Page<Block>> {
  const page = await query(table, { partition: items.blocks(user), after, limit });
  return { ...page, rows: page.rows.map(items.blockOf) };
}

/**
 * The reports on a user by another one, oldest first. It reads as many of others as lie between them: a page that ended at one of those
 * would tell the reporter of it.
 */
export async function reportsBy(
  table: Table,
  reporter: Uuid,
  { on, after, limit }: { on: Uuid; after: Timestamp | undefined; limit: number },
): Promise<Page<Report>> {
  const [condition, values] = rangeCondition({ after });
  const input: QueryCommandInput = {
    TableName: table.name,
    KeyConditionExpression: `pk = :pk${condition}`,
    FilterExpression: 'reporter_uuid = :reporter',
    ExpressionAttributeValues: { ':pk': items.reports(on), ':reporter': reporter, ...values },
    ConsistentRead: true,
  };
  const rows: Report[] = [];
  do {
    const { Items = [], LastEvaluatedKey } = await withThrottledError(table.client.send(new QueryCommand(input)));
    rows.push(...Items.map(items.reportOf));
    input.ExclusiveStartKey = LastEvaluatedKey;
  } while (input.ExclusiveStartKey && rows.length <= limit);
  return { rows: rows.slice(0, limit), more: rows.length > limit };
}

/** The connections of a user, in no order: also those that have expired, which DynamoDB deletes hours later. */
export async function getConnections(table: Table, user: Uuid): Promise<Connection[]> {
  const page = await query(table, { partition: items.connections(user), limit: 100 });
  return page.rows.map(items.connectionOf);
}

/** The first inbox row of a user, shown or hidden, oldest activity first. @returns undefined if there is none */
export async function getFirstRow(table: Table, user: Uuid): Promise<items.Item | undefined> {
  for (const partition of [items.inbox(user), items.hiddenRows(user)]) {
    const [row] = (await query(table, { partition, limit: 1 })).rows;
    if (row) return row;
  }
  return undefined;
}

/** Receipts of a user's requests, in the order of their keys. */
export async function getReceipts(table: Table, user: Uuid, limit: number): Promise<items.Receipt[]> {
  const page = await query(table, { partition: items.receipts(user), limit });
  return page.rows.map(items.receiptOf);
}

/** The reports on a user, oldest first. @param limit 10 at most: each may have 85 KB */
export async function reportsAfter(
  table: Table,
  user: Uuid,
  { after, limit }: { after: Timestamp | undefined; limit: number },
): Promise<Page<Report>> {
  const page = await query(table, { partition: items.reports(user), after, limit });
  return { ...page, rows: page.rows.map(items.reportOf) };
}

/** The erasures of which something is left to do, in the order of the users' uuids. */
export async function erasuresAfter(
  table: Table,
  { after, limit }: { after: Uuid | undefined; limit: number },
): Promise<Page<Erasure>> {
  const page = await query(table, { partition: items.erasures, after, limit });
  return { ...page, rows: page.rows.map(items.erasureOf) };
}

export async function getHandleOwner(table: Table, handle: Handle): Promise<User | undefined> {
  const item = await getItem(table, items.handleKey(handle));
  return item && items.handleOwnerOf(item);
}

/**
 * An item by its key, by default strongly consistent.
 * @throws DomainError `throttled` once the SDK's own retries are used up, since a caller waits. Commands, which can wait, use
 *   admin/table/scan.ts
 */
export async function getItem(
  table: Table,
  Key: items.Key,
  { ConsistentRead } = { ConsistentRead: true },
): Promise<items.Item | undefined> {
  const command = new GetCommand({ TableName: table.name, Key, ConsistentRead });
  return (await withThrottledError(table.client.send(command))).Item;
}

interface Range {
  partition: string;
  limit: number;
  before?: string | undefined;
  from?: string | undefined;
  after?: string | undefined;
  prefix?: string;
  descending?: boolean;
  /** Default: true. */
  consistent?: boolean;
}

/** @param isShown the rows to return: a page may be shorter than its limit, but is empty only if no such row follows */
async function query(table: Table, range: Range, isShown = (_: items.Item) => true): Promise<Page<items.Item>> {
  const [condition, values] = rangeCondition(range);
  const input: QueryCommandInput = {
    TableName: table.name,
    KeyConditionExpression: `pk = :pk${condition}`,
    ExpressionAttributeValues: { ':pk': range.partition, ...values },
    ScanIndexForward: range.descending !== true,
    ConsistentRead: range.consistent ?? true,
    // One row more than asked for tells whether more follow. LastEvaluatedKey does not: DynamoDB also sets it at the exact end. 102 of
    // the largest items are half a megabyte, below the 1 MB at which DynamoDB ends a page.
    Limit: range.limit + 1,
  };
  for (;;) {
    const { Items = [] } = await withThrottledError(table.client.send(new QueryCommand(input)));
    const page = Items.slice(0, range.limit);
    const rows = page.filter(isShown);
    const more = Items.length > range.limit;
    if (rows.length > 0 || !more) return { rows, more };
    const { pk, sk } = page.at(-1) as items.Item;
    input.ExclusiveStartKey = { pk, sk };
  }
}

function rangeCondition({
  before,
  from,
  after,
  prefix,
}: Pick<Range, 'before' | 'from' | 'after' | 'prefix'>): [condition: string, values: Record<string, string>] {
  if (before !== undefined) return [' AND sk < :sk', { ':sk': before }];
  if (after !== undefined) return [' AND sk > :sk', { ':sk': after }];
  if (from !== undefined) return [' AND sk >= :sk', { ':sk': from }];
  // The same range as `begins_with(sk, :sk)`, for which DynamoDB Local reads the whole partition up to it.
  if (prefix !== undefined) return [' AND sk BETWEEN :sk AND :end', { ':sk': prefix, ':end': `${prefix}\u{10ffff}` }];
  return ['', {}];
}

/** @throws DomainError `throttled` in place of the SDK's errors that say so */
export async function withThrottledError<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    throw isThrottled(error) ? domainError('throttled') : error;
  }
}
