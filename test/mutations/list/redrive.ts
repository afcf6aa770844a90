import type { Mutation } from '../mutation.ts';

const redrive = 'test/table/redrive.test.ts';
const command = 'bin/commands/redrive.ts';
const reader = 'admin/table/stream-reader.ts';
const verb = 'admin/redrive.ts';

export const redrives: Mutation[] = [
  {
    name: 'only failures that succeed are removed from the failure destination',
    file: command,
    find: "if (outcome.result === 'done') await remove();\n      if (outcome.result === 'gone'",
    replace: "await remove();\n      if (outcome.result === 'gone'",
    caughtBy: [redrive, 'of three failures, the one that still fails'],
  },
  {
    name: 'remaining failures make the exit code 1',
    file: command,
    find: "waiting === 0 && isSound && outcomes.every(({ result }) => result === 'done') ? 0 : 1",
    replace: '0',
    caughtBy: [redrive, 'of three failures, the one that still fails'],
  },
  {
    name: 'lines that are appended during a redrive stay',
    file: 'bin/console/failure-file.ts',
    find: 'const kept = linesOf(text);',
    replace: 'const kept: string[] = [];',
    caughtBy: [redrive, 'lines that a running stack appends'],
  },
  {
    name: 'reading a range ends at its last record',
    file: reader,
    find: '<= end);',
    replace: '!== end + 1_000n);',
    caughtBy: [redrive, 'reading a range returns exactly its records'],
  },
  {
    name: 'a range is read page by page',
    file: reader,
    find: '    iterator = page.NextShardIterator;\n',
    replace: '    return;\n',
    caughtBy: [redrive, 'reading a range returns exactly its records'],
  },
  {
    name: 'reading a range gives up after a number of empty pages',
    file: reader,
    find: ' && emptyPages < maxEmptyPages',
    replace: '',
    caughtBy: [redrive, 'reading a range returns exactly its records'],
  },
  {
    name: 'an outage is not reported as lost records',
    file: reader,
    find: 'error instanceof Error && lossErrors.includes(error.name)',
    replace: 'error instanceof Error',
    caughtBy: [redrive, 'reading a range returns exactly its records'],
  },
  {
    name: 'trimmed records are reported as gone',
    file: reader,
    find: "'TrimmedDataAccessException', ",
    replace: '',
    caughtBy: [redrive, 'reading a range returns exactly its records'],
  },
  {
    name: 'a stream or shard that is gone is reported as gone',
    file: reader,
    find: ", 'ResourceNotFoundException'",
    replace: '',
    caughtBy: [redrive, 'failures whose records have left the stream'],
  },
  {
    name: 'a conversation that still fails does not block the others of its range',
    file: verb,
    find: '      failed.push({ message_group_uuid: conversation, cause: causeOf(error) });\n',
    replace: '      throw error;\n',
    caughtBy: [redrive, 'of three failures, the one that still fails'],
  },
  {
    name: 'messages that are kept return to the queue at once',
    file: 'bin/console/failure-queue.ts',
    find: 'VisibilityTimeout: 0',
    replace: 'VisibilityTimeout: 600',
    caughtBy: ['test/unit/failure-queue.test.ts', 'messages that are kept can be read'],
  },
  {
    name: 'messages that another run hides make the exit code 1',
    file: command,
    find: 'waiting === 0 && isSound',
    replace: 'isSound',
    caughtBy: [redrive, 'a redrive of the queue in AWS does not say'],
  },
  {
    name: 'what can never be redriven is dropped only if the doctor finds no violation',
    file: command,
    find: 'found.violations > 0 ? 0 : ',
    replace: '',
    caughtBy: [redrive, 'with --drop-gone, what can never be redriven'],
  },
  {
    name: 'a message about another table is never dropped',
    file: command,
    find: 'queue !== undefined && about !== table.name',
    replace: 'false',
    caughtBy: [redrive, 'a redrive of the queue in AWS never drops'],
  },
  {
    name: 'with --repair, the table is repaired even if no message is left',
    file: command,
    find: 'repairsTable || (dropsGone && dead.size > 0)',
    replace: 'dropsGone && dead.size > 0',
    caughtBy: [redrive, 'with --repair, one command does all that'],
  },
  {
    name: 'with --repair, what failed is tried again once the table is repaired',
    file: command,
    find: '    if (repairsTable)\n      for',
    replace: '    if (!failures)\n      for',
    caughtBy: [redrive, 'with --repair, one command does all that'],
  },
];
