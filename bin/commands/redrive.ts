import { relative, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { type RedriveResult, redrive } from '../../admin/redrive.ts';
import { openStreams } from '../../admin/table/stream-reader.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { openTable } from '../../core/table/client.ts';
import { CommandError } from '../console/command-error.ts';
import { type Failures, failureFile, failureFiles } from '../console/failure-file.ts';
import { failureQueue, queueUrlOf } from '../console/failure-queue.ts';
import { Progress } from '../console/progress.ts';
import {
  addTarget,
  announce,
  localClient,
  openTarget,
  ports,
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
    .description('Projects again what could not be projected, and removes from the failure destination what succeeds.')
    .argument('[file]', 'the failure file of a local stack; unless told, the only one that there is')
    .option('--queue-url <url>', 'with --stage: another failure queue than the stage’s')
    .option('--json', 'one JSON object instead of errorMessages')
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing is left to do; 1 something is left: it still fails, or can no longer be read; 2 nothing was begun.

Examples:
  $ bin/stream redrive
  $ bin/stream redrive .offline/6f1c/failures/projectInbox.jsonl --json
  $ bin/stream redrive --stage dev`,
    )
    .action(async (file: string | undefined, { queueUrl, json, ...options }: Options) => {
      const target = openTarget(options);
      if (queueUrl && target.stage === undefined) throw new CommandError('--queue-url goes with --stage.');
      if (file && target.stage !== undefined) throw new CommandError('Either a file or a queue in AWS, not both.');
      await announce(target);
      const queue = target.stage === undefined ? undefined : (queueUrl ?? (await queueUrlOf(target)));
      const path = queue ? undefined : (file ?? onlyFile());
      const outcomes = await redriveAll({ file: path, queue, target });
      report(outcomes, { where: queue ?? path ?? 'no local stack has given up a record', json: json === true });
      process.exitCode = outcomes.every(({ result }) => result === 'done') ? 0 : 1;
    });
}

/** @returns undefined when no local stack has given up anything */
function onlyFile(): string | undefined {
  const files = failureFiles(repo);
  const listed = files.map((file) => relative(process.cwd(), file)).join(', ');
  if (files.length > 1) throw new CommandError(`Which one? There are ${listed}`);
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
}): Promise<RedriveResult[]> {
  const inAws = region === undefined ? {} : { region };
  const failures = file ? openFile(file) : queue && failureQueue(queue, inAws);
  if (!failures) return [];
  const access = file ? localClient(ports().dynamodb) : inAws;
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
      // What was announced to be written to is what is written to.
      const isForeign = queue !== undefined && !JSON.stringify(body ?? '').includes(`:table/${table.name}/`);
      const outcome: RedriveResult = isForeign ? { result: 'unreadable' } : await redrive(depsOf, stream, body);
      if (outcome.result === 'done') await remove();
      progress.update(outcomes.push(outcome));
    }
  } finally {
    progress.stop();
  }
  return outcomes;
}

function openFile(file: string): Failures {
  try {
    return failureFile(file);
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function report(outcomes: RedriveResult[], { where, json }: { where: string; json: boolean }): void {
  const done = outcomes.filter((outcome) => outcome.result === 'done');
  const left = outcomes.filter((outcome) => outcome.result !== 'done');
  const conversations = done.reduce((sum, outcome) => sum + outcome.conversations, 0);
  const written = done.reduce((sum, outcome) => sum + outcome.written, 0);
  if (json) {
    console.log(JSON.stringify({ done: done.length, conversations, written, left }));
    return;
  }

  if (outcomes.length === 0) console.log(`${where}: nothing to redrive.`);
  else
    console.log(
      `${where}: ${done.length} of ${outcomes.length} done and removed (${conversations} conversations, ${written} of them written).`,
    );
  for (const outcome of left) {
    if (outcome.result === 'unreadable') console.log('Kept, nothing that Lambda wrote for this table.');
    if (outcome.result === 'gone') console.log(`Kept, ${placeOf(outcome)}: ${outcome.cause}.`);
    if (outcome.result !== 'failing') continue;
    for (const { message_group_uuid: conversation, cause } of outcome.failed)
      console.log(
        `Kept, ${placeOf(outcome)}: ${conversation ? `conversation ${conversation} still fails: ` : ''}${cause}.`,
      );
  }
  if (left.some(({ result }) => result === 'gone'))
    console.log(
      'The stream has forgotten which conversations those were; the table has not: run bin/ddb doctor --repair.',
    );
}

const placeOf = ({ range }: Extract<RedriveResult, { result: 'gone' | 'failing' }>) =>
  `${range.shardId} from ${range.startSequenceNumber}`;
