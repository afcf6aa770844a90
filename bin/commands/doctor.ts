import process from 'node:process';
import type { Command } from 'commander';
import { readability } from '../../admin/doctor/check-readability.ts';
import {
  type Diagnosis,
  defaultGrace,
  type Examiner,
  examine,
  type Finding,
  type FindingCode,
  repair,
  tableSize,
} from '../../admin/doctor/examine.ts';
import { newDeps } from '../../core/deps.ts';
import { wholeNumber } from '../console/cli.ts';
import { CommandError } from '../console/command-error.ts';
import { toJson } from '../console/print.ts';
import { Progress } from '../console/progress.ts';
import {
  addConfirmation,
  addTarget,
  type ConfirmationOptions,
  confirm,
  openTarget,
  printReadTarget,
  printWriteTarget,
  type TargetOptions,
} from '../console/target.ts';

interface Options extends TargetOptions, ConfirmationOptions {
  repair?: true;
  forRollback?: true;
  despiteViolations?: true;
  json?: true;
  rate?: number;
  segments: number;
}

const help = `
It reads the whole table and rechecks each suspect with consistent reads before it reports it, so the service may keep running,
also during repairs. Repairs rewrite heads, inbox rows and pairs to match the messages. What cannot be repaired, such as a lost
message, is reported as such. An expired receipt or report is reported only 48 hours after its expiry, since DynamoDB deletes late.

With --repair --for-rollback it then prepares the table for version 0.2. First stop the functions of the new routes, as
docs/architecture.md says under "How to roll back". Names return to heads and inbox rows, and cleared conversations to the inbox.
Blocks end, and each is listed. Pairs without a conversation and search items are deleted. No command restores the blocks. Run it
again after the rollback: users who signed up meanwhile may have search items. While violations are left that it could not repair, it
prepares nothing, unless --despite-violations is given.

Exit code: 0 no violation is left; 1 violations are left; 2 it could not run.

Examples:
  $ bin/ddb doctor
  $ bin/ddb doctor --repair --json --rate 500 > findings.jsonl
  $ bin/ddb doctor --repair --for-rollback --stage dev`;

export function addDoctor(program: Command): void {
  addConfirmation(addTarget(program.command('doctor')))
    .description('finds items of the table that contradict each other, and repairs them with --repair')
    .option('--repair', 'repair what can be repaired')
    .option('--for-rollback', 'with --repair: prepare the table for version 0.2')
    .option('--despite-violations', 'with --for-rollback: prepare the table although violations are left')
    .option('--json', 'print one JSON object per line')
    .option('--rate <items per second>', 'limit the reads (default: unlimited)', wholeNumber(1, 1_000_000))
    .option('--segments <n>', 'the number of parallel scans', wholeNumber(1, 64), 4)
    .addHelpText('after', help)
    .action(doctor);
}

async function doctor(input: Options): Promise<void> {
  const { repair: repairs, forRollback, despiteViolations, json, rate, segments, ...options } = input;
  if (forRollback && !repairs) throw new CommandError('--for-rollback needs --repair.');
  if (despiteViolations && !forRollback) throw new CommandError('--despite-violations needs --for-rollback.');
  const target = openTarget(options);
  if (forRollback) await confirm(target, `End all blocks in ${target.table.name}, and show what is cleared`, options);
  else await (repairs ? printWriteTarget(target) : printReadTarget(target));
  const context = { ...newDeps(target.table), grace: defaultGrace };
  const size = await tableSize(context);
  const format = json ? (finding: object) => toJson(finding) : asText;

  /** @returns the findings of one examination */
  const examined = async ({ examiner, prints = () => true, ignores }: Examination = {}): Promise<Counts> => {
    const progress = new Progress('doctor', size);
    const counts: Counts = { items: 0, found: 0, remaining: 0, repaired: {} };
    const onProgress = (scanned: number) => {
      counts.items = scanned;
      progress.update(scanned);
    };
    try {
      for await (const diagnosis of examine(context, { segments, rate, onProgress, ...(examiner && { examiner }) })) {
        if (ignores && diagnosis.findings.every(({ code }) => code === ignores)) continue;
        for (const finding of repairs ? await repaired(diagnosis, context, examiner) : diagnosis.findings) {
          const isRepaired = 'repaired' in finding && finding.repaired;
          counts.found++;
          if (isRepaired) counts.repaired[finding.code] = (counts.repaired[finding.code] ?? 0) + 1;
          else counts.remaining++;
          if (json || !isRepaired || prints(finding)) progress.print(format(finding));
        }
      }
    } finally {
      progress.stop();
    }
    if (counts.remaining > 0) process.exitCode = 1;
    return counts;
  };

  // Missing search items are not added: version 0.2 does not know them, and those that exist are deleted below.
  const found = await examined(forRollback ? { ignores: 'search_differs' } : {});
  if (!json) console.log(summary(found, repairs === true));
  if (!forRollback) return;
  // What the preparation changes for users is not undone: not for a table that cannot be ready in the end.
  if (found.remaining > 0 && !despiteViolations) {
    console.error('Nothing is prepared for version 0.2: repair what is left first, or add --despite-violations.');
    return;
  }
  const prepared = await examined({ examiner: readability, prints: ({ code }) => code === 'rollback_block' });
  if (!json) console.log(rollbackSummary(prepared, found.remaining));
}

