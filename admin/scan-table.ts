import type { Deps } from '../core/deps.ts';
import type { Head } from '../core/model/head.ts';
import type { RegisteredUser } from '../core/model/user.ts';
import { headOf, type Item } from '../core/table/items.ts';
import { allUsers, type Kind, kindOf, scanSegment } from './table/scan.ts';

export { type Kind, kinds } from './table/scan.ts';

/**
 * The stored items of the table, unordered, read page by page.
 * @param options.kind only items of this kind; default: all kinds
 * @param options.limit the largest number of items; default: all
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function* scanTable(
  { table }: Pick<Deps, 'table'>,
  { kind, limit = Number.POSITIVE_INFINITY }: { kind?: Kind | undefined; limit?: number | undefined } = {},
): AsyncGenerator<{ kind: Kind; item: Item }> {
  let left = limit;
  for await (const page of scanSegment(table, { segment: 0, segments: 1 })) {
    for (const item of page) {
      const kindOfItem = kindOf(item);
      if (kind !== undefined && kindOfItem !== kind) continue;
      yield { kind: kindOfItem, item };
      left -= 1;
      if (left <= 0) return;
    }
  }
}

/** All users of the table, unordered. */
export const scanUsers = ({ table }: Pick<Deps, 'table'>): AsyncGenerator<RegisteredUser> => allUsers(table);

/** The heads of all conversations of the table, unordered. */
export async function* scanHeads(deps: Pick<Deps, 'table'>): AsyncGenerator<Head> {
  for await (const { item } of scanTable(deps, { kind: 'head' })) yield headOf(item);
}
