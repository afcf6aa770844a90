import { deadlineOf } from '../../core/deps.ts';
import { isEqual } from '../../core/model/equal.ts';
import { type Evidence, evidenceLength, type Report, reportReasons } from '../../core/model/report.ts';
import { keyIsFree, keyIsTaken } from '../../core/table/conditions.ts';
import { getTogether } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { removeItem } from '../table/repairs.ts';
import { isExpired, putListed } from '../table/reports.ts';
import { ownerOf } from '../table/scan.ts';
import { isLongExpired } from './check-references.ts';
import { type CheckContext, type Diagnosis, type ItemSubject, noFindings } from './diagnosis.ts';
import { finding } from './rules/finding.ts';

const isTextOrAbsent = (value: unknown) => value === undefined || typeof value === 'string';

const isWellFormedEvidence = (message: Partial<Evidence> | null): boolean =>
  typeof message === 'object' &&
  message !== null &&
  Number.isInteger(message.seq) &&
  [message.message_uuid, message.created_at, message.user_uuid, message.message].every(
    (value) => typeof value === 'string',
  );

/** Whether a report can be shown: it is about the user of its key, and its evidence ends with the message that it names. */
export function isWellFormedReport(item: items.Item): boolean {
  const {
    user_uuid,
    report_uuid,
    reporter_uuid,
    message_group_uuid,
    message_created_at,
    reason,
    note,
    evidence,
    resolved_at,
    outcome,
    expires_at,
  } = items.reportOf(item);
  const ids = [report_uuid, reporter_uuid, message_group_uuid];
  return (
    ids.every((id) => typeof id === 'string') &&
    user_uuid === ownerOf(item, 'report') &&
    reportReasons.includes(reason) &&
    [note, resolved_at, outcome].every(isTextOrAbsent) &&
    Number.isInteger(expires_at) &&
    Array.isArray(evidence) &&
    evidence.length > 0 &&
    evidence.length <= evidenceLength &&
    evidence.every(isWellFormedEvidence) &&
    (message_created_at === undefined || evidence.at(-1)?.created_at === message_created_at)
  );
}

/** Whether an entry of the list of open reports leads to a report. */
export const isWellFormedOpenReport = (item: items.Item): boolean =>
  ['user_uuid', 'report_uuid'].every((name) => typeof item[name] === 'string') && Number.isInteger(item.expires_at);

/** The key of the other item: of the entry in the list for a report, of the report for an entry. */
export const counterpartOf = (item: items.Item, kind: 'report' | 'openReport'): items.Key =>
  kind === 'report' ? items.openReportKey(items.reportOf(item)) : items.reportKey(items.openReportOf(item));

/**
 * Compares a report with the list of open ones, which must have an entry for each open report, and no others. Once the two have expired,
 * they are not compared: DynamoDB deletes them at different times.
 */
export function reportFault(
  { kind, item }: ItemSubject,
  counterpart: items.Item | undefined,
  context: Pick<CheckContext, 'now'>,
): 'report_expired' | 'report_not_listed' | 'report_listed_wrongly' | undefined {
  if (isLongExpired(item, context)) return 'report_expired';
  if (isExpired(context, { expires_at: Number(item.expires_at) })) return undefined;
  const [report, open] = kind === 'report' ? [item, counterpart] : [counterpart, item];
  const entry = report && !report.resolved_at && items.openReportItem(items.reportOf(report));
  if (isEqual(entry || undefined, open)) return undefined;
  if (kind === 'openReport') return report && !isWellFormedReport(report) ? undefined : 'report_listed_wrongly';
  return entry ? 'report_not_listed' : undefined;
}

/**
 * Reports what {@link reportFault} finds.
 * @throws DomainError `throttled` when DynamoDB throttles, `message_group_busy` when a transaction on the items does not end
 */
export async function checkReport(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const { kind, item: scanned } = subject;
  const other = counterpartOf(scanned, kind as 'report' | 'openReport');
  const keys = [{ pk: scanned.pk, sk: scanned.sk } as items.Key, other];
  const [item, counterpart] = await getTogether(context.table, keys, deadlineOf(context));
  const code = item && reportFault({ kind, item }, counterpart, context);
  if (!code) return noFindings(subject);
  const { table } = context;
  const details = { user_uuid: item.user_uuid as Report['user_uuid'], at: String(item.sk) };
  return {
    subject,
    findings: [finding(code, { ...details, ...(code === 'report_expired' && { found: item.expires_at }) })],
    repair: async () => {
      const deadline = deadlineOf(context);
      const report = kind === 'report' ? item : counterpart;
      if (code !== 'report_expired' && report && !report.resolved_at)
        return putListed(table, items.reportOf(report), deadline);
      const condition = counterpart ? keyIsTaken : keyIsFree; // a report that is resolved stays so
      return !(await removeItem(
        table,
        item,
        code === 'report_expired' ? undefined : { key: other, condition },
        deadline,
      ));
    },
  };
}
