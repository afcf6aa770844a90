import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outputSettings } from '../../../offline/supervisor/output.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cruddur-output-'));
  mkdirSync(join(folder, 'stack'));
  log = join(folder, 'stack', 'stack.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const module = join(import.meta.dirname, '../../../offline/supervisor/output.ts');
const request = '{"level":"INFO","message":"request","timestamp":"2026-11-26T19:07:06.388Z","status":200}';

/** Runs a process whose output is captured while it executes `script`. */
function run(script: string, env: NodeJS.ProcessEnv = {}) {
  const program = `
    import { Output, outputSettings } from ${JSON.stringify(module)};
    const settings = outputSettings(process.env, process.argv, false);
    const output = new Output(${JSON.stringify(log)}, settings, { functionPrefix: '', functionWidth: 0 });
    output.capture();
    const request = ${JSON.stringify(request)};
    ${script}`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
  return { stdout, stderr, status, log: readFileSync(log, 'utf8') };
}

test('during the start the terminal shows only lines of the stack itself; all output goes to the log file', () => {
  const ran = run(`console.log('of an emulator'); console.error('also'); output.say('Ready');`);
  expect(ran).toMatchObject({ stdout: 'Ready\n', stderr: '', status: 0, log: 'of an emulator\nalso\n' });
});

test('a start that fails prints what it has hidden, and names a copy of the log file', () => {
  const { stderr, status } = run(`console.error('the cause'); process.exit(1);`);
  expect(status).toBe(1);
  expect(stderr).toBe(`the cause\nAll that the emulators printed: ${join(folder, 'last-failure.log')}\n`);
  expect(readFileSync(join(folder, 'last-failure.log'), 'utf8')).toBe('the cause\n');
});

const whileListening = `output.mute(false);
  console.log(request);
  console.log('{"_aws":{}}');
  console.error('GET / (λ: page)');
  console.error('(λ: page) RequestId: 1  Duration: 1.00 ms  Billed Duration: 2 ms');
  console.error('an error of an emulator');
  console.log('printed by a function');`;

test('a running stack shows the formatted log lines of functions, what else they print, and errors of the emulators', () => {
  const { stdout, stderr, log } = run(whileListening);
  expect(stdout).toMatch(/^\d\d:\d\d:06\.388 INFO {3}request status=200\nprinted by a function\n$/);
  expect(stderr).toBe('an error of an emulator\n');
  expect(log.split('\n')).toHaveLength(7);
});

test('LOG_FORMAT=json leaves log lines as they are in AWS', () => {
  expect(run(whileListening, { LOG_FORMAT: 'json' }).stdout).toBe(`${request}\nprinted by a function\n`);
});

test('VERBOSE=1 prints everything', () => {
  const { stdout, stderr } = run(`console.log('of an emulator');${whileListening}`, { VERBOSE: '1' });
  expect(stdout).toMatch(/^of an emulator\n/);
  expect(stderr).toContain('GET / (λ: page)');
});

test('log lines are coloured on a terminal, unless NO_COLOR is set', () => {
  expect(outputSettings({}, [], true).isColoured).toBe(true);
  expect(outputSettings({ NO_COLOR: '1' }, [], true).isColoured).toBe(false);
  expect(outputSettings({}, [], false).isColoured).toBe(false);
});
