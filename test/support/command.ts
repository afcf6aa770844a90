import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { program as cognito } from '../../bin/cognito.ts';
import { run as runProgram } from '../../bin/console/cli.ts';
import { program as ddb } from '../../bin/ddb.ts';
import { program as reports } from '../../bin/reports.ts';
import { program as stream } from '../../bin/stream.ts';
import { program as users } from '../../bin/users.ts';

const root = resolve(import.meta.dirname, '../..');

/** The result of a command. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** The environment of a command: nothing of this machine's but PATH, so that no profile or variable of AWS decides a test. */
const environment = (env: Record<string, string>) => ({ PATH: process.env.PATH, HOME: '/nonexistent', ...env });

/**
 * Runs a command as an operator does: in its own process and environment. It takes more than a second, so `runInProcess` is for
 * whatever does not depend on the process.
 * @param command such as `bin/ddb`, followed by its arguments
 * @param env in addition to PATH and HOME
 */
export function run([command, ...args]: string[], env: Record<string, string> = {}): Promise<Ran> {
  const options = { cwd: root, env: environment(env) as NodeJS.ProcessEnv };
  return new Promise((done) => {
    const script = [resolve(root, command as string), ...args]; // by Node: Windows knows no shebang
    const child = execFile(process.execPath, script, options, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}

const programs: Record<string, Command> = Object.fromEntries(
  [cognito, ddb, reports, stream, users].map((program) => [program.name(), program]),
);

let previous: Promise<unknown> = Promise.resolve();

/**
 * Runs a command in this process, by the function that the launchers in `bin/` call, with the environment of a process of its own.
 * One runs at a time, since environment, output and exit code are the process's.
 * @param command such as `bin/ddb`, followed by its arguments
 * @param env in addition to PATH and HOME
 */
export function runInProcess([command = '', ...args]: string[], env: Record<string, string> = {}): Promise<Ran> {
  const ran = previous.then(() =>
    isolated(() => runProgram(programs[command] as Command, ['node', command, ...args]), env),
  );
  previous = ran.catch(() => {});
  return ran;
}

async function isolated(work: () => Promise<void>, env: Record<string, string>): Promise<Ran> {
  const before = { env: { ...process.env }, exitCode: process.exitCode, console: { ...console } };
  const output = { stdout: '', stderr: '' };
  const restored = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const { write, isTTY } = stream;
    stream.isTTY = false;
    stream.write = ((text: string) => {
      output[name] += text;
      return true;
    }) as typeof write;
    return () => Object.assign(stream, { write, isTTY });
  });
  console.log = (text: string) => process.stdout.write(`${text}\n`); // the test runner's console does not write there
  console.error = (text: string) => process.stderr.write(`${text}\n`);
  // bin/launch.mjs sets this variable.
  setEnvironment({ ...environment(env), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
  process.exitCode = undefined;
  try {
    await work();
    return { code: Number(process.exitCode ?? 0), ...output };
  } finally {
    setEnvironment(before.env);
    process.exitCode = before.exitCode;
    Object.assign(console, before.console);
    for (const restore of restored) restore();
  }
}

/** Variable by variable: an object in the place of `process.env` would not change the time zone. */
function setEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}

export const lines = (text: string) => text.split('\n').filter(Boolean);
export const jsonLines = (text: string) => lines(text).map((line) => JSON.parse(line));
