import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactGetCommand } from '@aws-sdk/lib-dynamodb';
import { domainError } from '../errors.ts';
import type { Head } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { Message } from '../model/message.ts';
import type { Timestamp } from '../model/time.ts';
import type { Table } from './client.ts';
import * as items from './items.ts';
import { isThrottled } from './outcomes.ts';
import { getHead, getItem } from './reads.ts';
import { backOff, toTemporaryError } from './transactions.ts';

// DynamoDB shows the items of one write transaction one by one to single reads, even to consistent ones. DynamoDB Local never does.
// So nothing is concluded from an item that is missing although another one names it, or that is older than another one: it is read
// again in a transaction, which DynamoDB refuses while a write transaction on the item is under way.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation

/**
 * The head of a conversation.
 * @param isExpected whether the head may be believed; one that is missing, or that this rejects, is read again in a transaction
 * @param remembered the head that the process remembers, which spares the first read
 * @returns the head, whatever `isExpected` says of it in the end; undefined if there is none
 * @throws DomainError `throttled`, `message_group_busy` when a write transaction was under way until the deadline
 */
export async function getExpectedHead(
  table: Table,
  conversation: Uuid,
  isExpected: (head: Head) => boolean,
  deadline: number,
  remembered?: Head,
): Promise<Head | undefined> {
  const head = remembered ?? (await getHead(table, conversation));
  if (head && isExpected(head)) return head;
  const [item] = await getTogether(table, [items.headKey(conversation)], deadline);
  return item && items.headOf(item);
}

/**
 * An item that another item or a caller names: one that is missing is read again in a transaction.
 * @returns undefined if there is none
 * @throws like {@link getExpectedHead}
 */
export async function getNamedItem(table: Table, key: items.Key, deadline: number): Promise<items.Item | undefined> {
  return (await getItem(table, key)) ?? (await getTogether(table, [key], deadline))[0];
}

/** A message that another item or a caller names: see {@link getNamedItem}. */
export async function getNamedMessage(
  table: Table,
  conversation: Uuid,
  created_at: Timestamp,
  deadline: number,
): Promise<Message | undefined> {
  const item = await getNamedItem(table, items.messageKey(conversation, created_at), deadline);
  return item && items.isNumbered(item) ? items.messageOf(item) : undefined;
}

/**
 * A head and its newest message as they were at one instant.
 * @param head the head as last read, which tells where the newest message was
 * @returns undefined if there is no head any more, or no such message
 * @throws like {@link getExpectedHead}
 */
export async function getHeadAndNewest(
  table: Table,
  head: Head,
  deadline: number,
): Promise<{ head: Head; newest: Message } | undefined> {
  let at = head.last_message_at;
  for (let attempt = 1; ; attempt++) {
    const keys = [items.headKey(head.message_group_uuid), items.messageKey(head.message_group_uuid, at)];
    const [headItem, messageItem] = await getTogether(table, keys, deadline);
    if (!headItem) return undefined;
    const current = items.headOf(headItem);
    if (current.last_message_at === at) return messageItem && { head: current, newest: items.messageOf(messageItem) };
    at = current.last_message_at; // a message was sent meanwhile
    await backOff(table, attempt, deadline, domainError('message_group_busy'));
  }
}

/**
 * Items as they were at one instant. They are read again as long as a write transaction on one of them is under way.
 * @param keys 1 to 100, all different
 * @returns in the order of the keys; undefined for an item that there is not
 * @throws like {@link getExpectedHead}
 */
export async function getTogether(
  table: Table,
  keys: items.Key[],
  deadline: number,
): Promise<(items.Item | undefined)[]> {
  const TransactItems = keys.map((Key) => ({ Get: { TableName: table.name, Key } }));
  for (let attempt = 1; ; attempt++) {
    try {
      const { Responses = [] } = await table.client.send(new TransactGetCommand({ TransactItems }));
      return keys.map((_, n) => Responses[n]?.Item);
    } catch (error) {
      if (isThrottled(error)) throw domainError('throttled');
      if (!(error instanceof TransactionCanceledException)) throw error;
      const temporaryError = toTemporaryError(error.CancellationReasons ?? []);
      if (!temporaryError) throw error;
      await backOff(table, attempt, deadline, temporaryError);
    }
  }
}
