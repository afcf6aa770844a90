import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Head } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { transact } from '../../core/table/transactions.ts';

// What the doctor writes. Each write is conditional on what it was decided upon, so that a service that runs meanwhile wins.
// Inbox rows are not written here but by the projector's own transaction; here they only go.

const headIsAsRead = 'rows_rev = :rev AND sent = :sent AND last_message_at = :last';
const isOfGroupOrGone = 'attribute_not_exists(pk) OR message_group_uuid = :conversation';
const keyIsFree = 'attribute_not_exists(pk)';
const pairNamesAsRead = 'message_group_uuid = :wrong';
const doesNotCountThem = 'NOT (attribute_exists(sent.#one) AND attribute_exists(sent.#other))';

// A transaction holds a hundred writes: what is beyond goes with the next one.
const mostStrays = 90;

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/**
 * Corrects a head, takes its stray rows away and makes it forget what the rows show: the projector does the rest.
 * @param keepsPlace whether the head goes on knowing where the rows sit, so that the projector moves them from there
 * @returns whether it was refused: the head has changed since it was read
 */
export async function putRepairedHead(
  table: Table,
  { before, after, keepsPlace, strays }: { before: Head; after: Head; keepsPlace: boolean; strays: items.Key[] },
  deadline: number,
): Promise<boolean> {
  const rows = strays.slice(0, mostStrays).map(
    (Key): Write => ({
      Delete: {
        TableName: table.name,
        Key,
        ConditionExpression: isOfGroupOrGone,
        ExpressionAttributeValues: { ':conversation': before.message_group_uuid },
      },
    }),
  );
  const head: Write = {
    Update: {
      TableName: table.name,
      Key: items.headKey(before.message_group_uuid),
      UpdateExpression:
        'SET participants = :participants, last_message_at = :at, sent = :sentNow, #read = :read, rows_rev = :next ' +
        `REMOVE shown_at${keepsPlace ? '' : ', inbox_at'}`,
      ConditionExpression: headIsAsRead,
      ExpressionAttributeNames: { '#read': 'read' },
      ExpressionAttributeValues: {
        ':participants': after.participants,
        ':at': after.last_message_at,
        ':sentNow': after.sent,
        ':read': after.read,
        ':next': before.rows_rev + 1,
        ':rev': before.rows_rev,
        ':sent': before.sent,
        ':last': before.last_message_at,
      },
    },
  };
  return wasRefused(table, [head, ...rows], deadline);
}

/**
 * Puts the pair of a conversation's two people, if they have none; or in the place of one that names a conversation which is not theirs.
 * @param instead the conversation that the pair named when it was read
 */
export function putPair(
  table: Table,
  head: Head,
  { instead }: { instead: Uuid | undefined },
  deadline: number,
): Promise<boolean> {
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const Item = items.pairItem(one, other, head.message_group_uuid);
  const put: Write = {
    Put: {
      TableName: table.name,
      Item,
      ...(instead === undefined
        ? { ConditionExpression: keyIsFree }
        : { ConditionExpression: pairNamesAsRead, ExpressionAttributeValues: { ':wrong': instead } }),
    },
  };
  const headIsThere = check(table, items.headKey(head.message_group_uuid), 'attribute_exists(pk)');
  if (instead === undefined) return wasRefused(table, [put, headIsThere], deadline);
  const namedIsAnothers = check(table, items.headKey(instead), doesNotCountThem, {
    ExpressionAttributeNames: { '#one': one, '#other': other },
  });
  return wasRefused(table, [put, headIsThere, namedIsAnothers], deadline);
}

/** Puts a head that was lost, and its pair unless that is there and names it. */
export function putLostHead(table: Table, head: Head, deadline: number): Promise<boolean> {
  const conversation = head.message_group_uuid;
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const put = (Item: items.Item, condition: object): Write => ({ Put: { TableName: table.name, Item, ...condition } });
  return wasRefused(
    table,
    [
      put(items.headItem(head), { ConditionExpression: keyIsFree }),
      put(items.pairItem(one, other, conversation), {
        ConditionExpression: isOfGroupOrGone,
        ExpressionAttributeValues: { ':conversation': conversation },
      }),
    ],
    deadline,
  );
}

/** A condition on another item, under which an item is put or goes. */
export interface Proviso {
  key: items.Key;
  condition: string;
  names?: Record<string, string>;
  values?: Record<string, unknown>;
}

/**
 * Puts an item of a person, if its key is free, theirs, or still the other's who should not have it; while the provisos hold.
 * @param instead who holds the key without right
 */
export function putPersonal(
  table: Table,
  item: items.Item,
  { instead, provisos }: { instead: unknown; provisos: Proviso[] },
  deadline: number,
): Promise<boolean> {
  const put: Write = {
    Put: {
      TableName: table.name,
      Item: item,
      ConditionExpression: 'attribute_not_exists(pk) OR user_uuid IN (:user, :instead)',
      ExpressionAttributeValues: { ':user': item.user_uuid, ':instead': instead ?? item.user_uuid },
    },
  };
  return wasRefused(table, [put, ...provisos.map((proviso) => toCheck(table, proviso))], deadline);
}

/** Takes an item away, if all of it still is as it was judged, and if a condition on another item holds. */
export function removeItem(
  table: Table,
  { pk, sk, ...judged }: items.Item,
  proviso: Proviso,
  deadline: number,
): Promise<boolean> {
  const attributes = Object.keys(judged);
  const remove: Write = {
    Delete: {
      TableName: table.name,
      Key: { pk, sk },
      ...(attributes.length > 0 && {
        ConditionExpression: attributes.map((_, n) => `#a${n} = :a${n}`).join(' AND '),
        ExpressionAttributeNames: Object.fromEntries(attributes.map((name, n) => [`#a${n}`, name])),
        ExpressionAttributeValues: Object.fromEntries(attributes.map((name, n) => [`:a${n}`, judged[name]])),
      }),
    },
  };
  return wasRefused(table, [remove, toCheck(table, proviso)], deadline);
}

const toCheck = (table: Table, { key, condition, names, values }: Proviso): Write =>
  check(table, key, condition, {
    ...(names && { ExpressionAttributeNames: names }),
    ...(values && { ExpressionAttributeValues: values }),
  });

function check(table: Table, Key: items.Key, ConditionExpression: string, more: object = {}): Write {
  return { ConditionCheck: { TableName: table.name, Key, ConditionExpression, ...more } };
}

async function wasRefused(table: Table, writes: Write[], deadline: number): Promise<boolean> {
  const parts = Object.fromEntries(writes.map((write, index) => [String(index), write]));
  return (await transact(table, parts, deadline)) !== undefined;
}
