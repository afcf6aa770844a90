import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, QueryCommand, type QueryCommandInput, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { domainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { isThrottled } from '../../core/table/outcomes.ts';
import { backOff } from '../../core/table/transactions.ts';
import type { Numbered } from '../doctor/rules/sequence-check.ts';

// Reading the table as a whole, and items as they are: for the operator's commands. No request of a client is served so.

const nobody = '' as Uuid;
const byPartition = {
  message: items.messages(nobody),
  inbox: items.inbox(nobody),
  head: items.headKey(nobody).pk,
  user: items.userKey(nobody).pk,
  handle: items.handles(''),
  identity: items.identityKey('').pk,
  receipt: items.receiptKey(nobody, '').pk,
} as const;

export const kinds = [...(Object.keys(byPartition) as (keyof typeof byPartition)[]), 'pair', 'unknown'] as const;
export type Kind = (typeof kinds)[number];

/** Which of the table's items this is. */
export function kindOf({ pk, sk }: items.Item): Kind {
  if (sk === items.pairKey(nobody, nobody).sk) return 'pair';
  const kinds = Object.entries(byPartition) as [Kind, string][];
  return kinds.find(([, start]) => String(pk).startsWith(start))?.[0] ?? 'unknown';
}

/**
 * Whose partition an item sits in: the uuid behind the prefix. The one place where a key is taken apart: whoever judges an item
 * must not take its own word for whose it is, and an inbox row's attributes name the other person.
 */
export function ownerOf(item: items.Item, kind: keyof typeof byPartition): Uuid {
  return String(item.pk).slice(byPartition[kind].length) as Uuid;
}

/** How much is there, roughly: AWS counts every six hours. */
export async function itemCount(table: Table): Promise<number> {
  const { Table: described } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
  return described?.ItemCount ?? 0;
}

/**
 * One segment of a parallel scan, a page at a time, eventually consistent (half the price).
 * @param limit how many items a page holds at most; 1 MB is DynamoDB's own limit
 */
export async function* scanSegment(
  table: Table,
  { segment, segments, limit }: { segment: number; segments: number; limit?: number | undefined },
): AsyncGenerator<items.Item[]> {
  let from: items.Item | undefined;
  do {
    const page = await patiently(() =>
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

/** Everybody, in no order. */
export async function* allUsers(table: Table): AsyncGenerator<RegisteredUser> {
  for await (const page of scanSegment(table, { segment: 0, segments: 1 }))
    for (const item of page) if (kindOf(item) === 'user') yield items.registeredUserOf(item);
}

/** Items by the key under which they were asked for. */
export class Found {
  readonly #items = new Map<string, items.Item>();
  add = (item: items.Item) => this.#items.set(`${item.pk} ${item.sk}`, item);
  get = ({ pk, sk }: items.Key): items.Item | undefined => this.#items.get(`${pk} ${sk}`);
}

/** Any number of items by their keys; what is not there is left out. */
export async function getMany(table: Table, keys: items.Key[], { ConsistentRead = false } = {}): Promise<Found> {
  const found = new Found();
  const wanted = [...new Map(keys.map(({ pk, sk }) => [`${pk} ${sk}`, { pk, sk }])).values()];
  const deadline = Date.now() + longest;
  for (let attempt = 1; wanted.length > 0; ) {
    const Keys = wanted.splice(0, 100); // BatchGetItem takes no more
    const RequestItems = { [table.name]: { Keys, ConsistentRead } };
    const answer = await patiently(() => table.client.send(new BatchGetCommand({ RequestItems })));
    for (const item of answer.Responses?.[table.name] ?? []) found.add(item);
    const left = answer.UnprocessedKeys?.[table.name]?.Keys ?? []; // over 16 MB, or throttled
    if (left.length === Keys.length) await backOff(attempt++, deadline, domainError('throttled'));
    wanted.push(...(left as unknown as items.Key[]));
  }
  return found;
}

/** A message's numbers, whole conversation, oldest first, without the texts. */
export async function* numbersOf(table: Table, conversation: Uuid, upTo?: Timestamp): AsyncGenerator<Numbered> {
  const pages = queryAll(table, {
    KeyConditionExpression: `pk = :pk${upTo === undefined ? '' : ' AND sk <= :upTo'}`,
    ExpressionAttributeValues: { ':pk': items.messages(conversation), ':upTo': upTo },
    ProjectionExpression: 'sk, message_group_uuid, user_uuid, seq, sender_seq',
  });
  for await (const page of pages) for (const item of page) yield numberedOf(item);
}

export function numberedOf(item: items.Item): Numbered {
  const { message_group_uuid, user_uuid, seq, sender_seq } = item as unknown as Numbered;
  return { message_group_uuid, user_uuid, seq, sender_seq, created_at: item.sk as Timestamp };
}

/** Every row of a conversation in a person's inbox, wherever it sits: one, if all is well. Reads the whole inbox. */
export async function rowsOf(table: Table, user: Uuid, conversation: Uuid): Promise<items.Item[]> {
  const rows: items.Item[] = [];
  const pages = queryAll(table, {
    KeyConditionExpression: 'pk = :pk',
    FilterExpression: 'message_group_uuid = :conversation',
    ExpressionAttributeValues: { ':pk': items.inbox(user), ':conversation': conversation },
  });
  for await (const page of pages) rows.push(...page);
  return rows;
}

async function* queryAll(table: Table, query: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<items.Item[]> {
  let from: items.Item | undefined;
  do {
    const input = { TableName: table.name, ConsistentRead: true, ...query, ...(from && { ExclusiveStartKey: from }) };
    const page = await patiently(() => table.client.send(new QueryCommand(input)));
    yield page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from);
}

const longest = 60_000; // milliseconds: a command that reads the whole table can wait for the throughput to recover

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + longest;
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isThrottled(error)) throw error;
      await backOff(attempt, deadline, domainError('throttled'));
    }
  }
}
