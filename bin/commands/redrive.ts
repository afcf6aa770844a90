import { relative, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { defaultGrace, examine, repair } from '../../admin/doctor/examine.ts';
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
  repair?: true;
}

export function addRedrive(program: Command): void {
  addTarget(program.command('redrive'))
    .description('repeats failed projections, and removes those that succeed from the failure file or queue')
    .argument('[file]', 'the failure file of a local stack (default: the only one)')
    .option('--queue-url <url>', 'with --stage: the failure queue (default: the stage’s own)')
    .option('--drop-gone', 'remove what can never be redriven, if the doctor finds no violation in the table')
    .option(
      '--repair',
      'all that a stall of the projector needs: also repair the table, try again, and drop what is gone',
    )
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
A message that is kept can be read again at once. While one run works on a message of the queue, other runs do not see it; the
queue returns it after ten minutes if that run was interrupted.

The stream keeps its records for 24 hours. What it no longer has, and what is no message of Lambda, stays until --drop-gone removes
it: that reads the whole table, and removes these messages only if all inbox rows are right without them. --repair does that as well,
and before it, what bin/ddb doctor --repair does, whether or not a message is left: of records that were a day old before the projector
read them, there is no message.

Exit code: 0 nothing is left; 1 something is left: it failed again, its records cannot be read, another run has it, or the doctor
finds what it cannot repair; 2 it could not run.

Examples:
  $ bin/stream redrive
  $ bin/stream redrive .offline/6f1c/failures/projectInbox.jsonl --json
  $ bin/stream redrive --stage dev
  $ bin/stream redrive --stage dev --drop-gone
  $ bin/stream redrive --stage dev --repair`,
    )
    .action(async (file: string | undefined, { queueUrl, json, dropGone, repair: repairs, ...options }: Options) => {
      const target = openTarget(options);
      if (queueUrl && target.stage === undefined) throw new CommandError('--queue-url needs --stage.');
      if (file && target.stage !== undefined) throw new CommandError('Use either a file or --stage, not both.');
      await printWriteTarget(target);
      const queue = target.stage === undefined ? undefined : (queueUrl ?? (await queueUrlOf(target)));
      const path = queue ? undefined : (file ?? onlyFile());
      const source = queue ?? path ?? 'No local stack has a failure file';
      const repairsTable = repairs === true;
      const dropsGone = dropGone === true || repairsTable;
      const work = await redriveAll({ file: path, queue, target, dropsGone, repairsTable });
      const { outcomes, waiting, dropping } = work;
      if (json) console.log(toJson({ ...summary(outcomes), ...(queue !== undefined && { waiting }), ...dropping }));
      else report(work, source);
      const isSound = !dropping || dropping.violations === 0;
      process.exitCode = waiting === 0 && isSound && outcomes.every(({ result }) => result === 'done') ? 0 : 1;
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
  repairsTable,
}: {
  file: string | undefined;
  queue: string | undefined;
  target: Target;
  dropsGone: boolean;
  repairsTable: boolean;
}): Promise<Work> {
  const inAws = region === undefined ? {} : { region };
  const failures = file ? openFile(file) : queue && failureQueue(queue, inAws);
  const access = queue ? inAws : localClient(localPort('dynamodb'));
  const stream = openStreams(access);
  const tables = new Map<string, Deps>();
  const depsOf = (name: string) => {
    const deps = tables.get(name) ?? newDeps(openTable(name, access));
    tables.set(name, deps);
    return deps;
  };
  const examined = (tables: string[]) => examineTables(tables.map(depsOf), repairsTable);
  if (!failures)
    return {
      outcomes: [],
      waiting: 0,
      ...(repairsTable && { dropping: { dropped: 0, ...(await examined([table.name])) } }),
    };
  const outcomes: Outcome[] = [];
  const failing = new Map<number, FailedMessage>();
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
      if (outcome.result === 'failing') failing.set(outcomes.length, { body, remove });
      progress.update(outcomes.push(outcome));
    }
    if (repairsTable || (dropsGone && dead.size > 0)) {
      const tables = [...(repairsTable ? [table.name] : []), ...[...dead.values()].map(({ table: name }) => name)];
      const found = await examined([...new Set(tables)]);
      dropping = { ...found, dropped: found.violations > 0 ? 0 : await removeAll([...dead.values()]) };
    }
    if (repairsTable)
      for (const [index, { body, remove }] of failing) {
        const outcome = await redrive(depsOf, stream, body);
        if (outcome.result === 'done') await remove();
        outcomes[index] = outcome;
      }
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

/** A message whose projections have failed again. */
interface FailedMessage {
  body: unknown;
  remove: () => Promise<void>;
}

/** @returns how many violations the doctor finds in the tables, and leaves there if it repairs; and how many it has repaired */
async function examineTables(tables: Deps[], repairs: boolean): Promise<{ violations: number; repaired?: number }> {
  let found = 0;
  let violations = 0;
  for (const deps of tables) {
    const context = { ...deps, grace: defaultGrace };
    for await (const diagnosis of examine(context)) {
      found += diagnosis.findings.length;
      violations += (repairs ? await repair(context, diagnosis) : diagnosis.findings).length;
    }
  }
  return { violations, ...(repairs && { repaired: Math.max(0, found - violations) }) };
}

/** @returns how many messages it has removed: all of them */
async function removeAll(dead: DeadMessage[]): Promise<number> {
  for (const { remove } of dead) await remove();
  return dead.length;
}

function openFile(file: string): FailureDestination {
  try {
    return failureFile(file);
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
