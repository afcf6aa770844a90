/** What is measured: one call. Its result is not used. */
export type Subject = () => Promise<unknown>;

/**
 * Measures several subjects in the same run: one call of each per round, so that a slow phase of the machine meets all of them. Every
 * round begins with another subject, since a call may profit from the one before it.
 * @param rounds the number of measured rounds
 * @param warmUp the number of rounds before them, unmeasured, so that code and caches are warm; default a tenth of `rounds`
 * @param prepare is called before each call, unmeasured
 * @param afterRound is called after each round, unmeasured, with the number of rounds that are done
 * @returns the milliseconds of each call, by subject
 */
export async function interleave<Name extends string>(
  subjects: Record<Name, Subject>,
  {
    rounds,
    warmUp = Math.ceil(rounds / 10),
    prepare = async () => {},
    afterRound = () => {},
  }: {
    rounds: number;
    warmUp?: number;
    prepare?: (name: Name) => Promise<unknown>;
    afterRound?: (done: number) => void;
  },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(subjects) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const n of names.keys()) {
      const name = names[(round + n) % names.length] as Name;
      await prepare(name);
      const from = performance.now();
      await subjects[name]();
      const milliseconds = performance.now() - from;
      if (round >= warmUp) samples[name].push(milliseconds);
    }
    if (round >= warmUp) afterRound(round - warmUp + 1);
  }
  return samples;
}
