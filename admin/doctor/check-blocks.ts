import { deadlineOf } from '../../core/deps.ts';
import { isEqual } from '../../core/model/equal.ts';
import type { Uuid } from '../../core/model/id.ts';
import { getTogether } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { putRepairedBlocks } from '../table/repairs.ts';
import { type ItemsByKey, ownerOf, pairOwnersOf } from '../table/scan.ts';
import { type CheckContext, type Diagnosis, type ItemSubject, noFindings } from './diagnosis.ts';
import { finding } from './rules/finding.ts';

/** The keys of the items that say who of two users blocks the other: the lists of both, which the pair and the head follow. */
export const blockKeys = (one: Uuid, other: Uuid): [items.Key, items.Key] => [
  items.blockKey(one, other),
  items.blockKey(other, one),
];

/** Who of two users blocks the other, sorted. @param blocks the items at their {@link blockKeys} */
export function blockersOf([one, other]: readonly [Uuid, Uuid], blocks: readonly (items.Item | undefined)[]): Uuid[] {
  return [one, other].filter((_, n) => blocks[n]).sort();
}

/** The same, of items that were read by their keys. */
export const blockersIn = (found: ItemsByKey, one: Uuid, other: Uuid): Uuid[] =>
  blockersOf(
    [one, other],
    blockKeys(one, other).map((key) => found.get(key)),
  );

/**
 * Reports a pair without a conversation that does not say what the lists of blocked users say. If the two have a conversation, its check
 * does so.
 * @param subject a pair, or an item of such a list
 * @throws DomainError `throttled` when DynamoDB throttles, `message_group_busy` when a transaction on the items does not end
 */
export async function checkBlocks(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const users = usersOf(subject);
  const keys = [items.pairKey(...users), ...blockKeys(...users)];
  const [pairItem, ...blocks] = await getTogether(context.table, keys, deadlineOf(context));
  const pair = items.pairOf(pairItem ?? {});
  const blocked_by = blockersOf(users, blocks);
  if (pair.message_group_uuid || isEqual(pair.blocked_by ?? [], blocked_by)) return noFindings(subject);
  return {
    subject,
    findings: [finding('pair_blocks_wrong', { expected: blocked_by, found: pair.blocked_by ?? [] })],
    repair: async () =>
      !(await putRepairedBlocks(context.table, { users, pair, head: undefined, blocked_by }, deadlineOf(context))),
  };
}

const usersOf = ({ kind, item }: ItemSubject): [Uuid, Uuid] =>
  kind === 'block' ? [ownerOf(item, 'block'), items.blockOf(item).user_uuid] : pairOwnersOf(item);
