import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { program as cognito } from '../../bin/cognito.ts';
import { run } from '../../bin/console/cli.ts';
import { columns, escapeControls, excerpt, oneLine, readableTime, toJson } from '../../bin/console/print.ts';
import { confirm, openTarget } from '../../bin/console/target.ts';
import { program as ddb } from '../../bin/ddb.ts';
import { program as reports } from '../../bin/reports.ts';
import { program as stream } from '../../bin/stream.ts';
import { program as users } from '../../bin/users.ts';
import type { Timestamp } from '../../core/model/time.ts';

const expectedCommands = {
  'bin/ddb': [
    'schema-load',
    'list-tables',
    'describe-table',
    'drop',
    'seed',
    'import',
    'scan',
    'setup',
    'patterns',
    'doctor',
  ],
  'bin/cognito': ['list-users', 'create-user', 'token'],
  'bin/users': [
    'list',
    'add',
    'link',
    'update-cognito-ids',
    'suspend',
    'restore',
    'trust',
    'distrust',
    'erase',
    'export',
  ],
  'bin/reports': ['list', 'show', 'resolve'],
  'bin/stream': ['redrive'],
};
const programs = [ddb, cognito, users, reports, stream];
const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];
const pathOf = (command: Command): string[] => (command.parent ? [...pathOf(command.parent), command.name()] : []);
const programOf = (command: Command): Command => (command.parent ? programOf(command.parent) : command);
const all = programs.flatMap(withSubcommands).map((command) => ({
  name: [programOf(command).name(), ...pathOf(command)].join(' '),
  command,
}));

