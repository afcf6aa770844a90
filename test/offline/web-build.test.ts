import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import WebClient from '../../offline/plugins/web-client.mjs';
import { freePort } from '../support/free-port.ts';
import { family, processes } from '../support/leftovers.ts';
import { until } from '../support/stack.ts';

// `npm start` builds the client only if it is missing or outdated.

const root = resolve(import.meta.dirname, '../..');
const dist = join(root, 'web/dist');
const stamp = join(dist, '.sources');
const start = () => new WebClient({ serviceDir: root }).hooks['before:offline:start:init']();
const page = async () => ({ inode: (await stat(dist)).ino, html: await readFile(join(dist, 'index.html'), 'utf8') });

test('the web client is built if its build is missing or was made from other sources, and not if it is up to date', async () => {
  await rm(dist, { recursive: true, force: true });
  await start();
  const built = await page();
  expect(built.html).toContain('<div id="root">');

  await start();
  expect(await page()).toEqual(built);

  const digest = await readFile(stamp, 'utf8');
  await writeFile(stamp, 'of other sources');
  await writeFile(join(dist, 'index.html'), 'an old page');
  await start();
  expect((await page()).html).toBe(built.html);
  expect(await readFile(stamp, 'utf8')).toBe(digest);
});

test('`npm run web` that is ended by SIGTERM leaves no process', async () => {
  const args = ['run', 'web', '--', '--port', String(await freePort())];
  const npm = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  let started: number[] = [];
  const noteStarted = () => (started = family(npm.pid as number).map(({ pid }) => pid));
  try {
    let output = '';
    npm.stdout.on('data', (text) => (output += text));
    await until(() => output.includes('Local:'), 30_000);
    noteStarted();
    expect(started.length).toBeGreaterThan(1);
    const ended = once(npm, 'exit');
    npm.kill('SIGTERM');
    await ended;
    await until(() => processes().every(({ pid }) => !started.includes(pid)));
  } finally {
    if (npm.exitCode === null && npm.signalCode === null) noteStarted();
    for (const { pid } of processes().filter(({ pid }) => started.includes(pid))) process.kill(pid, 'SIGKILL');
    npm.kill('SIGKILL');
  }
});
