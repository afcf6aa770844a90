import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { User } from '../../core/model/user.ts';
import type { Design, Invocation, Place, Request } from './design.ts';
import { createTable, type IndexToCreate, type KeyNames } from './tables.ts';

// The algorithm of the service that this one follows, written anew from its description: one table with an index of the inbox rows by
// conversation. A message is put without a condition; a function on the stream then moves both rows, which have the time of the last
// message as their sort key.

const key: KeyNames = ['pk', 'sk'];
const index: IndexToCreate = { name: 'rows-of-conversation', key: ['message_group_uuid', 'sk'] };
const messagesOf = (conversation: string) => `MSG#${conversation}`;
const inboxOf = ({ user_uuid }: User) => `GRP#${user_uuid}`;
const named = ({ user_uuid, handle, display_name }: User) => ({
  user_uuid,
  user_handle: handle,
  user_display_name: display_name,
});

export async function createOriginal(place: Place): Promise<Design> {
  const TableName = await createTable(place, key, index);
  return {
    name: 'original',
    layouts: { [TableName]: { key, indexes: [index] } },
    addUsers: async () => {}, // its users are in another database
    start: async (on, request) => {
      const conversation = on.newId();
      const created_at = on.now();
      const row = (owner: User, other: User) => ({
        pk: inboxOf(owner),
        sk: created_at,
        message_group_uuid: conversation,
        message: request.text,
        ...named(other),
      });
      const items = [
        row(request.from, request.to),
        row(request.to, request.from),
        message(on, request, conversation, created_at),
      ];
      await on.client.send(
        new BatchWriteCommand({ RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } }),
      );
      return { conversation, created_at };
    },
    send: async (on, request, conversation) => {
      const created_at = on.now();
      await on.client.send(new PutCommand({ TableName, Item: message(on, request, conversation, created_at) }));
      return { conversation, created_at };
    },
    projector: {
      table: TableName,
      wants: ({ eventName, dynamodb }) => eventName !== 'REMOVE' && !!dynamodb?.Keys?.pk?.S?.startsWith(messagesOf('')),
      handle: async ({ client }, batch) => {
        for (const record of batch) await moveRows(client, TableName, record);
      },
      calls: (batch) => batch.length * 5, // a query, and two calls a row
    },
    markRead: undefined,
    inbox: async (client, me) =>
      (await newest(client, TableName, inboxOf(me))).map((row) => ({
        conversation: row.message_group_uuid,
        other: row.user_uuid,
        text: row.message,
        unread: undefined,
      })),
    messages: async (client, _, conversation) =>
      (await newest(client, TableName, messagesOf(conversation)))
        .reverse()
        .map((item) => ({ from: item.user_uuid, text: item.message })),
  };
}

const message = ({ newId }: Invocation, { from, text }: Request, conversation: string, created_at: string) => ({
  pk: messagesOf(conversation),
  sk: created_at,
  message_uuid: newId(),
  message: text,
  ...named(from),
});

/** Moves the rows of a message's conversation to its time, one row after the other. */
async function moveRows(client: DynamoDBDocumentClient, TableName: string, { dynamodb }: DynamoDBRecord) {
  const conversation = dynamodb?.Keys?.pk?.S?.slice(messagesOf('').length);
  const sk = dynamodb?.Keys?.sk?.S;
  const { Items: rows = [] } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: index.name,
      KeyConditionExpression: 'message_group_uuid = :conversation',
      ExpressionAttributeValues: { ':conversation': conversation },
    }),
  );
  for (const row of rows) {
    await client.send(new DeleteCommand({ TableName, Key: { pk: row.pk, sk: row.sk } }));
    const Item = { ...row, sk, message: dynamodb?.NewImage?.message?.S };
    await client.send(new PutCommand({ TableName, Item }));
  }
}

async function newest(client: DynamoDBDocumentClient, TableName: string, pk: string) {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ScanIndexForward: false,
      Limit: 100,
    }),
  );
  return Items;
}
