import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamodbEndpoint } from '../support/database.ts';
import { play, type Stage } from './play.ts';
import { scripts } from './script.ts';
import { openStage } from './stage.ts';

let stage: Stage & { close: () => Promise<void> };

beforeAll(async () => {
  stage = await openStage(dynamodbEndpoint);
});
afterAll(() => stage.close());

// npm run test:faults goes on for longer. A failure prints its seed: the seed decides what people do and what goes wrong, not how
// the calls that are under way at once overtake each other.
test('whatever people do and whatever goes wrong, the inbox is right once the stream is drained', async () => {
  const lanes = 8;
  await Promise.all(
    Array.from({ length: lanes }, () =>
      fc.assert(
        fc.asyncProperty(scripts, (script) => play(stage, script)),
        { numRuns: 15, interruptAfterTimeLimit: 40_000 },
      ),
    ),
  );
  const { wanted, all } = stage.capture.seen;
  console.log(`${JSON.stringify(stage.counts)}; ${all} stream records, ${wanted} for the projector`);
  expect(wanted).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(wanted);
});
