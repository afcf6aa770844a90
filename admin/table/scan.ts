import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, QueryCommand, type QueryCommandInput, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { deadlineOf } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { getNamedItem } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { isThrottled } from '../../core/table/outcomes.ts';
import { backOff } from '../../core/table/transactions.ts';
import type { MessageNumbers } from '../doctor/rules/sequence-check.ts';

// Reads of the whole table and of raw items, for the operator's commands only: they are too slow and too expensive
// for a request.

const noId = '' as Uuid;
const prefixes = {
  message: items.messages(noId),
  inbox: items.inbox(noId),
  hidden: items.hiddenRows(noId),
  head: items.headKey(noId).pk,
  user: items.userKey(noId).pk,
  handle: items.handles(''),
  identity: items.identityKey('').pk,
  search: items.names(''),
  receipt: items.receiptKey(noId, '').pk,
  block: items.blocks(noId),
  report: items.reports(noId),
  openReport: items.openReports,
  ticket: items.ticketKey('').pk,
  connection: items.connections(noId),
  reservation: items.reservations(''),
  erasure: items.erasures,
} as const;

export const kinds = [...(Object.keys(prefixes) as (keyof typeof prefixes)[]), 'pair', 'unknown'] as const;
export type Kind = (typeof kinds)[number];

/** @returns the kind of an item, by its key */
export function kindOf({ pk, sk }: items.Item): Kind {
  if (sk === items.pairKey(noId, noId).sk) return 'pair';
  const entries = Object.entries(prefixes) as [Kind, string][];
  return entries.find(([, prefix]) => String(pk).startsWith(prefix))?.[0] ?? 'unknown';
}

/**
 * The only code that takes a key apart. A check cannot rely on the attributes of the item that it checks, and the
 * attributes of an inbox row name only the other participant, not the owner.
 * @returns the id behind the prefix of the partition key: a conversation's or user's uuid, or for an identity item
 * the Cognito id
 */
export function ownerOf(item: items.Item, kind: keyof typeof prefixes): Uuid {
  return String(item.pk).slice(prefixes[kind].length) as Uuid;
}

/** The two users of a pair, by its key. */
export function pairOwnersOf({ pk }: items.Item): [Uuid, Uuid] {
  const [, one, other] = String(pk).split('#');
  return [one as Uuid, other as Uuid];
}

/** The owner of an inbox row, whether or not it is hidden. */
export const rowOwnerOf = (row: items.Item): Uuid => ownerOf(row, kindOf(row) === 'hidden' ? 'hidden' : 'inbox');

/** @returns the approximate number of items: AWS updates it every six hours */
export async function itemCount(table: Table): Promise<number> {
  const { Table: described } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
  return described?.ItemCount ?? 0;
}

/**
 * The items of one segment of a parallel scan, page by page. Eventually consistent, which costs half.
 * @param limit the largest number of items on a page; DynamoDB's own limit is 1 MB
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function* scanSegment(
  table: Table,
  { segment, segments, limit }: { segment: number; segments: number; limit?: number | undefined },
): AsyncGenerator<items.Item[]> {
  let from: items.Item | undefined;
  do {
    const page = await retryThrottled(table, () =>
      table.client.send(
        new ScanCommand({
          TableName: table.name,
          Segment: segment,
          TotalSegments: segments,
          ...(limit !== undefined && { Limit: limit }),
          ...(from && { ExclusiveStartKey: from }),
        }),
      ),
    );
    yield page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from);
}

/** All users, unordered, without those who were erased. */
export async function* allUsers(table: Table): AsyncGenerator<RegisteredUser> {
  for await (const page of scanSegment(table, { segment: 0, segments: 1 }))
    for (const item of page) if (kindOf(item) === 'user' && !item.gone_at) yield items.storedUserOf(item);
}

/** The items that a read returned, by key. */
export class ItemsByKey {
  readonly #items = new Map<string, items.Item>();
  add = (item: items.Item) => this.#items.set(`${item.pk} ${item.sk}`, item);
  get = ({ pk, sk }: items.Key): items.Item | undefined => this.#items.get(`${pk} ${sk}`);
}