let output: { stdout: string; stderr: string };
beforeEach(() => {
  output = { stdout: '', stderr: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output.stdout += text;
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((text) => {
    output.stderr += `${text}\n`;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** @returns the exit code and the output */
async function runCommand(command: Command, ...args: string[]) {
  await run(programOf(command), ['node', 'bin', ...pathOf(command), ...args]);
  return { code: process.exitCode ?? 0, ...output };
}

test('the programs have exactly these commands', () => {
  const actual = programs.map((program) => [program.name(), program.commands.map((command) => command.name())]);
  expect(Object.fromEntries(actual)).toEqual(expectedCommands);
});

describe.each(all)('$name', ({ command }) => {
  test('prints help with a description and an example', async () => {
    const { code, stdout, stderr } = await runCommand(command, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: .*${command.name()}`));
    expect(command.description()).not.toBe('');
    expect(stdout).toMatch(/Examples?:\n {2}\$ /);
  });

  test.each([[['--no-such-option']], [['x', 'y', 'z', 'w']]])('rejects %j in one line', async (args) => {
    const { code, stdout, stderr } = await runCommand(command, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^.+\n$/);
  });
});

const commandNamed = (name: string) => all.find((each) => each.name === name)?.command as Command;

test.each([
  ['bin/ddb', []],
  ['bin/ddb patterns', []],
  ['bin/ddb', ['surgeon']],
  ['bin/ddb doctor', ['--rate', 'slow']],
  ['bin/ddb doctor', ['--segments', '0']],
  ['bin/ddb doctor', ['grahams']],
  ['bin/stream redrive', ['no/such/file.jsonl']],
  ['bin/stream redrive', ['--queue-url', 'http://localhost/q']],
  ['bin/stream redrive', ['x.jsonl', '--stage', 'dev', '--region', 'eu-north-1']],
  ['bin/ddb seed', ['--users', '3']],
  ['bin/ddb seed', ['--users', '1', '--messages', '3']],
  ['bin/ddb seed', ['--users', 'many', '--messages', '3']],
  ['bin/ddb import', []],
  ['bin/ddb import', ['no/such/file.json']],
  ['bin/ddb import', ['core']],
  ['bin/ddb import', ['package.json', 'no-such-file.json']],
  ['bin/ddb import', ['package.json', '--time-zone', 'Europe/Atlantis']],
  ['bin/ddb scan', ['--type', 'nonsense']],
  ['bin/ddb scan', ['--limit', '0']],
  ['bin/ddb scan', ['--profile', 'mine']],
  ['bin/ddb scan', ['--region', 'eu-north-1']],
  ['bin/ddb scan', ['--stage', 'a b']],
  ['bin/ddb schema-load', ['--stage', 'dev', '--region', 'eu-north-1']],
  ['bin/ddb setup', ['--stage', 'dev', '--region', 'eu-north-1']],
  ['bin/ddb patterns get-conversation', ['nonsense']],
  ['bin/ddb patterns get-conversation', ['--limit', '101']],
  ['bin/ddb patterns get-conversation', ['--stage', 'dev', '--region', 'eu-north-1']],
  ['bin/ddb patterns list-conversations', ['--stage', 'dev', '--region', 'eu-north-1']],
  ['bin/ddb patterns list-conversations', ['reef', '--all']],
  ['bin/users add', ['mira']],
  ['bin/users add', ['not a handle', '--email', 'mira@example.com']],
  ['bin/users add', ['mira', '--email', 'mira']],
  ['bin/users link', ['mira']],
  ['bin/reports resolve', []],
  ['bin/reports list', ['grahams']],
  ['bin/cognito token', []],
])('%s %j is rejected in one line, before any request', async (name, args) => {
  const { code, stdout, stderr } = await runCommand(commandNamed(name), ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^.+\n$/);
  expect(stderr).not.toMatch(/npm start|Request to/);
});

test.each([
  ['bin/ddb seed', ['prod'], '--stage prod'],
  ['bin/ddb scan', ['prod'], '--stage prod'],
  ['bin/cognito list-users', ['prod'], '--stage prod'],
])('%s %j, as in Cruddur’s first scripts, gets a hint', async (name, args, hint) => {
  expect((await runCommand(commandNamed(name), ...args)).stderr).toContain(hint);
});

describe('the confirmation of a destructive command in AWS', () => {
  const local = openTarget({});
  const production = openTarget({ stage: 'prod', region: 'eu-north-1' });
  const stdin = () => Object.assign(new PassThrough(), { isTTY: true });

  test('is not needed on the local stack', async () => {
    await confirm(local, 'Delete it', {}, { stdin: stdin(), stderr: new PassThrough() });
  });

  test('does not suffice for production without --force', async () => {
    await expect(confirm(production, 'Delete it', { yes: true })).rejects.toThrow('--force');
    await expect(confirm({ ...production, stage: 'Production-eu' }, 'Delete it', { yes: true })).rejects.toThrow();
    const productionTable = openTarget({ stage: 'dev', region: 'eu-north-1', table: 'cruddur-messages-prod' });
    await expect(confirm(productionTable, 'Delete it', { yes: true })).rejects.toThrow('--force');
  });

  // Answers the request for the table's description without AWS.
  const dev = openTarget({ stage: 'dev', region: 'eu-north-1' });
  const described = () =>
    vi.spyOn(dev.table.client, 'send').mockImplementation((async () => ({ Table: { TableArn: 'arn:x' } })) as never);

  test.each([
    ['yes', undefined],
    ['y', 'Not confirmed: nothing was changed.'],
    ['', 'Not confirmed: nothing was changed.'],
  ])('is given at the terminal by "yes" alone: %j', async (answer, rejected) => {
    described();
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const terminal = { stdin: stdin(), stderr: new PassThrough() };
    const asked = confirm(dev, 'Delete it', {}, terminal);
    terminal.stdin.write(`${answer}\n`);
    if (rejected) await expect(asked).rejects.toThrow(rejected);
    else await asked;
    expect(process.stderr.write).toHaveBeenCalledWith('Writes to arn:x\n');
  });

  test('needs --yes without a terminal', async () => {
    described();
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const noTerminal = { stdin: new PassThrough(), stderr: new PassThrough() };
    await expect(confirm(dev, 'Delete it', {}, noTerminal)).rejects.toThrow('--yes');
    await confirm(dev, 'Delete it', { yes: true }, noTerminal);
  });
});

describe('printed text', () => {
  test('is cut after whole characters, and stays on one line', () => {
    expect(excerpt('one\n two\tthree', 40)).toBe('one two three');
    expect(excerpt('🙂'.repeat(41), 40)).toBe(`${'🙂'.repeat(40)}…`);
    expect(excerpt('x'.repeat(40), 40)).toBe('x'.repeat(40));
  });

  test('escapes control characters in users’ texts', () => {
    expect(excerpt('\u001b[2J\u009b31m\u202etxet', 40)).toBe('\\u001b[2J\\u009b31m\\u202etxet');
    expect(oneLine('one\ntwo\u007f')).toBe('one\\ntwo\\u007f');
    const value = { text: 'one\n\u007f\u009b\u202e' };
    expect(toJson(value)).toBe('{"text":"one\\n\\u007f\\u009b\\u202e"}');
    expect(JSON.parse(toJson(value, 2))).toEqual(value);
    expect(escapeControls('{\n  "a": "\u009b"\n}')).toBe('{\n  "a": "\\u009b"\n}');
  });

  test('in columns keeps their width, without trailing blanks', () => {
    expect(columns([['a', 3], ['longer than that', 3], ['']])).toBe('a    longer than that');
  });

  test('shows a time in UTC regardless of the machine’s time zone', () => {
    expect(readableTime('2024-11-03T18:04:11.250731+00:00' as Timestamp, true)).toBe('2024-11-03 18:04:11');
  });
});
