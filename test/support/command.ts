import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The result of a process. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command as an operator does: in its own process and environment.
 * @param command such as `bin/ddb`, followed by its arguments
 * @param env in addition to PATH and HOME
 */
export function run([command, ...args]: string[], env: Record<string, string> = {}): Promise<Ran> {
  const options = { cwd: root, env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env } as NodeJS.ProcessEnv };
  return new Promise((done) => {
    const script = [resolve(root, command as string), ...args]; // by Node: Windows knows no shebang
    const child = execFile(process.execPath, script, options, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}

export const lines = (text: string) => text.split('\n').filter(Boolean);
export const jsonLines = (text: string) => lines(text).map((line) => JSON.parse(line));
