import type { Deps } from '../core/deps.ts';
import type { Head } from '../core/model/head.ts';
import type { RegisteredUser } from '../core/model/user.ts';
import { headOf, type Item } from '../core/table/items.ts';
import { allUsers, type Kind, kindOf, scanSegment } from './table/scan.ts';

export { type Kind, kinds } from './table/scan.ts';

/**
 * Every item of the table, or those of one kind, as they are stored and in no order; a page at a time, never all at once.
 * @param options.limit how many at most; all, unless told
 * @throws DomainError `throttled` when the table stays too busy for a minute
 */
export async function* scanTable(
  { table }: Pick<Deps, 'table'>,
  { kind, limit = Number.POSITIVE_INFINITY }: { kind?: Kind | undefined; limit?: number | undefined } = {},
): AsyncGenerator<{ kind: Kind; item: Item }> {
  let left = limit;
  for await (const page of scanSegment(table, { segment: 0, segments: 1 })) {
    for (const item of page) {
      const found = kindOf(item);
      if (kind !== undefined && found !== kind) continue;
      yield { kind: found, item };
      left -= 1;
      if (left <= 0) return;
    }
  }
}

/** Everybody of the table, in no order. */
export const everyUser = ({ table }: Pick<Deps, 'table'>): AsyncGenerator<RegisteredUser> => allUsers(table);

/** The head of every conversation of the table, in no order. */
export async function* everyHead(deps: Pick<Deps, 'table'>): AsyncGenerator<Head> {
  for await (const { item } of scanTable(deps, { kind: 'head' })) yield headOf(item);
}
