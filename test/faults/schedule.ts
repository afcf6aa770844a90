import fc from 'fast-check';
import { type Fault, faults } from '../support/faults.ts';
import type { Arrangement } from '../support/stream-layer.ts';

/** One action, in numbers that stay meaningful when fast-check shrinks the schedule. */
export interface Step {
  /** `sendInConversation` sends to the user's handle as long as the conversation is not known. */
  action: 'sendToUser' | 'sendInConversation' | 'markRead' | 'deliver';
  /** Index of the acting user. */
  user: number;
  /** Distance from `user` to the recipient, so that no user sends to themselves. */
  recipient: number;
  /** Index of the accepted message that is marked as read, or whose record is delivered. */
  message: number;
  /** The idempotency key of a send. */
  key: number | undefined;
  process: number;
  /** Microseconds by which the clock of the process moves before the step; 0 and negative numbers too. */
  clock: number;
  /** The `times` calls (or transactions, for `writes`) from the `at`-th on fail: the first by `kind`, the others by `next`. */
  fault: { on: 'calls' | 'writes'; at: number; kind: Fault; next: Fault; times: number } | undefined;
}

export interface Schedule {
  users: number;
  /** The steps of one round run concurrently, the rounds one after the other. */
  rounds: Step[][];
  stream: Arrangement & { overlap: number; faultRate: number; seed: number };
  /** Whether the whole stream is delivered a second time. */
  replay: boolean;
}

export const processes = 3;

const kinds = fc.constantFrom<Fault>(...faults, 'stale'); // twice, because it is possible for few calls only
const step: fc.Arbitrary<Step> = fc.record({
  action: fc.constantFrom(
    'sendToUser',
    'sendInConversation',
    'markRead',
    'deliver',
    'sendInConversation',
    'markRead',
    'markRead',
    'sendInConversation',
    'sendToUser',
    'deliver',
  ),
  user: fc.nat(3),
  recipient: fc.nat(2),
  message: fc.nat(15),
  key: fc.option(fc.nat(1), { nil: undefined }),
  process: fc.nat(processes - 1),
  // Mostly small, so that messages of several conversations fall into one microsecond; sometimes large.
  clock: fc.constantFrom(0, 0, 0, 1, -1, 2, -3, 1_000, -5_000_000, 3_000_000),
  fault: fc.option(
    fc
      .record({
        on: fc.constantFrom('calls', 'writes'),
        at: fc.integer({ min: 1, max: 4 }),
        kind: kinds,
        next: fc.option(kinds, { nil: undefined }),
        // The SDK's retries survive two faults in a row, our own retries four, and none sixty.
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

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  users: fc.constantFrom(2, 3, 2, 3, 4),
  rounds: fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
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
