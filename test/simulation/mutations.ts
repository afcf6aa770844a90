import { mutations } from '../mutations/list.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { Program } from './jobs.ts';
import { reasonFor } from './not-found.ts';

/** The mutations of the code that histories can run. */
export const simulated: Mutation[] = mutations.filter(({ file }) =>
  /^(core|admin\/doctor)\/|^admin\/table\/repairs/.test(file),
);

/** What came of running histories with one safeguard disabled. */
export interface Outcome {
  /** What the safeguard ensures. */
  safeguard: string;
  /** The first seed with a violation; undefined if there is none. */
  seed?: number;
  /** How many histories ran: 0 if the simulation does not have the code. */
  histories: number;
  /** The first violation. */
  violated?: string;
}

/**
 * Runs histories with one safeguard disabled at a time, up to the first violation.
 * @param options.jobs how many mutations to try beside each other
 * @param onOutcome is called with each outcome as it comes
 * @returns the outcomes, in the order of the mutations
 */
export async function tryMutations(
  chosen: Mutation[],
  { histories, seed, jobs }: { histories: number; seed: number; jobs: number },
  onOutcome = (_: Outcome) => {},
): Promise<Outcome[]> {
  const waiting = [...chosen.entries()];
  const outcomes: Outcome[] = [];
  const unchanged = await Program.build();
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [n, mutation] = next;
      const program = await Program.build(mutation);
      const found = program.equals(unchanged) ? { histories: 0 } : await firstViolation(program, histories, seed);
      const outcome = { safeguard: mutation.name, ...found };
      outcomes[n] = outcome;
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return outcomes;
}

async function firstViolation(program: Program, histories: number, seed: number): Promise<Omit<Outcome, 'safeguard'>> {
  // One job, so that the first seed that it finds is the first of all.
  const { done, failed } = await program.run({ histories, seed, jobs: 1, mostFailures: 1 });
  const [first] = failed;
  if (!first) return { histories: done };
  return { seed: first.seed, histories: done, violated: summaryOf(first.violated) };
}

const longest = 160; // characters

/** The first of the violations, without what says nothing to a reader of the table. */
export function summaryOf(violated: string): string {
  const [line = ''] = violated.split('\n');
  const short = line
    .replace(/^after the faults: (Error: )?/, '')
    .replace(/^[0-9a-f-]{36}: /, '')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…');
  return short.length > longest ? `${short.slice(0, longest)} …` : short;
}

/** What is wrong with the reasons in not-found.ts; undefined if nothing is. */
export function wrongReason({ safeguard, seed }: Outcome): string | undefined {
  const reason = reasonFor(safeguard);
  if (seed === undefined && reason === undefined) return `"${safeguard}" is not found, and not-found.ts has no reason`;
  if (seed !== undefined && reason !== undefined) return `"${safeguard}" is found: take it out of not-found.ts`;
  return undefined;
}

export const columns = ['safeguard', 'first seed', 'histories', 'what shows it, or why nothing does'];
/** An outcome as a row of a table with these {@link columns}. */
export const rowOf = ({ safeguard, seed, histories, violated }: Outcome) => [
  safeguard,
  seed ?? '–',
  histories,
  violated ?? reasonFor(safeguard) ?? '**not found**',
];
