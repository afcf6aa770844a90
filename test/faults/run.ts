import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { startDynamoDbLocal } from '../support/start-dynamodb-local.ts';
import { openEnvironment } from './environment.ts';
import { runSchedule } from './run-schedule.ts';
import { schedules } from './schedule.ts';

// npm run test:faults -- --runs 10000 --seed 7
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    lanes: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '86400' },
  },
});
const [runs, seed, lanes, seconds] = [values.runs, values.seed, values.lanes, values.seconds].map(Number) as [
  number,
  number,
  number,
  number,
];
if (![runs, lanes, seconds].every((n) => Number.isInteger(n) && n > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run test:faults -- [--runs N] [--seed S] [--lanes 8] [--seconds T]');
  process.exit(2);
}

const database = await startDynamoDbLocal({ isLongRunning: true });
const environment = await openEnvironment(database.endpoint);
const startedAt = Date.now();
const elapsed = () => ((Date.now() - startedAt) / 1000).toFixed(0);
let done = 0;
const progress = () => `${done} of ${runs} runs, ${elapsed()} s`;
const ticker = setInterval(
  () => (process.stdout.isTTY ? process.stdout.write(`\r${progress()} `) : console.log(progress())),
  process.stdout.isTTY ? 500 : 10_000,
);

// Each lane is a separate check with its own seed; the lanes run concurrently.
const failures = await Promise.all(
  Array.from({ length: lanes }, async (_, lane) => {
    const numRuns = Math.floor((runs + lane) / lanes);
    if (numRuns === 0) return undefined;
    const property = fc.asyncProperty(schedules, async (schedule) => {
      await runSchedule(environment, schedule);
      done++;
    });
    const details = await fc.check(property, {
      seed: seed + lane,
      numRuns,
      interruptAfterTimeLimit: seconds * 1000,
      markInterruptAsFailure: false,
    });
    if (!details.failed) return undefined;
    return `seed ${seed + lane} (--seed ${seed + lane} --lanes 1)\n${details.errorInstance}\n${fc.defaultReportMessage(details)}`;
  }),
);
clearInterval(ticker);
const found = failures.filter((failure) => failure !== undefined);
console.log(`\n${progress()}, seeds ${seed} to ${seed + lanes - 1}, ${found.length} violations`);
console.table(environment.counts);
console.log(
  `stream records: ${environment.capture.seen.all}, of which the projector wants ${environment.capture.seen.wanted}`,
);
for (const failure of found) console.error(failure);
await environment.close();
await database.stop();
process.exitCode = found.length > 0 ? 1 : 0;
