import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { family, processes } from '../support/leftovers.ts';
import { until } from '../support/stack.ts';

// How a program ends whose npm or npx has gone. start-stop.test.ts and operator.test.ts show the same of a whole
// stack, once for each command and signal.

const temporary = mkdtempSync(join(tmpdir(), 'cruddur-parent-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const program = resolve(import.meta.dirname, '../support/supervised.mjs');
const command = (folder: string) => `node "${program}" "${folder}"`;
const starts: Record<string, (folder: string) => string[]> = {
  'npm run': (folder) => {
    writeFileSync(join(folder, '../package.json'), JSON.stringify({ scripts: { supervised: command(folder) } }));
    return ['npm', '--prefix', join(folder, '..'), 'run', 'supervised'];
  },
  npx: (folder) => ['npx', '-c', command(folder)],
};

const signals = ['SIGTERM', 'SIGKILL'] as const;
test.each(Object.keys(starts).flatMap((name) => signals.map((signal) => [signal, name] as const)))(
  'after %s to %s, its program ends, with the child process and the folder of the program',
  async (signal, name) => {
    const folder = join(mkdtempSync(join(temporary, 'run-')), 'held');
    mkdirSync(folder);
    const [file = '', ...args] = starts[name]?.(folder) ?? [];
    const npm = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    npm.stdout.on('data', (text) => (output += text));
    await until(() => output.includes('ready'), 30_000);
    const started = family(npm.pid as number);
    expect(started.map(({ args }) => args)).toContainEqual(expect.stringContaining('setInterval'));
    process.kill(npm.pid as number, signal);
    const left = () => processes().filter(({ pid }) => started.some((each) => each.pid === pid));
    await until(() => left().length === 0 && !existsSync(folder)).catch(() => {});
    const remaining = left();
    for (const { pid } of remaining) process.kill(pid, 'SIGKILL');
    expect({ processes: remaining, folder: existsSync(folder) }).toEqual({ processes: [], folder: false });
  },
);
