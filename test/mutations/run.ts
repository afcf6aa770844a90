import { parseArgs } from 'node:util';
import { mutations } from './list.ts';
import { type Outcome, Workshop } from './workshop.ts';

// Shows that each safeguard matters: switches one off at a time, in a copy of the sources, and runs the test that must notice.
//   npm run test:mutations                 all of them, some minutes
//   npm run test:mutations -- --only token those whose name has "token" in it
const workers = 2; // a test waits for the database more than it computes

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const chosen = mutations.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) fail(`no safeguard has "${values.only}" in its name`);

const began = Date.now();
const workshops = Array.from({ length: Math.min(workers, chosen.length) }, () => new Workshop());
process.once('exit', () => workshops.forEach((workshop) => void workshop.clear()));
// Not once: npm and tsx pass Ctrl-C on, and the second one must not end the clearing up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const [first] = workshops as [Workshop];
const stale = first.notApplicable(chosen);
if (stale.length > 0)
  fail(`not found exactly once:\n${stale.map(({ name, file }) => `  ${name} (${file})`).join('\n')}`);
const before = await first.failsWithout(chosen);
if (before.length > 0)
  fail(`must pass as long as nothing is switched off:\n${before.map((text) => `  ${text}`).join('\n')}`);

const waiting = [...chosen];
const outcomes: Outcome[] = [];
say('safeguard', 'caught by', 'seconds');
say('---', '---', '---:');
await Promise.all(
  workshops.map(async (workshop) => {
    for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
      const outcome = await workshop.tryOut(mutation);
      outcomes.push(outcome);
      say(mutation.name, outcome.caughtBy ?? `**SURVIVED** (${outcome.remark})`, outcome.seconds.toFixed(1));
    }
  }),
);
const survivors = outcomes.filter(({ caughtBy }) => caughtBy === undefined);
const took = Math.round((Date.now() - began) / 1000);
console.log(
  `\n${outcomes.length} safeguards, ${outcomes.length - survivors.length} caught, ${survivors.length} survived, ${took} s`,
);
process.exitCode = survivors.length > 0 ? 1 : 0;
process.exit(); // what a mutation left hanging must not hold this up

function say(...cells: string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
