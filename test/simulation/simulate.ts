import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';
import type { Report } from './job.ts';
import { defaultJobs, Program, seedOfToday } from './jobs.ts';
import { columns, rowOf, simulated, tryMutations, wrongReason } from './mutations.ts';
import { type Plan, planOf } from './plan.ts';
import { shrink, violationsOf } from './shrink.ts';

// npm run simulate -- --histories 1000000
// npm run simulate -- --seed 20417 --histories 1    one history again; if it fails, with its trace
// npm run simulate -- --mutations --only token       disables one safeguard at a time, until a history shows it

const usage = 'usage: npm run simulate -- [--mutations [--only NAME]] [--histories 10000] [--seed S] [--jobs 2]';
const values = options();
const [histories, seed, jobs] = [
  values.histories ?? (values.mutations ? 20_000 : 10_000),
  values.seed ?? (values.mutations ? 0 : seedOfToday()),
  values.jobs,
].map(Number) as [number, number, number];
if (![histories, jobs].every((n) => Number.isInteger(n) && n > 0) || !Number.isInteger(seed)) {
  console.error(usage);
  process.exit(2);
}

const mostFailures = 5; // of a job
if (values.mutations) await runMutations();
else if (histories === 1) await showOne();
else await runAll();

function options() {
  try {
    return parseArgs({
      options: {
        mutations: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        histories: { type: 'string' },
        seed: { type: 'string' },
        jobs: { type: 'string', default: String(defaultJobs) },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

async function runAll(): Promise<void> {
  console.log(`seeds ${seed} to ${seed + histories - 1}, ${jobs} jobs`);
  const program = await Program.build();
  const startedAt = Date.now();
  const progress = ({ done }: Report) => {
    const seconds = (Date.now() - startedAt) / 1000;
    return `${done} of ${histories} histories, ${seconds.toFixed(0)} s, ${(done / seconds).toFixed(0)} a second`;
  };
  const { isTTY } = process.stdout;
  let shownAt = startedAt;
  const report = await program.run({ histories, seed, jobs, mostFailures }, (sum) => {
    if (Date.now() - shownAt < (isTTY ? 500 : 10_000)) return;
    shownAt = Date.now();
    if (isTTY) process.stdout.write(`\r${progress(sum)} `);
    else console.log(progress(sum));
  });
  const { failed, counts } = report;
  console.log(`${isTTY ? '\n' : ''}${progress(report)}, ${failed.length} with a violation`);
  console.log(
    Object.entries(counts)
      .sort()
      .map(([name, count]) => `${count} × ${name}`)
      .join(', '),
  );
  const [first] = failed;
  if (first === undefined) return;
  process.exitCode = 1;
  console.error(`violated by the seeds ${failed.map(({ seed }) => seed).join(', ')}\n`);
  await show(planOf(first.seed));
}

/** Prints a table of the safeguards. `npm run bench -- safeguards` stores the whole one. */
async function runMutations(): Promise<void> {
  const chosen = simulated.filter(({ name }) => name.includes(values.only));
  const print = (cells: unknown[]) => console.log(`| ${cells.join(' | ')} |`);
  print(columns);
  print(['---', '---:', '---:', '---']);
  const startedAt = Date.now();
  const outcomes = await tryMutations(chosen, { histories, seed, jobs }, (outcome) => print(rowOf(outcome)));
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const found = outcomes.filter((outcome) => outcome.seed !== undefined).length;
  const most = Math.max(0, ...outcomes.map((outcome) => (outcome.seed === undefined ? 0 : outcome.histories)));
  console.log(`\n${outcomes.length} safeguards, ${found} found, with ${most} histories at most, ${seconds} s`);
  const wrong = outcomes.map(wrongReason).filter((text) => text !== undefined);
  for (const text of wrong) console.error(text);
  if (wrong.length > 0 || outcomes.length === 0) process.exitCode = 1;
}

async function showOne(): Promise<void> {
  if ((await violationsOf(planOf(seed))) === undefined) return console.log(`seed ${seed}: no violation`);
  process.exitCode = 1;
  await show(planOf(seed));
}

/** Shrinks a failing plan, and prints its trace. */
async function show(plan: Plan): Promise<void> {
  const smallest = await shrink(plan);
  console.log(`npm run simulate -- --histories 1 --seed ${plan.seed}\n`);
  await runHistory(smallest, { trace: (line) => console.log(line) }).catch((error: Error) =>
    console.error(`\n${error.message}`),
  );
}
