import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Action, run } from './history.ts';

const conversation = fc.constantFrom(2, 2, 2, 1, 0); // mostly one, so that actions meet
const change = fc.record({
  does: fc.constantFrom('send', 'send', 'send', 'edit', 'delete', 'read', 'clear', 'mute', 'unmute', 'mark unread'),
  by: fc.constantFrom('page', 'device', 'other'),
  in: conversation,
}) as fc.Arbitrary<Action>;
const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: change, weight: 10 },
  { arbitrary: fc.record({ does: fc.constant('open' as const), in: conversation }), weight: 3 },
  { arbitrary: fc.record({ does: fc.constantFrom('close', 'load older', 'load older', 'break', 'block') }), weight: 2 },
  { arbitrary: fc.record({ does: fc.constant('wait' as const), milliseconds: fc.nat(5_000) }), weight: 5 },
);
const probability = fc.constantFrom(0, 0.3, 0.9, 1);
const network = fc.record({
  loses: probability,
  doubles: probability,
  fails: fc.constantFrom(0, 0, 0.1),
  delay: fc.constantFrom(20, 500, 4_000),
  seed: fc.nat(),
});

/** 10,000 with `HISTORIES=10000`; the same ones again with `SEED`, which a failure prints. */
const { HISTORIES = '5000', SEED } = process.env;

/** Checks a half of the histories: two test files, each with its own process, check them in half the time. */
export function testHalf(): void {
  const numRuns = Math.ceil(Number(HISTORIES) / 2);
  test(`in ${numRuns} histories, whatever happens to its connection, the page ends with what the service has stored`, async () => {
    const histories = fc.asyncProperty(
      fc.array(action, { minLength: 5, maxLength: 40 }),
      network,
      async (actions, given) => {
        expect(await run(actions, given)).toEqual([]);
      },
    );
    await fc.assert(histories, { numRuns, ...(SEED !== undefined && { seed: Number(SEED) }) });
  }, 600_000);
}
