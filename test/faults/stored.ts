import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';

// Reads what is stored as it is, and spells the keys itself, from the design: an error in core's layout must not hide itself here.

type Item = Record<string, unknown>;

/** All that is stored of two people's conversation. */
export interface Conversation {
  conversation: string;
  people: [string, string];
  head: Item | undefined;
  /** By sort key. */
  messages: Item[];
  /** The inbox rows of any of the run's people that name the group. */
  rows: Item[];
}

/** All that is stored of some people. */
export interface Stored {
  conversations: Conversation[];
  rows: Item[];
  receipts: Item[];
}

/** @param heardOf the uuids of conversations to read besides those that the pairs name */
export async function readStored(table: Table, people: User[], heardOf: string[]): Promise<Stored> {
  const ids = people.map(({ user_uuid }) => user_uuid as string).sort();
  const pairKeys = ids.flatMap((one, n) =>
    ids.slice(n + 1).map((other) => ({ pk: `PAIR#${one}#${other}`, sk: 'PAIR' })),
  );
  const [pairs, rows, receipts] = await Promise.all([
    batchGet(table, pairKeys),
    Promise.all(ids.map((id) => partition(table, `GRP#${id}`))).then((all) => all.flat()),
    Promise.all(ids.map((id) => partition(table, `SENT#${id}`))).then((all) => all.flat()),
  ]);
  const named = new Map<string, string>(heardOf.map((conversation) => [conversation, '']));
  for (const { message_group_uuid } of rows) named.set(String(message_group_uuid), '');
  for (const { message_group_uuid, pk } of pairs) named.set(String(message_group_uuid), String(pk));
  const [heads, messages] = await Promise.all([
    batchGet(
      table,
      [...named.keys()].map((conversation) => ({ pk: `HEAD#${conversation}`, sk: 'HEAD' })),
    ),
    Promise.all([...named.keys()].map((conversation) => partition(table, `MSG#${conversation}`))),
  ]);
  const conversations = [...named].map(([conversation, pair], n): Conversation => {
    const [, one = '', other = ''] = pair.split('#');
    return {
      conversation,
      people: [one, other],
      head: heads.find(({ pk }) => pk === `HEAD#${conversation}`),
      messages: messages[n] ?? [],
      rows: rows.filter(({ message_group_uuid }) => message_group_uuid === conversation),
    };
  });
  return { conversations, rows, receipts };
}

async function partition(table: Table, pk: string): Promise<Item[]> {
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    }),
  );
  if (LastEvaluatedKey) throw new Error(`${pk} is more than the test reads`);
  return Items;
}

async function batchGet(table: Table, Keys: Item[]): Promise<Item[]> {
  if (Keys.length === 0) return [];
  const { Responses, UnprocessedKeys } = await table.client.send(
    new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ConsistentRead: true } } }),
  );
  if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Error('DynamoDB Local left keys unread');
  return Responses?.[table.name] ?? [];
}
