import type { Mutation } from '../mutation.ts';
import { always } from '../mutation.ts';

const test = 'test/table/reports.test.ts';
const doctor = 'test/table/doctor.test.ts';
const commands = 'test/table/commands.test.ts';
const verb = 'core/create-report.ts';
const writes = 'core/table/writes.ts';
const conditions = 'core/table/conditions.ts';
const checks = 'admin/doctor/check-reports.ts';

/** Reports: who may make them and how many, what they keep, and how the doctor checks them. */
export const reporting: Mutation[] = [
  {
    name: 'only a participant reports a conversation',
    file: verb,
    find: 'if (!head || !isMine(head)) throw',
    replace: 'if (!head || (!isMine(head) && !message_group_uuid)) throw',
    caughtBy: [test, 'a report is refused to those who do not take part'],
  },
  {
    name: 'nobody reports a message of their own',
    file: verb,
    find: "  if (named && named.sender.user_uuid === me.user_uuid) throw domainError('report_self');\n",
    replace: '',
    caughtBy: [test, 'a report is refused of a message of one’s own'],
  },
  {
    name: 'nobody reports a message that they have cleared',
    file: verb,
    find: '(!named || hasCleared(head, me.user_uuid, created_at))',
    replace: '(!named || (!named && hasCleared(head, me.user_uuid, created_at)))',
    caughtBy: [test, 'a report is refused of a message of one’s own'],
  },
  {
    name: 'a report keeps the newest message, which single reads may not show yet',
    file: 'core/list-messages.ts',
    find: 'stop: justAfter(upTo.created_at), seq: upTo.seq + 1 }',
    replace: 'stop: justAfter(upTo.created_at), seq: undefined as never }',
    caughtBy: [test, 'a report keeps message 2, which single reads do not show yet'],
  },
  {
    name: 'a report keeps the messages up to the one that it names',
    file: verb,
    find: 'const upTo = named || {',
    replace: 'const upTo = (!head && named) || {',
    caughtBy: [test, 'a report of a message keeps the 20 messages up to it'],
  },
  {
    name: 'a report counts against the limit of its reporter',
    file: conditions,
    find: "all(isPresent, isStill('reports_until', reports_until))",
    replace: 'reports_until === undefined ? isPresent : isPresent',
    caughtBy: [test, 'the reports that a user makes are never more than'],
  },
  {
    name: 'a report over the limit is refused before its evidence is read',
    file: verb,
    find: 'let reporter = { before: firstRead, after: spendReport(deps, firstRead, arrivedAt) };',
    replace:
      'let reporter = { before: { ...firstRead, reports_until: 0 }, after: spendReport(deps, { ...firstRead, reports_until: 0 }, arrivedAt) };',
    caughtBy: [test, 'the reports that a user makes are refused over the limit before any evidence is read'],
  },
  {
    name: 'a report overwrites no other one on the same user',
    file: writes,
    find: 'report: put(table, items.reportItem(report), keyIsFree)',
    replace: 'report: put(table, items.reportItem(report), undefined)',
    caughtBy: [test, 'a report is kept beside another one of the same microsecond'],
  },
  {
    name: 'a report overwrites no other one in the list of open ones',
    file: writes,
    find: 'open: put(table, items.openReportItem(report), keyIsFree)',
    replace: 'open: put(table, items.openReportItem(report), undefined)',
    caughtBy: [test, 'a report is kept beside another one of the same microsecond'],
  },
  {
    name: 'a report is resolved once',
    file: conditions,
    find: "'report_uuid = :report AND attribute_not_exists(resolved_at)'",
    replace: `'${always('report_uuid = :report')}'`,
    caughtBy: [doctor, 'a report causes no finding'],
  },
  {
    name: 'no text of a user looks like a line of the report that is shown',
    file: 'bin/commands/reports.ts',
    find: "' '.repeat(column)",
    replace: "' '.repeat(0 * column)",
    caughtBy: [commands, 'reports are shown so that no text of theirs'],
  },
  {
    name: 'JSON that is printed does not control the terminal',
    file: 'bin/console/print.ts',
    find: 'escapeControls(JSON.stringify(value, null, indent))',
    replace: 'JSON.stringify(value, null, indent)',
    caughtBy: [commands, 'reports are shown so that no text of theirs'],
  },
  {
    name: 'a report past its time counts as deleted',
    file: 'admin/table/reports.ts',
    find: 'expires_at <= toSeconds(now())',
    replace: 'expires_at < toSeconds(now()) - expires_at',
    caughtBy: [commands, 'reports are looked for among all that are open'],
  },
  {
    name: 'the doctor finds reports that are kept too long',
    file: checks,
    find: "  if (isLongExpired(item, context)) return 'report_expired';\n",
    replace: '',
    caughtBy: [doctor, 'the doctor finds, and where possible repairs, a report and its entry that expired long ago'],
  },
  {
    name: 'the doctor knows that DynamoDB deletes a report and its entry at different times',
    file: checks,
    find: '  if (isExpired(context, { expires_at: Number(item.expires_at) })) return undefined;\n',
    replace: '',
    caughtBy: [doctor, 'a report causes no finding'],
  },
  {
    name: 'the doctor finds open reports that the list does not have',
    file: checks,
    find: "return entry ? 'report_not_listed' : undefined;",
    replace: "return entry && !item ? 'report_not_listed' : undefined;",
    caughtBy: [doctor, 'the doctor finds, and where possible repairs, an open report that the list does not have'],
  },
  {
    name: 'the doctor finds entries of the list that lead to no open report',
    file: checks,
    find: "return report && !isWellFormedReport(report) ? undefined : 'report_listed_wrongly';",
    replace: "return report && isWellFormedReport(report) && !item ? 'report_listed_wrongly' : undefined;",
    caughtBy: [doctor, 'the doctor finds, and where possible repairs, an entry of the list that leads to no report'],
  },
  {
    name: 'the doctor finds reports that lack the message that they name',
    file: checks,
    find: '(message_created_at === undefined || evidence.at(-1)?.created_at === message_created_at)',
    replace: "(message_created_at === undefined || evidence.at(-1)?.created_at !== '')",
    caughtBy: [doctor, 'the doctor finds, and where possible repairs, a report without the message that it names'],
  },
  {
    name: 'the doctor finds reports whose evidence is damaged',
    file: checks,
    find: 'evidence.every(isWellFormedEvidence)',
    replace: 'evidence.some((message) => isWellFormedEvidence(message) || message !== undefined)',
    caughtBy: [doctor, 'the doctor finds, and where possible repairs, reports with damaged evidence'],
  },
  {
    name: 'the doctor finds reports on another user than that of their key',
    file: checks,
    find: "user_uuid === ownerOf(item, 'report') &&",
    replace: "user_uuid !== '' + ownerOf({ pk: '' }, 'report') &&",
    caughtBy: [doctor, 'the doctor finds, and where possible repairs, a report on another user than that of its key'],
  },
];
