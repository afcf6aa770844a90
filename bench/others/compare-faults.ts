import { type Damage, damages, isDamaged, noDamage } from './damage.ts';
import type { Design } from './design.ts';
import { openRunner } from './run-schedule.ts';
import { type Fault, faults, scheduleOf } from './schedule.ts';

/** What went wrong in some histories of one kind. */
export interface Outcome {
  histories: number;
  damaged: number;
  damage: Damage;
}

export const allTogether = 'all of them together';
export const kinds: readonly (Fault | typeof allTogether)[] = [...faults, allTogether];
const firstSeed = 16_000; // any: the same for every design and every run

/** Runs the same histories in each design, one design after the other. @returns by design and kind of fault */
export async function outcomesOf(
  designs: Design[],
  endpoint: string,
  { histories, progress }: { histories: number; progress: (doing: string) => void },
): Promise<Map<string, Map<string, Outcome>>> {
  const runners = designs.map((design) => ({ name: design.name, ...openRunner(design, endpoint) }));
  const outcomes = new Map(designs.map(({ name }) => [name, new Map<string, Outcome>()]));
  for (const [k, kind] of kinds.entries()) {
    for (let n = 0; n < histories; n++) {
      progress(`history ${n + 1} of ${histories}: ${kind}`);
      const schedule = scheduleOf(kind === allTogether ? faults : [kind], firstSeed + k * histories + n);
      for (const { name, run } of runners) {
        const ofDesign = outcomes.get(name);
        ofDesign?.set(kind, add(ofDesign.get(kind), await run(schedule)));
      }
    }
  }
  for (const { close } of runners) close();
  return outcomes;
}

/** The sum of all outcomes. */
export const total = (outcomes: Iterable<Outcome>): Outcome =>
  [...outcomes].reduce((one, other) => ({
    histories: one.histories + other.histories,
    damaged: one.damaged + other.damaged,
    damage: sum(one.damage, other.damage),
  }));

const add = (to: Outcome | undefined, damage: Damage): Outcome => ({
  histories: (to?.histories ?? 0) + 1,
  damaged: (to?.damaged ?? 0) + (isDamaged(damage) ? 1 : 0),
  damage: sum(to?.damage ?? noDamage(), damage),
});

const sum = (one: Damage, other: Damage) =>
  Object.fromEntries(damages.map((kind) => [kind, one[kind] + other[kind]])) as Damage;
