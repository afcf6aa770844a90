import process from 'node:process';
import type { Command } from 'commander';
import { type Diagnosis, defaultGrace, examine, type Finding, repair, tableSize } from '../../admin/doctor/examine.ts';
import { newDeps } from '../../core/deps.ts';
import { wholeNumber } from '../console/cli.ts';
import { Progress } from '../console/progress.ts';
import { addTarget, openTarget, printReadTarget, printWriteTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  repair?: true;
  json?: true;
  rate?: number;
  segments: number;
}

const help = `
It reads the whole table and rechecks each suspect with consistent reads before it reports it, so the service may keep running,
also during repairs. Repairs rewrite heads, inbox rows and pairs to match the messages. What cannot be repaired, such as a lost
message, is reported as such. An expired receipt is reported only 48 hours after its expiry, since DynamoDB deletes late.

Exit code: 0 no violation is left; 1 violations are left; 2 it could not run.

Examples:
  $ bin/ddb doctor
  $ bin/ddb doctor --repair --json --rate 500 > findings.jsonl`;

export function addDoctor(program: Command): void {
  addTarget(program.command('doctor'))
    .description('finds items of the table that contradict each other, and repairs them with --repair')
    .option('--repair', 'repair what can be repaired')
    .option('--json', 'print one JSON object per line')
    .option('--rate <items per second>', 'limit the reads (default: unlimited)', wholeNumber(1, 1_000_000))
    .option('--segments <n>', 'the number of parallel scans', wholeNumber(1, 64), 4)
    .addHelpText('after', help)
    .action(doctor);
}

async function doctor({ repair: repairs, json, rate, segments, ...options }: Options): Promise<void> {
  const target = openTarget(options);
  await (repairs ? printWriteTarget(target) : printReadTarget(target));
  const context = { ...newDeps(target.table), grace: defaultGrace };
  const progress = new Progress('doctor', await tableSize(context));
  const format = json ? (finding: object) => JSON.stringify(finding) : asText;
  const counts = { items: 0, found: 0, remaining: 0 };
  const onProgress = (scanned: number) => {
    counts.items = scanned;
    progress.update(scanned);
  };
  try {
    for await (const diagnosis of examine(context, { segments, rate, onProgress })) {
      for (const finding of repairs ? await repaired(diagnosis, context) : diagnosis.findings) {
        counts.found++;
        if (!('repaired' in finding && finding.repaired)) counts.remaining++;
        progress.print(format(finding));
      }
    }
  } finally {
    progress.stop();
  }
  if (!json) console.log(summary(counts, repairs === true));
  if (counts.remaining > 0) process.exitCode = 1;
}

type Repaired = Finding & { repaired: boolean };

/**
 * Runs the repair of a diagnosis.
 * @returns each finding with whether it was repaired, followed by findings that came to light only during the repair
 */
async function repaired(diagnosis: Diagnosis, context: Parameters<typeof repair>[0]): Promise<Repaired[]> {
  const remaining = await repair(context, diagnosis);
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

function summary(
  { items, found, remaining }: { items: number; found: number; remaining: number },
  repairs: boolean,
): string {
  if (found === 0) return `Checked ${items} items: no violations.`;
  const violations = `Checked ${items} items: ${found} violation${found === 1 ? '' : 's'}`;
  return repairs
    ? `${violations}, ${found - remaining} repaired, ${remaining} left.`
    : `${violations}. Run again with --repair to repair what can be repaired.`;
}
