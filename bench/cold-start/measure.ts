import { statSync } from 'node:fs';
import { importOf } from '../../test/support/bundle.ts';
import { interleave } from '../harness/interleave.ts';
import type { Bundle } from './bundles.ts';

/**
 * Loads bundles in turn, each time in a new process.
 * @returns the milliseconds that loading took, without the start of Node: one a round, by bundle
 */
export async function loadInTurn<Name extends string>(
  bundles: Record<Name, Bundle>,
  { cwd, node, rounds, afterRound }: { cwd: string; node: string; rounds: number; afterRound: (done: number) => void },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(bundles) as Name[];
  const loads = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const subjects = names.map((name) => {
    const { path, nodeOptions } = bundles[name];
    return [
      name,
      async () => loads[name].push((await importOf(path, { cwd, node, nodeOptions })).milliseconds),
    ] as const;
  });
  await interleave(Object.fromEntries(subjects), { rounds, afterRound });
  // The rounds before are for the files to be in memory.
  return Object.fromEntries(names.map((name) => [name, loads[name].slice(-rounds)])) as Record<Name, number[]>;
}

/** The size of a bundle without its source map, in KB of 1,024 bytes. */
export const kilobytes = ({ path }: Bundle): number => statSync(path).size / 1024;
