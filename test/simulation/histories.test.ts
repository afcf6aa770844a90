import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runHistory } from './history.ts';
import { type Plan, planOf } from './plan.ts';
import { faults } from './process.ts';
import { shrink } from './shrink.ts';

const histories = 2_000;
const root = resolve(import.meta.dirname, '../..');

// A new seed each day, which the command prints: `npm run simulate -- --seed …` runs the same histories again.
test('random histories violate nothing', async () => {
  const tsx = resolve(root, 'node_modules/tsx/dist/cli.mjs');
  const args = [tsx, resolve(import.meta.dirname, 'simulate.ts'), '--histories', String(histories)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 50_000_000 });
  console.log(stdout);
  expect(stdout).toContain(`${histories} of ${histories} histories`);
  for (const happened of [...faults, 'crash', 'torn transaction', 'stale read', 'unnamed reason', 'given up'])
    expect(stdout, 'every kind of trouble took place').toContain(`× ${happened}`);
});

test('a seed gives the same history again, to the step', async () => {
  const traceOf = async (plan: Plan) => {
    const lines: string[] = [];
    await runHistory(plan, { trace: (line) => lines.push(line) });
    return lines;
  };
  const first = await traceOf(planOf(7));
  expect(first.length).toBeGreaterThan(50);
  expect(await traceOf(planOf(7))).toEqual(first);
  expect(await traceOf(planOf(8))).not.toEqual(first);
});

test('a failing plan shrinks to the requests and the trouble that it needs', async () => {
  const plan = { ...planOf(7), crashes: 0.02, tears: 1 };
  const needed = plan.requests.slice(3, 5);
  const fails = async ({ requests, tears }: Plan) => tears > 0 && needed.every((request) => requests.includes(request));
  const smallest = await shrink(plan, fails);
  expect(smallest.requests).toEqual(needed);
  expect(smallest).toMatchObject({ crashes: 0, tears: 1, doubles: 0, clocks: 0, stale: 0 });
});
