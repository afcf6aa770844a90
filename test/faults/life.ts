/** The life of a process: until it crashes. */
export interface Life {
  readonly ended: boolean;
  end: () => void;
  /** What the work comes to; throws a Crash if the process ends first: then the work is abandoned where it stands. */
  until: <Result>(work: Promise<Result>) => Promise<Result>;
}

/** The process ended in the middle of something. Nobody catches it but who looks on from outside. */
export class Crash extends Error {}

export function alive(): Life {
  let ended = false;
  let crash: (reason: Crash) => void;
  const death = new Promise<never>((_, reject) => {
    crash = reject;
  });
  death.catch(() => {});
  return {
    get ended() {
      return ended;
    },
    end: () => {
      ended = true;
      crash(new Crash('the process ended'));
    },
    until: (work) => Promise.race([work, death]),
  };
}
