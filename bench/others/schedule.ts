import { randomFrom } from '../../test/faults/random.ts';

/** What goes wrong in a history. Each is possible in AWS without an error of the design. */
export const faults = [
  'no fault',
  'a batch is delivered again',
  'records arrive late and out of order', // from a failure queue, for example
  'the function on the stream dies between two calls',
  'two messages at the same instant', // to the microsecond, by two functions
  'clocks of functions differ',
  'an answer is lost, and the client repeats the request',
  'both users start the conversation at once',
] as const;
export type Fault = (typeof faults)[number];

/** One message; its users are indexes. */
export interface Send {
  from: number;
  to: number;
  process: number;
  /** Microseconds after the step's time. */
  after: number;
  /** How often the client repeats the request, because it got no answer. */
  repeats: number;
}

export type Step = { sends: Send[] } | { reader: number; other: number };

/** A history, the same for every design. */
export interface Schedule {
  users: number;
  /** One after the other; several sends of one step run at the same time, each having read all it reads before any of them writes. */
  steps: Step[];
  /** By process: the microseconds by which its clock is behind. */
  behind: number[];
  /** The sizes of the batches, cyclic. */
  sizes: number[];
  /** Of the first, second … batch, cyclic: how many times it is delivered once more. */
  again: number[];
  /** Of the first, second … batch, cyclic: after which part of its calls the function dies the first time. */
  dies: (number | undefined)[];
  /** Of the first, second … record, cyclic: whether it arrives after all others. */
  late: boolean[];
  seed: number;
}

export const processes = 3;

/**
 * A random history of three users with two conversations, in which some of the faults occur.
 * @param length the number of steps after the first messages of the two conversations
 */
export function scheduleOf(injected: readonly Fault[], seed: number, length = 8): Schedule {
  const random = randomFrom(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const oneOf = <T>(list: readonly T[]) => list[upTo(list.length)] as T;
  const has = (fault: Fault) => injected.includes(fault);
  const send = (from: number, to: number, process = upTo(processes), after = 0): Send => ({
    from,
    to,
    process,
    after,
    repeats: has('an answer is lost, and the client repeats the request') && random() < 0.3 ? 1 + upTo(2) : 0,
  });
  const pairs = [
    [0, 1],
    [2, 1],
  ] as const;
  const anySend = (process?: number) => {
    const [one, other] = oneOf(pairs);
    return random() < 0.5 ? send(one, other, process) : send(other, one, process);
  };

  const steps: Step[] = pairs.map(([one, other]) => ({
    sends: has('both users start the conversation at once')
      ? [send(one, other, 0), send(other, one, 1, 1_000)]
      : [send(one, other)],
  }));
  for (let n = 0; n < length; n++) {
    if (random() < 0.2) {
      const [one, other] = oneOf(pairs);
      steps.push(random() < 0.5 ? { reader: one, other } : { reader: other, other: one });
    } else if (has('two messages at the same instant') && random() < 0.4) {
      steps.push({ sends: [anySend(0), anySend(1)] });
    } else {
      steps.push({ sends: [anySend()] });
    }
  }
  const list = <T>(length: number, make: () => T) => Array.from({ length }, make);
  return {
    users: 3,
    steps,
    behind: list(processes, () => (has('clocks of functions differ') ? upTo(50_000) : 0)),
    sizes: list(3, () => 1 + upTo(4)),
    again: list(3, () => (has('a batch is delivered again') ? upTo(3) : 0)),
    dies: list(3, () =>
      has('the function on the stream dies between two calls') && random() < 0.6 ? random() : undefined,
    ),
    late: list(7, () => has('records arrive late and out of order') && random() < 0.3),
    seed,
  };
}
