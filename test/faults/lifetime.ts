/** The lifetime of a process, which a crash ends. */
export interface Lifetime {
  readonly ended: boolean;
  end: () => void;
  /** The result of the work. Rejects with a Crash if the process ends first: the work then stops wherever it is. */
  until: <Result>(work: Promise<Result>) => Promise<Result>;
}

/** The process ended during a call. Only the test catches this, never the code under test. */
export class Crash extends Error {}

export function newLifetime(): Lifetime {
  let ended = false;
  let crash: (reason: Crash) => void;
  const crashed = new Promise<never>((_, reject) => {
    crash = reject;
  });
  crashed.catch(() => {});
  return {
    get ended() {
      return ended;
    },
    end: () => {
      ended = true;
      crash(new Crash('the process ended'));
    },
    until: (work) => Promise.race([work, crashed]),
  };
}
