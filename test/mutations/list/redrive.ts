import type { Mutation } from '../mutation.ts';

const redrive = 'test/table/redrive.test.ts';
const command = 'bin/commands/redrive.ts';
const reader = 'admin/table/stream-reader.ts';
const verb = 'admin/redrive.ts';

export const redriving: Mutation[] = [
  {
    name: 'only what succeeded is removed from the failure destination',
    file: command,
    find: "if (outcome.result === 'done') await remove();",
    replace: 'await remove();',
    caughtBy: [redrive, 'of three, one still fails'],
  },
  {
    name: 'what is left makes a bad exit code',
    file: command,
    find: "outcomes.every(({ result }) => result === 'done') ? 0 : 1",
    replace: '0',
    caughtBy: [redrive, 'of three, one still fails'],
  },
  {
    name: 'what is appended during a redrive stays',
    file: 'bin/console/failure-file.ts',
    find: 'const kept = linesOf(text);',
    replace: 'const kept: string[] = [];',
    caughtBy: [redrive, 'what a running stack appends'],
  },
  {
    name: 'a range ends where it ends',
    file: reader,
    find: '<= end);',
    replace: '!== end + 1_000n);',
    caughtBy: [redrive, 'reading a range exactly the records'],
  },
  {
    name: 'a range is read on, page by page',
    file: reader,
    find: '    iterator = page.NextShardIterator;\n',
    replace: '    return;\n',
    caughtBy: [redrive, 'reading a range exactly the records'],
  },
  {
    name: 'a range that never ends is not read for ever',
    file: reader,
    find: ' && emptyPages < maxEmptyPages',
    replace: '',
    caughtBy: [redrive, 'reading a range exactly the records'],
  },
  {
    name: 'what the stream has forgotten is told from an outage',
    file: reader,
    find: 'error instanceof Error && lossErrors.includes(error.name)',
    replace: 'error instanceof Error',
    caughtBy: [redrive, 'reading a range exactly the records'],
  },
  {
    name: 'what is trimmed is told as gone',
    file: reader,
    find: "'TrimmedDataAccessException', ",
    replace: '',
    caughtBy: [redrive, 'reading a range exactly the records'],
  },
  {
    name: 'a stream or shard that is gone is told as gone',
    file: reader,
    find: ", 'ResourceNotFoundException'",
    replace: '',
    caughtBy: [redrive, 'what the stream no longer has'],
  },
  {
    name: 'one conversation that still fails does not hold up the others of its range',
    file: verb,
    find: '      failed.push({ message_group_uuid: conversation, cause: causeOf(error) });\n',
    replace: '      throw error;\n',
    caughtBy: [redrive, 'of three, one still fails'],
  },
];
