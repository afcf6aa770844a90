import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runHistory } from './history.ts';
import { simulated, tryMutations } from './mutations.ts';
import { type Plan, planOf } from './plan.ts';
import { faults } from './process.ts';
import { shrink } from './shrink.ts';

const histories = 5_000;
const atMost = 180_000; // milliseconds; it takes less than 30 s on two processors that do nothing else
const root = resolve(import.meta.dirname, '../..');

// A new seed each day, which the command prints: `npm run simulate -- --seed …` runs the same histories again.
test(
  'random histories violate nothing',
  async () => {
    const tsx = resolve(root, 'node_modules/tsx/dist/cli.mjs');
    const args = [tsx, resolve(import.meta.dirname, 'simulate.ts'), '--histories', String(histories)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 50_000_000 });
    console.log(stdout);
    expect(stdout).toContain(`${histories} of ${histories} histories`);
    for (const happened of [...faults, 'crash', 'torn transaction', 'stale read', 'unnamed reason', 'given up'])
      expect(stdout, 'every kind of trouble took place').toContain(`× ${happened}`);
  },
  atMost,
);

// A few that stand for the others: `npm run simulate -- --mutations` tries all of them.
test('histories find that a safeguard is disabled', async () => {
  const names = [
    'a send advances the head that it read',
    'rows are written only at the revision that was read',
    'a transaction is retried after TransactionConflict',
    'a queue is removed after its last task',
  ];
  const chosen = simulated.filter(({ name }) => names.includes(name));
  expect(chosen).toHaveLength(names.length);
  const outcomes = await tryMutations(chosen, { histories: 100, seed: 0, jobs: 2 });
  expect(outcomes.filter(({ seed }) => seed === undefined)).toEqual([]);
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
