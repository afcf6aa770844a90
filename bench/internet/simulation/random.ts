/** Random numbers that a seed repeats. */
export interface Random {
  /** From 0 to 1. */
  uniform(): number;
  /** How often something happens that happens `mean` times on average, each time by itself. */
  poisson(mean: number): number;
  /** `amount` rounded up or down at random, so that the mean stays. */
  round(amount: number): number;
}

/** Mulberry32: small, fast, and good enough for a simulation. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
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
