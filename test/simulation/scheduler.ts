/** One thing that may happen next. */
interface Step {
  /** Virtual milliseconds before which it does not happen. */
  due: number;
  /** What happens, for the trace. */
  label: () => string;
  run: () => void;
}

/** The beginning of the virtual time: a leap day, at noon. */
export const noon = Date.UTC(2024, 1, 29, 12);

/**
 * The only source of order and time in a simulation. Everything that could happen next waits here: requests on their way to the
 * table, answers on their way back, waits that end, records of the stream. One of them is chosen at random, and runs until all code
 * waits again. So a seed determines a history to the step.
 */
export class Scheduler {
  readonly #random: () => number;
  readonly #steps: Step[] = [];
  readonly #trace: ((line: string) => void) | undefined;
  #now = noon;
  /** The number of steps so far. */
  count = 0;

  /** @param trace receives a line for each step */
  constructor(random: () => number, trace?: (line: string) => void) {
    this.#random = random;
    this.#trace = trace;
  }

  /** Virtual milliseconds since 1970. */
  get now(): number {
    return this.#now;
  }

  /** Adds a step. @param delay the virtual milliseconds after which it may happen at the earliest */
  add(label: () => string, run: () => void, delay = 0): void {
    this.#steps.push({ due: this.#now + delay, label, run });
  }

  note(line: () => string): void {
    this.#trace?.(`         ${line()}`);
  }

  /** Runs steps until none waits. @throws Error after `most` steps: then something never ends */
  async run(most: number): Promise<void> {
    await undefined; // see untilAllWait
    for (const end = this.count + most; this.#steps.length > 0; ) {
      if (this.count >= end) throw new Error(`no end after ${most} steps`);
      const { label, run } = this.#next();
      this.count++;
      this.#now += this.#random(); // a step takes up to a millisecond
      this.#trace?.(`${String(this.count).padStart(4)} ${((this.#now - noon) / 1000).toFixed(4)} ${label()}`);
      run();
      await untilAllWait();
    }
  }

  /** One of the steps that are due; if none is, time passes until the first one is. */
  #next(): Step {
    let due = 0;
    let first = 0;
    for (let n = 0; n < this.#steps.length; n++) {
      const step = this.#steps[n] as Step;
      if (step.due <= this.#now) due++;
      if (step.due < (this.#steps[first] as Step).due) first = n;
    }
    let chosen = first;
    if (due === 0) this.#now = (this.#steps[first] as Step).due;
    else {
      let skip = Math.floor(this.#random() * due);
      chosen = this.#steps.findIndex((step) => step.due <= this.#now && skip-- === 0);
    }
    return this.#steps.splice(chosen, 1)[0] as Step;
  }
}

/**
 * Every promise that can settle has settled by the next tick: Node takes it when the queue of microtasks is empty, and nothing here does
 * real I/O. It must be asked for in a microtask. `setImmediate` would be as good and costs a turn of the event loop.
 */
const untilAllWait = () => new Promise<void>((resolve) => process.nextTick(resolve));