/**
 * @param keys any number; duplicates are read once
 * @returns the items that exist
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function getMany(table: Table, keys: items.Key[], { ConsistentRead = false } = {}): Promise<ItemsByKey> {
  const found = new ItemsByKey();
  const wanted = [...new Map(keys.map(({ pk, sk }) => [`${pk} ${sk}`, { pk, sk }])).values()];
  const deadline = deadlineOf({ table, retryBudget });
  for (let attempt = 1; wanted.length > 0; ) {
    const Keys = wanted.splice(0, 100); // the limit of BatchGetItem
    const RequestItems = { [table.name]: { Keys, ConsistentRead } };
    const response = await retryThrottled(table, () => table.client.send(new BatchGetCommand({ RequestItems })));
    for (const item of response.Responses?.[table.name] ?? []) found.add(item);
    const unprocessed = response.UnprocessedKeys?.[table.name]?.Keys ?? []; // more than 16 MB, or throttled
    if (unprocessed.length === Keys.length) await backOff(table, attempt++, deadline, domainError('throttled'));
    wanted.push(...(unprocessed as unknown as items.Key[]));
  }
  return found;
}

/**
 * Items that other items name, strongly consistent. Those that are missing are read again in a transaction, since DynamoDB shows the
 * items of a write transaction one by one.
 * @throws DomainError `throttled`; `message_group_busy` when a write transaction on one of them was under way until the deadline
 */
export async function getNamed(table: Table, keys: items.Key[], deadline: number): Promise<ItemsByKey> {
  const found = await getMany(table, keys, { ConsistentRead: true });
  for (const key of keys) {
    const item = found.get(key) ?? (await getNamedItem(table, key, deadline));
    if (item) found.add(item);
  }
  return found;
}

/**
 * The messages of a conversation without their texts, oldest first, strongly consistent.
 * @param upTo the time of the last message; default: all messages
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function* readMessageNumbers(
  table: Table,
  conversation: Uuid,
  upTo?: Timestamp,
): AsyncGenerator<MessageNumbers> {
  const pages = queryAll(table, {
    KeyConditionExpression: `pk = :pk${upTo === undefined ? '' : ' AND sk <= :upTo'}`,
    ExpressionAttributeValues: { ':pk': items.messages(conversation), ':upTo': upTo },
    ProjectionExpression: 'sk, message_group_uuid, user_uuid, seq, sender_seq',
  });
  for await (const page of pages) for (const item of page) yield messageNumbersOf(item);
}

/** What an import must know of a stored message. */
export interface StoredMessage {
  message_uuid: unknown;
  created_at: Timestamp;
  /** False of an item that has no number: this service did not write it. */
  isOurs: boolean;
}

/**
 * The messages of a conversation without their texts, oldest first, strongly consistent.
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function readStoredMessages(table: Table, conversation: Uuid): Promise<StoredMessage[]> {
  const stored: StoredMessage[] = [];
  const pages = queryAll(table, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': items.messages(conversation) },
    ProjectionExpression: 'sk, message_uuid, seq',
  });
  for await (const page of pages) {
    for (const { sk, message_uuid, seq } of page)
      stored.push({ message_uuid, created_at: sk as Timestamp, isOurs: seq !== undefined });
  }
  return stored;
}

export function messageNumbersOf(item: items.Item): MessageNumbers {
  const { message_group_uuid, user_uuid, seq, sender_seq } = item as unknown as MessageNumbers;
  return { message_group_uuid, user_uuid, seq, sender_seq, created_at: item.sk as Timestamp };
}

/**
 * Reads the whole inbox and the hidden rows, strongly consistent, since a misplaced row can have any sort key.
 * @returns all rows of the conversation that the user has; a consistent table has one
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function inboxRowsOf(table: Table, user: Uuid, conversation: Uuid): Promise<items.Item[]> {
  const rowsIn = async (partition: string) => {
    const rows: items.Item[] = [];
    const pages = queryAll(table, {
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'message_group_uuid = :conversation',
      ExpressionAttributeValues: { ':pk': partition, ':conversation': conversation },
    });
    for await (const page of pages) rows.push(...page);
    return rows;
  };
  return (await Promise.all([items.inbox(user), items.hiddenRows(user)].map(rowsIn))).flat();
}

/**
 * All items of a partition, page by page, strongly consistent.
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export const partition = (table: Table, pk: string): AsyncGenerator<items.Item[]> =>
  queryAll(table, { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } });

async function* queryAll(table: Table, query: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<items.Item[]> {
  let from: items.Item | undefined;
  do {
    const input = { TableName: table.name, ConsistentRead: true, ...query, ...(from && { ExclusiveStartKey: from }) };
    const page = await retryThrottled(table, () => table.client.send(new QueryCommand(input)));
    yield page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from);
}

const retryBudget = 60_000; // milliseconds: a command that reads the whole table can wait until the capacity recovers

async function retryThrottled<T>(table: Table, send: () => Promise<T>): Promise<T> {
  const deadline = deadlineOf({ table, retryBudget });
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (!isThrottled(error)) throw error;
      await backOff(table, attempt, deadline, domainError('throttled'));
    }
  }
}
