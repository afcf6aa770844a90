import { relative, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { defaultGrace, examine } from '../../admin/doctor/examine.ts';
import { redrive, tableOf } from '../../admin/redrive.ts';
import { openStreams } from '../../admin/table/stream-reader.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { openTable } from '../../core/table/client.ts';
import { CommandError } from '../console/command-error.ts';
import { type FailureDestination, failureFile, failureFiles } from '../console/failure-file.ts';
import { failureQueue, queueUrlOf } from '../console/failure-queue.ts';
import { toJson } from '../console/print.ts';
import { Progress } from '../console/progress.ts';
import { type Outcome, report, summary, type Work } from '../console/redrive-report.ts';
import {
  addTarget,
  localClient,
  localPort,
  openTarget,
  printWriteTarget,
  type Target,
  type TargetOptions,
} from '../console/target.ts';

const repo = resolve(import.meta.dirname, '../..');

interface Options extends TargetOptions {
  queueUrl?: string;
  json?: true;
  dropGone?: true;
}

export function addRedrive(program: Command): void {
  addTarget(program.command('redrive'))
    .description('repeats failed projections, and removes those that succeed from the failure file or queue')
    .argument('[file]', 'the failure file of a local stack (default: the only one)')
    .option('--queue-url <url>', 'with --stage: the failure queue (default: the stage’s own)')
    .option('--drop-gone', 'remove what can never be redriven, if the doctor finds no violation in the table')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
A message that is kept can be read again at once. While one run works on a message of the queue, other runs do not see it; the
queue returns it after ten minutes if that run was interrupted.

The stream keeps its records for 24 hours. What it no longer has, and what is no message of Lambda, stays until --drop-gone removes
it: that reads the whole table, and removes these messages only if all inbox rows are right without them.

Exit code: 0 nothing is left; 1 something is left: it failed again, its records cannot be read, or another run has it; 2 it could
not run.

Examples:
  $ bin/stream redrive
  $ bin/stream redrive .offline/6f1c/failures/projectInbox.jsonl --json
  $ bin/stream redrive --stage dev
  $ bin/stream redrive --stage dev --drop-gone`,
    )
    .action(async (file: string | undefined, { queueUrl, json, dropGone, ...options }: Options) => {
      const target = openTarget(options);
      if (queueUrl && target.stage === undefined) throw new CommandError('--queue-url needs --stage.');
      if (file && target.stage !== undefined) throw new CommandError('Use either a file or --stage, not both.');
      await printWriteTarget(target);
      const queue = target.stage === undefined ? undefined : (queueUrl ?? (await queueUrlOf(target)));
      const path = queue ? undefined : (file ?? onlyFile());
      const source = queue ?? path ?? 'No local stack has a failure file';
      const work = await redriveAll({ file: path, queue, target, dropsGone: dropGone === true });
      const { outcomes, waiting, dropping } = work;
      if (json) console.log(toJson({ ...summary(outcomes), ...(queue !== undefined && { waiting }), ...dropping }));
      else report(work, source);
      process.exitCode = waiting === 0 && outcomes.every(({ result }) => result === 'done') ? 0 : 1;
    });
}

/**
 * @returns the failure file of the local stack; undefined when there is none, because no delivery has failed
 * @throws CommandError when several local stacks have one
 */
function onlyFile(): string | undefined {
  const files = failureFiles(repo);
  const listed = files.map((file) => relative(process.cwd(), file)).join(', ');
  if (files.length > 1) throw new CommandError(`There are several failure files, name one of them: ${listed}`);
  return files[0];
}

async function redriveAll({
  file,
  queue,
  target: { region, table },
  dropsGone,
}: {
  file: string | undefined;
  queue: string | undefined;
  target: Target;
  dropsGone: boolean;
}): Promise<Work> {
  const inAws = region === undefined ? {} : { region };
  const failures = file ? openFile(file) : queue && failureQueue(queue, inAws);
  if (!failures) return { outcomes: [], waiting: 0 };
  const access = file ? localClient(localPort('dynamodb')) : inAws;
  const stream = openStreams(access);
  const tables = new Map<string, Deps>();
  const depsOf = (name: string) => {
    const deps = tables.get(name) ?? newDeps(openTable(name, access));
    tables.set(name, deps);
    return deps;
  };
  const outcomes: Outcome[] = [];
  const dead = new Map<Outcome, DeadMessage>();
  let dropping: Work['dropping'];
  const progress = new Progress('redrive', failures.length ?? 0);
  try {
    for await (const { body, remove } of failures.messages()) {
      // A queue may hold messages about another table: the command writes only to the table that it has named to the operator.
      const about = tableOf(body) ?? table.name;
      const isForeign = queue !== undefined && about !== table.name;
      const outcome: Outcome = isForeign ? { result: 'foreign', table: about } : await redrive(depsOf, stream, body);
      if (outcome.result === 'done') await remove();
      if (outcome.result === 'gone' || outcome.result === 'unreadable') dead.set(outcome, { remove, table: about });
      progress.update(outcomes.push(outcome));
    }
    if (dropsGone && dead.size > 0) dropping = await drop([...dead.values()], depsOf);
  } catch (error) {
    await failures.release().catch(() => {}); // the first error says more
    throw error;
  } finally {
    progress.stop();
  }
  return {
    outcomes: dropping?.dropped ? outcomes.filter((outcome) => !dead.has(outcome)) : outcomes,
    waiting: await failures.release(),
    ...(dropping && { dropping }),
  };
}

/** A message that can never be redriven. */
interface DeadMessage {
  remove: () => Promise<void>;
  /** The table whose rows must be right before the message may go. */
  table: string;
}

/** Removes all these messages, or none of them if the doctor finds a violation in their tables. */
async function drop(dead: DeadMessage[], depsOf: (table: string) => Deps): Promise<NonNullable<Work['dropping']>> {
  let violations = 0;
  for (const name of new Set(dead.map(({ table }) => table)))
    for await (const { findings } of examine({ ...depsOf(name), grace: defaultGrace })) violations += findings.length;
  if (violations > 0) return { dropped: 0, violations };
  for (const { remove } of dead) await remove();
  return { dropped: dead.length, violations };
}

function openFile(file: string): FailureDestination {
  try {
    return failureFile(file);
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
