import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamodbEndpoint } from '../support/database.ts';
import { openEnvironment } from './environment.ts';
import { type Environment, runSchedule } from './run-schedule.ts';
import { schedules } from './schedule.ts';

let environment: Environment & { close: () => Promise<void> };

beforeAll(async () => {
  environment = await openEnvironment(dynamodbEndpoint);
});
afterAll(() => environment.close());

// npm run test:faults runs more schedules. A failure prints its seed: the seed determines the steps and the faults, but not how
// concurrent calls interleave.
test('random schedules under random faults leave correct inboxes once the stream is drained', async () => {
  const lanes = 8;
  await Promise.all(
    Array.from({ length: lanes }, () =>
      fc.assert(
        fc.asyncProperty(schedules, (schedule) => runSchedule(environment, schedule)),
        { numRuns: 15, interruptAfterTimeLimit: 40_000 },
      ),
    ),
  );
  const { wanted, all } = environment.capture.seen;
  console.log(`${JSON.stringify(environment.counts)}; ${all} stream records, ${wanted} for the projector`);
  expect(wanted).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(wanted);
});
