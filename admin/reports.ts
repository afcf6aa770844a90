import { type Deps, deadlineOf } from '../core/deps.ts';
import { domainError } from '../core/errors.ts';
import type { Uuid } from '../core/model/id.ts';
import { type Report, withoutTextsOf } from '../core/model/report.ts';
import type { User } from '../core/model/user.ts';
import { getNamedItem, getTogether } from '../core/table/confirmed-reads.ts';
import * as items from '../core/table/items.ts';
import { backOff } from '../core/table/transactions.ts';
import { isExpired, openReportPages, putResolved, reportPages } from './table/reports.ts';
import { getMany } from './table/scan.ts';

/** A report as a line of a list, with the names that the users have now. */
export type ListedReport = Pick<Report, 'report_uuid' | 'reported_at' | 'reason'> & {
  status: 'open' | 'resolved';
  user: User | undefined;
  reporter: User | undefined;
};

/**
 * Reports, oldest first.
 * @param on the user whom they are about: then resolved ones as well; undefined for the open reports on all users
 * @throws DomainError `throttled` when DynamoDB throttles for a minute
 */
export async function* listReports(deps: Pick<Deps, 'table' | 'now'>, on?: Uuid): AsyncGenerator<ListedReport> {
  const { table } = deps;
  const pages: AsyncIterable<(items.OpenReport & { resolved_at?: string })[]> =
    on === undefined ? openReportPages(table) : reportPages(table, on);
  for await (const found of pages) {
    const page = found.filter((report) => !isExpired(deps, report));
    const users = await namesOf(
      { table },
      page.flatMap(({ user_uuid, reporter_uuid }) => [user_uuid, reporter_uuid]),
    );
    for (const { report_uuid, reported_at, reason, user_uuid, reporter_uuid, resolved_at } of page)
      yield {
        report_uuid,
        reported_at,
        reason,
        status: resolved_at ? 'resolved' : 'open',
        user: users.get(user_uuid),
        reporter: users.get(reporter_uuid),
      };
  }
}

/**
 * Finds a report among the open ones, or with `on` among all reports on a user.
 * @param uuid of the report; undefined for the oldest open one, or with `on` the oldest one if none is open
 * @param on the user whom it is about; needed if it may be resolved already
 * @returns undefined if there is no such report
 * @throws DomainError `throttled`, `message_group_busy`
 */
export async function findReport(deps: Deps, uuid: string | undefined, on?: Uuid): Promise<Report | undefined> {
  if (on !== undefined) {
    let resolved: Report | undefined;
    for await (const page of reportPages(deps.table, on))
      for (const report of page) {
        if (isExpired(deps, report) || (uuid !== undefined && report.report_uuid !== uuid)) continue;
        if (uuid !== undefined || !report.resolved_at) return report;
        resolved ??= report;
      }
    return resolved;
  }
  for await (const page of openReportPages(deps.table))
    for (const entry of page) {
      if (isExpired(deps, entry) || (uuid !== undefined && entry.report_uuid !== uuid)) continue;
      const item = await getNamedItem(deps.table, items.reportKey(entry), deadlineOf(deps));
      const report = item && items.reportOf(item);
      // DynamoDB deletes the two at different times, so an entry may lead to no report.
      if (report?.report_uuid === entry.report_uuid && !report.resolved_at) return report;
    }
  return undefined;
}

/**
 * Closes an open report. Its evidence stays until the report expires, without what a user wrote who was erased.
 * @param outcome what the operator notes; undefined for nothing
 * @returns false if another operator resolved it meanwhile: their outcome stays
 * @throws DomainError `throttled`, `message_group_busy`
 */
export async function resolveReport(deps: Deps, report: Report, outcome: string | undefined): Promise<boolean> {
  const { table } = deps;
  const deadline = deadlineOf(deps);
  const resolved = { ...report, resolved_at: deps.now(), ...(outcome !== undefined && { outcome }) };
  const both = [report.user_uuid, report.reporter_uuid];
  for (let attempt = 1; ; attempt++) {
    const users = await getTogether(table, both.map(items.userKey), deadline);
    const gone = both.filter((_, n) => users[n]?.gone_at);
    const present = both.filter((user) => !gone.includes(user));
    const failures = await putResolved(table, gone.reduce(withoutTextsOf, resolved), present, deadline);
    if (!failures) return true;
    if (failures.report) return false;
    await backOff(table, attempt, deadline, domainError('message_group_busy')); // a user was erased meanwhile
  }
}

/** Users with the names that they have now; one who is gone is missing. */
export async function namesOf({ table }: Pick<Deps, 'table'>, ids: Uuid[]): Promise<Map<Uuid, User>> {
  const found = await getMany(table, ids.map(items.userKey));
  return new Map(
    ids.flatMap((id) => {
      const item = found.get(items.userKey(id));
      return item ? [[id, items.userOf(item)] as const] : [];
    }),
  );
}