interface Examination {
  examiner?: Examiner;
  /** Which repaired findings are printed, unless the output is JSON, which has all of them; default: all. */
  prints?: (finding: Finding) => boolean;
  /** A subject whose findings all have this code is left as it is. */
  ignores?: FindingCode;
}

interface Counts {
  items: number;
  found: number;
  remaining: number;
  /** How many findings were repaired, by code. */
  repaired: Partial<Record<FindingCode, number>>;
}

type Repaired = Finding & { repaired: boolean };

/**
 * Runs the repair of a diagnosis.
 * @returns each finding with whether it was repaired, followed by findings that came to light only during the repair
 */
async function repaired(
  diagnosis: Diagnosis,
  context: Parameters<typeof repair>[0],
  examiner: Examiner | undefined,
): Promise<Repaired[]> {
  const remaining = await repair(context, diagnosis, examiner);
  const idOf = ({ code, user_uuid, field, at }: Finding) => JSON.stringify([code, user_uuid, field, at]);
  const remainingIds = new Set(remaining.map(idOf));
  const foundIds = new Set(diagnosis.findings.map(idOf));
  return [
    ...diagnosis.findings.map((finding) => ({ ...finding, repaired: !remainingIds.has(idOf(finding)) })),
    ...remaining.filter((finding) => !foundIds.has(idOf(finding))).map((finding) => ({ ...finding, repaired: false })),
  ];
}

function asText({ code, message_group_uuid, user_uuid, field, at, expected, found, ...rest }: Finding): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const outcome =
    'repaired' in rest ? (rest.repaired ? 'repaired' : 'NOT repaired') : !rest.repairable && 'cannot be repaired';
  return [
    code.padEnd(24),
    message_group_uuid && `conversation ${message_group_uuid}`,
    user_uuid && `user ${user_uuid}`,
    field,
    at && `at ${at}`,
    expected !== undefined && `expected ${text(expected)}`,
    found !== undefined && `found ${text(found)}`,
    outcome,
  ]
    .filter(Boolean)
    .join('  ');
}

function summary({ items, found, remaining }: Counts, repairs: boolean): string {
  if (found === 0) return `Checked ${items} items: no violations.`;
  const violations = `Checked ${items} items: ${found} violation${found === 1 ? '' : 's'}`;
  return repairs
    ? `${violations}, ${found - remaining} repaired, ${remaining} left.`
    : `${violations}. Run again with --repair to repair what can be repaired.`;
}

const ofRollback: readonly [FindingCode, string][] = [
  ['rollback_names', 'names written into heads and inbox rows'],
  ['rollback_row_hidden', 'hidden inbox rows shown'],
  ['rollback_block', 'blocks ended'],
  ['rollback_pair', 'pairs without a conversation deleted'],
  ['rollback_search', 'search items deleted'],
];

/** @param before the violations that were left before the preparation */
function rollbackSummary({ remaining, repaired }: Counts, before: number): string {
  const left = `${before} violation${before === 1 ? '' : 's'}`;
  const ready = `The table is ready for version 0.2${before === 0 ? '' : `, except for the ${left} above`}`;
  const outcome = remaining === 0 ? ready : `${remaining} NOT done: run it again`;
  const done = ofRollback.filter(([code]) => repaired[code]).map(([code, text]) => `${repaired[code]} ${text}`);
  return `${[outcome, ...(done.length > 0 ? [done.join(', ')] : [])].join(': ')}.`;
}
