import { randomFrom } from '../faults/random.ts';
import { calmChecks } from './calm-checks/index.ts';
import { type Fault, faults } from './process.ts';
import { type VerbName, verbNames } from './verbs.ts';

/** One request of a user, in numbers that stay meaningful when other requests are left out. */
export interface Request {
  verb: VerbName;
  /** Virtual milliseconds from the beginning. */
  at: number;
  /** Index of the acting user. */
  user: number;
  /** Distance from `user` to the other user, at least 1. */
  other: number;
  process: number;
  /** Chooses among what there is: the message to mark as read, the conversation to list. */
  choice: number;
  /** The idempotency key of a send. */
  key: number | undefined;
  /** How many items a page has. */
  limit: number;
}

/** All that a history is made from. The same plan gives the same history. */
export interface Plan {
  /** Of the order of the steps, and of everything else that chance decides on the way. */
  seed: number;
  users: number;
  processes: number;
  /** Milliseconds for which a verb may retry. */
  retryBudget: number;
  requests: Request[];
  /** The probability of each fault at a call. */
  rates: Record<Fault, number>;
  /** The probability that a call ends its process. */
  crashes: number;
  /** The probability that the items of a transaction become visible one by one. */
  tears: number;
  /** The probability that an eventually consistent read is old. */
  stale: number;
  /** The probability that a failed condition is named among others. */
  names: number;
  /** The probability that a record of the stream comes again, out of order. */
  doubles: number;
  /** How far apart the clocks of the processes are, in milliseconds. */
  clocks: number;
  /** The name of the check at the end, if there is one: see calm-checks/. */
  check: string | undefined;
}

const checkNames = Object.keys(calmChecks);

/** @returns a plan with 15 to 20 requests */
export function planOf(seed: number): Plan {
  const random = randomFrom(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const oneOf = <Choice>(choices: readonly Choice[]) => choices[integer(choices.length)] as Choice;
  const users = oneOf([2, 2, 3, 4]);
  const processes = 1 + integer(3);
  const span = oneOf([20, 60, 200]); // milliseconds: how closely the requests follow each other
  return {
    seed,
    users,
    processes,
    retryBudget: oneOf([50, 400, 6_000]),
    requests: Array.from({ length: 15 + integer(6) }, () => ({
      verb: oneOf(verbNames),
      at: random() * span,
      user: integer(users),
      other: 1 + integer(users - 1),
      process: integer(processes),
      choice: integer(16),
      key: oneOf([undefined, 0, 1, 2]),
      limit: 1 + integer(4),
    })).sort((one, other) => one.at - other.at),
    // Many histories have one kind of trouble, so that a failure says which; many have all of them.
    rates: Object.fromEntries(faults.map((fault) => [fault, oneOf([0, 0, 0, 0.03, 0.15])])) as Plan['rates'],
    crashes: oneOf([0, 0, 0.02]),
    tears: oneOf([0, 0.5, 1]),
    stale: oneOf([0, 0.5]),
    names: oneOf([1, 0.5]),
    doubles: oneOf([0, 0.3]),
    clocks: oneOf([0, 20, 5_000]),
    check: integer(8) === 0 ? oneOf(checkNames) : undefined,
  };
}

/** A plan without any trouble but the order of the steps. */
export const calm = (plan: Plan): Plan => ({
  ...plan,
  rates: Object.fromEntries(faults.map((fault) => [fault, 0])) as Plan['rates'],
  crashes: 0,
  tears: 0,
  stale: 0,
  names: 1,
  doubles: 0,
  clocks: 0,
  check: undefined,
});
