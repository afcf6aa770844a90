import { randomFrom as uniformFrom } from '../../../test/faults/random.ts';

/** Random numbers that a seed repeats. */
export interface Random {
  /** From 0 to 1. */
  uniform(): number;
  /** How often something happens that happens `mean` times on average, each time by itself. */
  poisson(mean: number): number;
  /** `amount` rounded up or down at random, so that the mean stays. */
  round(amount: number): number;
}

export function randomFrom(seed: number): Random {
  const uniform = uniformFrom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    round: (amount) => Math.floor(amount) + (uniform() < amount % 1 ? 1 : 0),
    poisson(mean) {
      if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal())); // close enough, and constant in time
      const bound = Math.exp(-mean);
      let count = 0;
      for (let product = uniform(); product > bound; product *= uniform()) count++;
      return count;
    },
  };
}
