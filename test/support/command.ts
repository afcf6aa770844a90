import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** What came of a process. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs one of the operator's commands as an operator does: a process, with an environment of its own.
 * @param command `bin/ddb` and so on, behind it its arguments
 * @param env beside PATH and HOME
 */
export function run([command, ...args]: string[], env: Record<string, string> = {}): Promise<Ran> {
  const options = { cwd: root, env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env } as NodeJS.ProcessEnv };
  return new Promise((done) => {
    const child = execFile(resolve(root, command as string), args, options, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}

export const lines = (text: string) => text.split('\n').filter(Boolean);
export const jsonLines = (text: string) => lines(text).map((line) => JSON.parse(line));
