import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Bundle } from '../../../bench/cold-start/bundles.ts';
import { kilobytes, loadInTurn } from '../../../bench/cold-start/measure.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cruddur-cold-start-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string): Promise<Bundle> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return { path, nodeOptions: '' };
};

test('loads each bundle once a round in a new process, and measures the loading', async () => {
  const log = JSON.stringify(join(folder, 'log'));
  const logs = (line: string) => `require('node:fs').appendFileSync(${log}, '${line} ' + process.pid + '\\n');`;
  const bundles = {
    quick: await write('quick.cjs', logs('quick')),
    slow: await write('slow.cjs', `${logs('slow')} const from = Date.now(); while (Date.now() - from < 50);`),
  };
  const samples = await loadInTurn(bundles, { cwd: folder, node: process.execPath, rounds: 2, afterRound: () => {} });
  expect(samples.quick).toHaveLength(2);
  expect(samples.slow).toHaveLength(2);
  expect(Math.min(...samples.slow)).toBeGreaterThanOrEqual(49);
  const loads = (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n');
  expect(new Set(loads).size).toBe(6); // one unmeasured round
});

test('the size of a bundle is in KB of 1,024 bytes', async () => {
  expect(kilobytes(await write('kilobyte.cjs', ' '.repeat(1024)))).toBe(1);
});
