import process from 'node:process';
import type { Command } from 'commander';
import { type Diagnosis, defaultGrace, examine, type Finding, repair, tableSize } from '../../admin/doctor/examine.ts';
import { newDeps } from '../../core/deps.ts';
import { wholeNumber } from '../console/cli.ts';
import { Progress } from '../console/progress.ts';
import { addTarget, announce, openTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  repair?: true;
  json?: true;
  rate?: number;
  segments: number;
}

const help = `
It reads the whole table, and looks at each suspect again before it reports it: the service may run meanwhile, also while it
repairs. A repair makes heads and inbox rows what the messages say. What it cannot bring back (a message that is lost) it says.
A receipt is reported as expired 48 hours after its time: until then DynamoDB may still be about to delete it.

Exit code: 0 nothing is wrong (any more); 1 something is; 2 it could not be done.

Example:
  $ bin/ddb doctor
  $ bin/ddb doctor --repair --json --rate 500 > findings.jsonl`;

/** Adds `doctor`: what is wrong in the table, and with `--repair` no longer. */
export function addDoctor(program: Command): void {
  addTarget(program.command('doctor'))
    .description('finds every violation of what must hold in the table, and repairs it if asked to')
    .option('--repair', 'put right what can be')
    .option('--json', 'one JSON object a line')
    .option('--rate <items per second>', 'read no faster than this', wholeNumber(1, 1_000_000))
    .option('--segments <n>', 'how many parallel scans', wholeNumber(1, 64), 4)
    .addHelpText('after', help)
    .action(doctor);
}

async function doctor({ repair: repairs, json, rate, segments, ...options }: Options): Promise<void> {
  const target = openTarget(options);
  if (repairs) await announce(target);
  const context = { ...newDeps(target.table), grace: defaultGrace };
  const progress = new Progress('doctor', await tableSize(context));
  const format = json ? (finding: object) => JSON.stringify(finding) : readable;
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

/** What was found, each with whether it is put right now; and what came to light by repairing. */
async function repaired(diagnosis: Diagnosis, context: Parameters<typeof repair>[0]): Promise<Repaired[]> {
  const remaining = await repair(context, diagnosis);
  const nameOf = ({ code, user_uuid, field, at }: Finding) => JSON.stringify([code, user_uuid, field, at]);
  const left = new Set(remaining.map(nameOf));
  const found = new Set(diagnosis.findings.map(nameOf));
  return [
    ...diagnosis.findings.map((finding) => ({ ...finding, repaired: !left.has(nameOf(finding)) })),
    ...remaining.filter((finding) => !found.has(nameOf(finding))).map((finding) => ({ ...finding, repaired: false })),
  ];
}

function readable({ code, message_group_uuid, user_uuid, field, at, expected, found, ...rest }: Finding): string {
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const outcome =
    'repaired' in rest ? (rest.repaired ? 'repaired' : 'NOT repaired') : !rest.repairable && 'cannot be repaired';
  return [
    code.padEnd(24),
    message_group_uuid && `conversation ${message_group_uuid}`,
    user_uuid && `person ${user_uuid}`,
    field,
    at && `at ${at}`,
    expected !== undefined && `expected ${shown(expected)}`,
    found !== undefined && `found ${shown(found)}`,
    outcome,
  ]
    .filter(Boolean)
    .join('  ');
}

function summary(
  { items, found, remaining }: { items: number; found: number; remaining: number },
  repairs: boolean,
): string {
  if (found === 0) return `Nothing is wrong among ${items} items.`;
  const violations = `${found} violation${found === 1 ? '' : 's'} among ${items} items`;
  return repairs ? `${violations}: ${found - remaining} repaired, ${remaining} remain.` : `${violations}.`;
}
