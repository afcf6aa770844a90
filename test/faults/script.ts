import fc from 'fast-check';
import { type Fault, faults } from '../support/faults.ts';
import type { Arrangement } from '../support/stream-layer.ts';

/** One thing that somebody does, in numbers that mean something whatever shrinking leaves of the script. */
export interface Step {
  /** `in` writes into the conversation, once it is known; before that it is `to`. */
  does: 'to' | 'in' | 'read' | 'deliver';
  /** Index of the person; `whom` counts on from there, so that nobody writes to themselves. */
  who: number;
  whom: number;
  /** Which of the acknowledged messages is read, or has its record delivered. */
  which: number;
  /** Of a send: undefined for a send without one. */
  key: number | undefined;
  process: number;
  /** How the clock of the process moves before, in microseconds: it also stands still and jumps back. */
  clock: number;
  /** What goes wrong: from the `at`-th of its calls or of its transactions on, first `kind`, then `next` until it was `times`. */
  fault: { on: 'calls' | 'writes'; at: number; kind: Fault; next: Fault; times: number } | undefined;
}

export interface Script {
  people: number;
  /** The steps of one group happen at once, the groups one after the other. */
  conversations: Step[][];
  stream: Arrangement & { overlap: number; faultRate: number; seed: number };
  /** Whether the whole stream comes once more from its start. */
  replay: boolean;
}

export const processes = 3;

const kinds = fc.constantFrom<Fault>(...faults, 'stale'); // which most calls are not open to
const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('to', 'in', 'read', 'deliver', 'in', 'read', 'read', 'in', 'to', 'deliver'),
  who: fc.nat(3),
  whom: fc.nat(2),
  which: fc.nat(15),
  key: fc.option(fc.nat(1), { nil: undefined }),
  process: fc.nat(processes - 1),
  // Small, so that the last messages of several conversations meet in one microsecond; and now and then far off.
  clock: fc.constantFrom(0, 0, 0, 1, -1, 2, -3, 1_000, -5_000_000, 3_000_000),
  fault: fc.option(
    fc
      .record({
        on: fc.constantFrom('calls', 'writes'),
        at: fc.integer({ min: 1, max: 4 }),
        kind: kinds,
        next: fc.option(kinds, { nil: undefined }),
        // Twice is the SDK's to ride out, four times ours, sixty times nobody's.
        times: fc.constantFrom(1, 1, 2, 4, 4, 60),
      })
      .map(({ on, at, next, ...fault }) => ({
        ...fault,
        on,
        at: on === 'writes' ? Math.ceil(at / 3) : at,
        next: next ?? fault.kind,
      })),
    { nil: undefined, freq: 2 },
  ),
});

export const scripts: fc.Arbitrary<Script> = fc.record({
  people: fc.constantFrom(2, 3, 2, 3, 4),
  conversations: fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
  stream: fc.record({
    order: fc.constantFrom('as read', 'per key', 'any'),
    copies: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
    overlap: fc.integer({ min: 1, max: 3 }),
    faultRate: fc.constantFrom(0, 0.1, 0.3),
    seed: fc.nat(),
  }),
  replay: fc.boolean(),
});
