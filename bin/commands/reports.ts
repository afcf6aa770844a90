import type { Command } from 'commander';
import { isWellFormedReport } from '../../admin/doctor/check-reports.ts';
import { findReport, listReports, namesOf, resolveReport } from '../../admin/reports.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Evidence, Report } from '../../core/model/report.ts';
import type { User } from '../../core/model/user.ts';
import { reportItem } from '../../core/table/items.ts';
import { CommandError } from '../console/command-error.ts';
import { columns, escapeControls, print, printRows, readableTime, styled, toJson } from '../console/print.ts';
import { addTarget, openTarget, printReadTarget, printWriteTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  user?: string;
  json?: true;
  utc?: true;
}

const byUser = '--user <handle>';
const nameOf = (user: User | undefined) => user?.handle ?? '(gone)';

export function addListReports(program: Command): void {
  addTarget(program.command('list'))
    .description('lists the open reports of all users, oldest first')
    .option(byUser, 'list all reports on this user, resolved ones as well')
    .option('--utc', 'print times in UTC (default: this machine’s time zone)')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExamples:\n  $ bin/reports list\n  $ bin/reports list --user grahams')
    .action(async ({ user, json, utc, ...options }: Options) => {
      const target = openTarget(options);
      await printReadTarget(target);
      const deps = newDeps(target.table);
      await printRows(listReports(deps, await uuidOf(deps, user)), {
        json: json === true,
        none: user === undefined ? 'There is no open report.' : `There is no report on ${user}.`,
        table: [
          ['TIME', ({ reported_at }) => readableTime(reported_at, utc === true), 19],
          ['REPORT', ({ report_uuid }) => report_uuid, 36],
          ['USER', (report) => nameOf(report.user), 20],
          ['REPORTED BY', ({ reporter }) => nameOf(reporter), 20],
          ['REASON', ({ reason }) => reason, 13],
          ['STATUS', ({ status }) => status],
        ],
      });
    });
}

export function addShowReport(program: Command): void {
  addTarget(program.command('show'))
    .description('prints a report with its evidence: the messages as they were then, also if they are deleted now')
    .argument('[report]', 'the uuid of the report (default: the oldest open one)')
    .option(byUser, 'look among all reports on this user: open ones first, then resolved ones')
    .option('--utc', 'print times in UTC (default: this machine’s time zone)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  $ bin/reports show\n  $ bin/reports show --user grahams')
    .action(async (uuid: string | undefined, { user, json, utc, ...options }: Options) => {
      const target = openTarget(options);
      await printReadTarget(target);
      const deps = newDeps(target.table);
      const report = await findReport(deps, uuid, await uuidOf(deps, user));
      if (!report && uuid === undefined) {
        await print(user === undefined ? 'There is no open report.' : `There is no report on ${user}.`);
        return;
      }
      if (!report) throw unknown(uuid);
      if (json) await print(toJson(report));
      else if (!isWellFormedReport(reportItem(report))) throw damaged(report.report_uuid);
      else await printReport(deps, report, utc === true);
    });
}

export function addResolveReport(program: Command): void {
  addTarget(program.command('resolve'))
    .description('closes a report: it leaves the list, and stays with its evidence until 180 days after it was made')
    .argument('<report>', 'the uuid of the report')
    .option('--outcome <text>', 'what was done')
    .addHelpText(
      'after',
      '\nExample:\n  $ bin/reports resolve 0c5a8c5e-94a1-4f0e-9a53-6d6c1f0f7c11 --outcome "suspended for a week"',
    )
    .action(async (uuid: string, { outcome, ...options }: TargetOptions & { outcome?: string }) => {
      const target = openTarget(options);
      await printWriteTarget(target);
      const deps = newDeps(target.table);
      const report = await findReport(deps, uuid);
      if (!report || !(await resolveReport(deps, report, outcome))) throw unknown(uuid);
      await print(`The report ${uuid} is resolved.`);
    });
}

const unknown = (uuid: string | undefined) =>
  new CommandError(
    `There is no open report ${uuid}: bin/reports list shows them, with --user those that are resolved.`,
  );

const damaged = (uuid: string) =>
  new CommandError(`The report ${uuid} is damaged: --json prints what is stored of it, bin/ddb doctor finds others.`);

const uuidOf = async (deps: Deps, handle: string | undefined): Promise<Uuid | undefined> =>
  handle === undefined ? undefined : (await findUser(deps, handle)).user_uuid;

/** A text of a user: its further lines begin in the given column, so that none looks like a line of the report itself. */
const indented = (text: string, column: number) => escapeControls(text).replaceAll('\n', `\n${' '.repeat(column)}`);

async function printReport(deps: Deps, report: Report, utc: boolean): Promise<void> {
  const users = await namesOf(deps, [report.user_uuid, report.reporter_uuid]);
  const name = (id: Uuid) => {
    const user = users.get(id);
    return user ? `${user.handle} (${user.display_name}), ${id}` : `(gone), ${id}`;
  };
  const time = (at: Evidence['created_at']) => readableTime(at, utc);
  const rows: [string, string | undefined][] = [
    ['Report', report.report_uuid],
    ['Made', time(report.reported_at)],
    ['On', name(report.user_uuid)],
    ['By', name(report.reporter_uuid)],
    ['Conversation', report.message_group_uuid],
    ['Reason', report.reason],
    ['Note', report.note],
    ['Status', report.resolved_at ? `resolved ${time(report.resolved_at)}` : 'open'],
    ['Outcome', report.outcome],
  ];
  for (const [title, text] of rows)
    if (text !== undefined) await print(columns([[styled('bold', title.padEnd(12))], [indented(text, 14)]]));
  await print('');
  for (const message of report.evidence) {
    const isReported = message.created_at === report.message_created_at;
    const changed = message.deleted_at ? '(was deleted)' : message.edited_at ? '(edited)' : '';
    const about = [`#${message.seq}`, time(message.created_at), nameOf(users.get(message.user_uuid)), changed];
    await print(styled(isReported ? 'red' : 'dim', `${isReported ? '> ' : '  '}${about.filter(Boolean).join('  ')}`));
    if (!message.deleted_at) await print(`    ${indented(message.message, 4)}`);
  }
}
