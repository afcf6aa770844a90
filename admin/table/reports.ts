import type { Deps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Report } from '../../core/model/report.ts';
import { toSeconds } from '../../core/model/time.ts';
import type { Table } from '../../core/table/client.ts';
import { isNotGone, isOpenReport } from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { type ConditionFailures, transact } from '../../core/table/transactions.ts';
import { check, put, remove, update } from '../../core/table/write-requests.ts';
import { partition } from './scan.ts';

/** Whether a report, or its entry, is past its time: it counts as deleted, although DynamoDB deletes it only some days later. */
export const isExpired = ({ now }: Pick<Deps, 'now'>, { expires_at }: Pick<Report, 'expires_at'>): boolean =>
  expires_at <= toSeconds(now());

/** The list of open reports, oldest first, page by page. */
export async function* openReportPages(table: Table): AsyncGenerator<items.OpenReport[]> {
  for await (const page of partition(table, items.openReports)) yield page.map(items.openReportOf);
}

/** All reports on a user, oldest first, page by page. */
export async function* reportPages(table: Table, user: Uuid): AsyncGenerator<Report[]> {
  for await (const page of partition(table, items.reports(user))) yield page.map(items.reportOf);
}

/**
 * Marks a report as resolved, and takes it out of the list of open ones.
 * @param present its users who were not erased when they were read: if one was erased since, the report still has what they wrote
 * @returns the parts whose condition failed: `report` if it is no longer open, `user0` or `user1` if a user was erased; then nothing is written
 */
export async function putResolved(
  table: Table,
  report: Report,
  present: readonly Uuid[],
  deadline: number,
): Promise<ConditionFailures<'report' | 'open' | 'user0' | 'user1'> | undefined> {
  const [one, other] = present;
  const isThere = (user: Uuid | undefined) => user && check(table, items.userKey(user), isNotGone);
  return transact(
    table,
    {
      report: update(
        table,
        items.reportKey(report),
        items.reportChanges(report, ['resolved_at', 'outcome', 'evidence', 'note']),
        isOpenReport(report.report_uuid),
      ),
      open: remove(table, items.openReportKey(report), undefined),
      user0: isThere(one),
      user1: isThere(other),
    },
    deadline,
  );
}

/** Writes the entry of an open report into the list again. @returns false if it is no longer open: then nothing is written */
export async function putListed(table: Table, report: Report, deadline: number): Promise<boolean> {
  const writes = {
    report: check(table, items.reportKey(report), isOpenReport(report.report_uuid)),
    open: put(table, items.openReportItem(report), undefined),
  };
  return (await transact<keyof typeof writes>(table, writes, deadline)) === undefined;
}
