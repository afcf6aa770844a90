import { type Counts, runHistory } from './history.ts';
import { planOf } from './plan.ts';

// One of the processes that run histories beside each other: see jobs.ts.

/** What a job has done so far. */
export interface Report {
  done: number;
  counts: Counts;
  /** The histories with a violation. */
  failed: Failure[];
}

/** A history with a violation: its seed, and all that it violated, a line each. */
export interface Failure {
  seed: number;
  violated: string;
}

/** Which histories a job runs: of `histories` from `seed` on, every `step`-th. */
export interface Share {
  histories: number;
  seed: number;
  step: number;
  /** After so many histories with a violation, it stops: they are usually one fault. */
  mostFailures: number;
}

const reportEvery = 500; // milliseconds

process.once('message', async ({ histories, seed, step, mostFailures }: Share) => {
  Error.stackTraceLimit = 0; // most errors here are faults that the simulation makes, and a stack is slow
  const report: Report = { done: 0, counts: {}, failed: [] };
  let n = 0;
  // Outside of every promise that the history awaits: it would wait forever.
  process.once('uncaughtException', ({ message }) => {
    report.done++;
    report.failed.push({ seed: seed + n, violated: `outside of every call: ${message}` });
    process.send?.(report, () => process.exit());
  });
  let reportAt = Date.now() + reportEvery;
  for (; n < histories && report.failed.length < mostFailures; n += step) {
    await runHistory(planOf(seed + n), report).catch((error: Error) =>
      report.failed.push({ seed: seed + n, violated: error.message }),
    );
    // Node tells of promises that fail and are never awaited once its queues are empty, and the steps of a history keep them full.
    await new Promise((resolve) => setImmediate(resolve));
    report.done++;
    if (Date.now() < reportAt) continue;
    process.send?.(report);
    reportAt = Date.now() + reportEvery;
  }
  process.send?.(report, () => process.disconnect());
});
