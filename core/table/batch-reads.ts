import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { domainError } from '../errors.ts';
import type { Head } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { Table } from './client.ts';
import * as items from './items.ts';
import { withThrottledError } from './reads.ts';
import { backOff } from './transactions.ts';

const mostPerRequest = 100; // DynamoDB's limit

/**
 * Several items at once.
 * @param keys all different
 * @param deadline milliseconds since 1970, after which DynamoDB is not asked again for those that it left out
 * @param ConsistentRead an eventually consistent read costs half
 * @returns those that exist, in any order
 * @throws DomainError `throttled`
 */
export async function getItems(
  table: Table,
  keys: readonly items.Key[],
  deadline: number,
  { ConsistentRead = false } = {},
): Promise<items.Item[]> {
  const found: items.Item[] = [];
  let left = keys;
  for (let attempt = 1; left.length > 0; attempt++) {
    const Keys = left.slice(0, mostPerRequest);
    const command = new BatchGetCommand({
      RequestItems: { [table.name]: { Keys, ...(ConsistentRead && { ConsistentRead }) } },
    });
    const { Responses = {}, UnprocessedKeys = {} } = await withThrottledError(table.client.send(command));
    found.push(...(Responses[table.name] ?? []));
    const leftOut = (UnprocessedKeys[table.name]?.Keys ?? []) as unknown as items.Key[];
    left = [...leftOut, ...left.slice(mostPerRequest)];
    if (leftOut.length > 0) await backOff(table, attempt, deadline, domainError('throttled'));
  }
  return found;
}

/**
 * The heads of several conversations as they are now.
 * @param ids all different
 * @returns by message_group_uuid; one without a head is missing
 * @throws like {@link getItems}
 */
export async function getHeads(table: Table, ids: readonly Uuid[], deadline: number): Promise<Map<Uuid, Head>> {
  const found = await getItems(table, ids.map(items.headKey), deadline, { ConsistentRead: true });
  return new Map(found.map(items.headOf).map((head) => [head.message_group_uuid, head]));
}
