import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import { partition } from '../support/table.ts';

// Reads the stored items with its own spelling of the keys: with core's key functions, an error in core's layout would go unnoticed.

type Item = Record<string, unknown>;

/** All stored items of a conversation. */
export interface Conversation {
  conversation: string;
  participants: [string, string];
  head: Item | undefined;
  /** In the order of their sort keys. */
  messages: Item[];
  /** The inbox rows of the run's users that name the conversation. */
  rows: Item[];
}

/** All stored items of some users. */
export interface Stored {
  conversations: Conversation[];
  rows: Item[];
  receipts: Item[];
  pairs: Item[];
  /** The items of the users' lists of blocked users. */
  blocks: Item[];
}

/** @param known the uuids of conversations to read in addition to those that the pairs and rows name */
export async function readStored(table: Table, users: User[], known: string[]): Promise<Stored> {
  const ids = users.map(({ user_uuid }) => user_uuid as string).sort();
  const pairKeys = ids.flatMap((one, n) =>
    ids.slice(n + 1).map((other) => ({ pk: `PAIR#${one}#${other}`, sk: 'PAIR' })),
  );
  const [pairs, rows, receipts, blocks] = await Promise.all([
    batchGet(table, pairKeys),
    Promise.all(ids.flatMap((id) => [`GRP#${id}`, `HIDDEN#${id}`]).map((key) => partition(table, key))).then((all) =>
      all.flat(),
    ),
    Promise.all(ids.map((id) => partition(table, `SENT#${id}`))).then((all) => all.flat()),
    Promise.all(ids.map((id) => partition(table, `BLOCK#${id}`))).then((all) => all.flat()),
  ]);
  const pairOf = new Map<string, string>(known.map((conversation) => [conversation, '']));
  for (const { message_group_uuid } of rows) pairOf.set(String(message_group_uuid), '');
  for (const { message_group_uuid, pk } of pairs)
    if (message_group_uuid !== undefined) pairOf.set(String(message_group_uuid), String(pk));
  const [heads, messages] = await Promise.all([
    batchGet(
      table,
      [...pairOf.keys()].map((conversation) => ({ pk: `HEAD#${conversation}`, sk: 'HEAD' })),
    ),
    Promise.all([...pairOf.keys()].map((conversation) => partition(table, `MSG#${conversation}`))),
  ]);
  const conversations = [...pairOf].map(([conversation, pair], n): Conversation => {
    const [, one = '', other = ''] = pair.split('#');
    return {
      conversation,
      participants: [one, other],
      head: heads.find(({ pk }) => pk === `HEAD#${conversation}`),
      messages: messages[n] ?? [],
      rows: rows.filter(({ message_group_uuid }) => message_group_uuid === conversation),
    };
  });
  return { conversations, rows, receipts, pairs, blocks };
}

async function batchGet(table: Table, Keys: Item[]): Promise<Item[]> {
  if (Keys.length === 0) return [];
  const { Responses, UnprocessedKeys } = await table.client.send(
    new BatchGetCommand({ RequestItems: { [table.name]: { Keys, ConsistentRead: true } } }),
  );
  if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Error('DynamoDB Local left keys unread');
  return Responses?.[table.name] ?? [];
}
