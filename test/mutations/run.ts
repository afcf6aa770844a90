import { parseArgs } from 'node:util';
import { mutations } from './list.ts';
import { type Outcome, Sandbox } from './sandbox.ts';

// Shows that a test covers each safeguard: disables one safeguard at a time, in a copy of the sources, and runs the test that must
// then fail.
//   npm run test:mutations                 all mutations; takes some minutes
//   npm run test:mutations -- --only token mutations with "token" in their name
const workers = 2; // a test waits for the database more than it computes

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const chosen = mutations.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) fail(`no mutation has "${values.only}" in its name`);

const began = Date.now();
const sandboxes = Array.from({ length: Math.min(workers, chosen.length) }, () => new Sandbox());
process.once('exit', () => sandboxes.forEach((sandbox) => void sandbox.remove()));
// `on`, not `once`: npm and tsx both pass on Ctrl-C, and the second signal must not interrupt the cleanup.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const [first] = sandboxes as [Sandbox];
const stale = first.notApplicable(chosen);
if (stale.length > 0)
  fail(
    `\`find\` does not match exactly once, adapt test/mutations/list/:\n${stale.map(({ name, file }) => `  ${name} (${file})`).join('\n')}`,
  );
const before = await first.failuresWithout(chosen);
if (before.length > 0) fail(`tests that fail without any mutation:\n${before.map((text) => `  ${text}`).join('\n')}`);

const waiting = [...chosen];
const outcomes: Outcome[] = [];
printRow('safeguard', 'caught by', 'seconds');
printRow('---', '---', '---:');
await Promise.all(
  sandboxes.map(async (sandbox) => {
    for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
      const outcome = await sandbox.tryOut(mutation);
      outcomes.push(outcome);
      printRow(mutation.name, outcome.caughtBy ?? `**SURVIVED** (${outcome.remark})`, outcome.seconds.toFixed(1));
    }
  }),
);
const survivors = outcomes.filter(({ caughtBy }) => caughtBy === undefined);
const took = Math.round((Date.now() - began) / 1000);
console.log(
  `\n${outcomes.length} safeguards, ${outcomes.length - survivors.length} caught, ${survivors.length} survived, ${took} s`,
);
process.exitCode = survivors.length > 0 ? 1 : 0;
process.exit(); // without waiting for handles that a mutation left open

function printRow(...cells: string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
