import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Table } from './client.ts';
import type { Condition } from './conditions.ts';
import type { Item, Key } from './items.ts';

/** One write of a transaction. */
export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

// If a condition fails, DynamoDB returns the current item with the error, so that the caller can go on from it without another read.
const bringsItem = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** @param condition undefined only where another write of the transaction has the condition for both */
export const put = ({ name: TableName }: Table, Item: Item, condition: Condition | undefined): Write => ({
  Put: { TableName, Item, ...(condition && { ...condition, ...bringsItem }) },
});

/** @param condition as for {@link put} */
export const remove = ({ name: TableName }: Table, Key: Key, condition: Condition | undefined): Write => ({
  Delete: { TableName, Key, ...condition },
});

export const check = ({ name: TableName }: Table, Key: Key, condition: Condition): Write => ({
  ConditionCheck: { TableName, Key, ...condition, ...bringsItem },
});

/**
 * Changes named attributes of an item and leaves its others as they are.
 * @param changes by attribute name; one whose value is undefined is removed
 * @param counter the attribute that grows by one, if there is one, whatever it is then
 */
export function update(
  { name: TableName }: Table,
  Key: Key,
  changes: Item,
  condition: Condition,
  counter?: string,
): Write {
  const names = Object.keys(changes);
  const set = names.filter((name) => changes[name] !== undefined);
  const removed = names.filter((name) => changes[name] === undefined);
  const { ConditionExpression, ExpressionAttributeNames } = condition;
  const values = {
    ...condition.ExpressionAttributeValues,
    ...Object.fromEntries(set.map((name) => [`:new_${name}`, changes[name]])),
    ...(counter !== undefined && { ':one': 1 }),
  };
  return {
    Update: {
      TableName,
      Key,
      UpdateExpression: [
        set.length > 0 ? `SET ${set.map((name) => `#${name} = :new_${name}`).join(', ')}` : '',
        removed.length > 0 ? `REMOVE ${removed.map((name) => `#${name}`).join(', ')}` : '',
        counter !== undefined ? `ADD #${counter} :one` : '',
      ]
        .join(' ')
        .trim(),
      ConditionExpression,
      ExpressionAttributeNames: {
        ...ExpressionAttributeNames,
        ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ...(counter !== undefined && { [`#${counter}`]: counter }),
      },
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }), // DynamoDB refuses an empty one
      ...bringsItem,
    },
  };
}
