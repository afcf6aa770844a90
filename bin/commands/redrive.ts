import { relative, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { type RedriveResult, redrive } from '../../admin/redrive.ts';
import { openStreams } from '../../admin/table/stream-reader.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { openTable } from '../../core/table/client.ts';
import { CommandError } from '../console/command-error.ts';
import { type FailureDestination, failureFile, failureFiles } from '../console/failure-file.ts';
import { failureQueue, queueUrlOf } from '../console/failure-queue.ts';
import { Progress } from '../console/progress.ts';
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
}

export function addRedrive(program: Command): void {
  addTarget(program.command('redrive'))
    .description('repeats failed projections, and removes those that succeed from the failure file or queue')
    .argument('[file]', 'the failure file of a local stack (default: the only one)')
    .option('--queue-url <url>', 'with --stage: the failure queue (default: the stage’s own)')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
A message that is kept can be read again at once. While one run works on a message of the queue, other runs do not see it; the
queue returns it after ten minutes if that run was interrupted.

Exit code: 0 nothing is left; 1 something is left: it failed again, its records cannot be read, or another run has it; 2 it could
not run.

Examples:
  $ bin/stream redrive
  $ bin/stream redrive .offline/6f1c/failures/projectInbox.jsonl --json
  $ bin/stream redrive --stage dev`,
    )
    .action(async (file: string | undefined, { queueUrl, json, ...options }: Options) => {
      const target = openTarget(options);
      if (queueUrl && target.stage === undefined) throw new CommandError('--queue-url needs --stage.');
      if (file && target.stage !== undefined) throw new CommandError('Use either a file or --stage, not both.');
      await printWriteTarget(target);
      const queue = target.stage === undefined ? undefined : (queueUrl ?? (await queueUrlOf(target)));
      const path = queue ? undefined : (file ?? onlyFile());
      const source = queue ?? path ?? 'No local stack has a failure file';
      const { outcomes, waiting } = await redriveAll({ file: path, queue, target });
      if (json) console.log(JSON.stringify(summary(outcomes, queue === undefined ? {} : { waiting })));
      else report(outcomes, { source, waiting });
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
}: {
  file: string | undefined;
  queue: string | undefined;
  target: Target;
}): Promise<{ outcomes: RedriveResult[]; waiting: number }> {
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
  const outcomes: RedriveResult[] = [];
  const progress = new Progress('redrive', failures.length ?? 0);
  try {
    for await (const { body, remove } of failures.messages()) {
      // A queue may hold messages about another table. They are reported as unreadable: the command writes only to
      // the table that it has named to the operator.
      const isForeign = queue !== undefined && !JSON.stringify(body ?? '').includes(`:table/${table.name}/`);
      const outcome: RedriveResult = isForeign ? { result: 'unreadable' } : await redrive(depsOf, stream, body);
      if (outcome.result === 'done') await remove();
      progress.update(outcomes.push(outcome));
    }
  } catch (error) {
    await failures.release().catch(() => {}); // the first error says more
    throw error;
  } finally {
    progress.stop();
  }
  return { outcomes, waiting: await failures.release() };
}

function openFile(file: string): FailureDestination {
  try {
    return failureFile(file);
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/**
 * @param queue.waiting how many messages of the queue this run has not read
 */
function summary(outcomes: RedriveResult[], queue: { waiting?: number } = {}) {
  const done = outcomes.filter((outcome) => outcome.result === 'done');
  return {
    done: done.length,
    conversations: done.reduce((sum, { conversations }) => sum + conversations, 0),
    written: done.reduce((sum, { written }) => sum + written, 0),
    left: outcomes.filter((outcome) => outcome.result !== 'done'),
    ...queue,
  };
}

function report(outcomes: RedriveResult[], { source, waiting }: { source: string; waiting: number }): void {
  const { done, conversations, written, left } = summary(outcomes);
  if (outcomes.length > 0)
    console.log(
      `${source}: ${done} of ${outcomes.length} redriven and removed (${conversations} conversations, ${written} rewritten).`,
    );
  else if (waiting === 0) console.log(`${source}: nothing to redrive.`);
  if (waiting > 0)
    console.log(
      `${source}: ${waiting} more ${waiting === 1 ? 'message is' : 'messages are'} in the queue, new or hidden by another run for up to ten minutes. Run the command again then.`,
    );
  for (const outcome of left) {
    if (outcome.result === 'unreadable') console.log('Kept: a message that Lambda did not write for this table.');
    if (outcome.result === 'gone') console.log(`Kept, ${rangeOf(outcome)}: ${outcome.cause}.`);
    if (outcome.result !== 'failing') continue;
    for (const { message_group_uuid: conversation, cause } of outcome.failed)
      console.log(
        `Kept, ${rangeOf(outcome)}: ${conversation ? `conversation ${conversation} failed again: ` : ''}${cause}.`,
      );
  }
  if (left.some(({ result }) => result === 'gone'))
    console.log('Records that the stream no longer has cannot be redriven: run bin/ddb doctor --repair instead.');
}

const rangeOf = ({ range }: Extract<RedriveResult, { result: 'gone' | 'failing' }>) =>
  `${range.shardId} from ${range.startSequenceNumber}`;
