import type { InfiniteData } from '@tanstack/react-query';
import type { Page } from '../api/request.ts';

/** A list as it is remembered: a page at a time, in the order in which they were asked for. */
export type PagedList<Row> = InfiniteData<Page<Row>, string>;

/**
 * For `structuralSharing` of a list: what was merged into it while its next page was on the way stays. TanStack Query adds the
 * page to the list as it was when it asked, and would undo whatever came between.
 * @param before the list as it is remembered; undefined at first
 * @param after the list as it is about to be remembered
 */
export function keepMergedRows(before: unknown, after: unknown): unknown {
  if (Array.isArray(after)) return after; // it is asked about what is selected as well: the rows themselves
  const old = before as PagedList<unknown> | undefined;
  const fresh = after as PagedList<unknown>;
  const count = old?.pages.length ?? 0;
  if (!old || fresh.pages.length <= count) return fresh; // the first page, or a change of ours
  if (fresh.pages[count - 1]?.next !== old.pages[count - 1]?.next) return old; // it began anew meanwhile: this is no page of it
  return { ...fresh, pages: [...old.pages, ...fresh.pages.slice(count)] };
}

/** The same list with another first page. */
export function mapFirstPage<Row>(list: PagedList<Row>, change: (first: Page<Row>) => Page<Row>): PagedList<Row> {
  const [first = { rows: [], next: undefined }, ...rest] = list.pages;
  return { ...list, pages: [change(first), ...rest] };
}
