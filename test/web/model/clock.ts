interface Timer {
  id: number;
  at: number;
  run: () => void;
  every: number | undefined;
}

/**
 * A clock in place of the browser's timers. Fake timers of a test runner wait a real millisecond for each timer; this one only lets the
 * promises settle, so that ten thousand histories take seconds.
 */
export class Clock {
  now = Date.UTC(2026, 0, 1);
  #timers = new Map<number, Timer>();
  #last = 0;

  /** Replaces the browser's timers and `Date.now`. @returns undoes it */
  install(): () => void {
    const originals = { setTimeout, clearTimeout, setInterval, clearInterval };
    const now = Date.now;
    const clear = (id?: number) => void (id !== undefined && this.#timers.delete(id));
    Object.assign(globalThis, {
      setTimeout: (run: () => void, after = 0) => this.#add(run, after),
      setInterval: (run: () => void, every = 0) => this.#add(run, every, every),
      clearTimeout: clear,
      clearInterval: clear,
    });
    Date.now = () => this.now;
    return () => {
      Object.assign(globalThis, originals);
      Date.now = now;
    };
  }

  /** Lets so many milliseconds pass, and runs what is due in its order. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    await settled();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.now = Math.max(this.now, next.at);
      if (next.every === undefined) this.#timers.delete(next.id);
      else next.at += next.every;
      next.run();
      await settled();
    }
    this.now = until;
  }

  clear(): void {
    this.#timers.clear();
  }

  #add(run: () => void, after: number, every?: number): number {
    const id = ++this.#last;
    this.#timers.set(id, { id, at: this.now + Math.max(0, Math.ceil(after)), run, every });
    return id;
  }

  #next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) if (timer.at <= until && (!first || timer.at < first.at)) first = timer;
    return first;
  }
}

// Node calls this once no promise has anything left to run.
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve));
