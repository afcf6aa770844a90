import type { InfiniteData } from '@tanstack/react-query';
import type { Page } from '../api/request.ts';

/** A cached list: its pages in the order in which they were fetched. */
export type PagedList<Row> = InfiniteData<Page<Row>, string>;

/**
 * For `structuralSharing`: keeps rows that were merged into the list while its next page was being fetched. TanStack
 * Query adds the page to the list as it was when the fetch began, which would undo the merge.
 * @param before the cached list; undefined before the first fetch
 * @param after the list that is about to be cached
 * @returns the list to cache
 */
export function keepMergedRows(before: unknown, after: unknown): unknown {
  if (Array.isArray(after)) return after; // TanStack Query calls this also with the result of `select`, an array
  const old = before as PagedList<unknown> | undefined;
  const fresh = after as PagedList<unknown>;
  const count = old?.pages.length ?? 0;
  if (!old || fresh.pages.length <= count) return fresh; // no page was added: this is the first page, or a merge
  // The list was replaced during the fetch, so the fetched page does not follow it.
  if (fresh.pages[count - 1]?.next !== old.pages[count - 1]?.next) return old;
  return { ...fresh, pages: [...old.pages, ...fresh.pages.slice(count)] };
}

/** @returns the rows of a list that is fetched in the order in which it is shown */
export const allRows = <Row>({ pages }: PagedList<Row>): Row[] => pages.flatMap(({ rows }) => rows);

/** @returns the list with its first page replaced */
export function mapFirstPage<Row>(list: PagedList<Row>, change: (first: Page<Row>) => Page<Row>): PagedList<Row> {
  const [first = { rows: [], next: undefined }, ...rest] = list.pages;
  return { ...list, pages: [change(first), ...rest] };
}
