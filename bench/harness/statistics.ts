/** How long something took, over many rounds, in milliseconds. */
export interface Summary {
  rounds: number;
  median: number;
  p95: number;
  p99: number;
}

/**
 * @param samples at least one
 * @param part 0.5 is the median
 * @returns the value below which that part of the samples lies, interpolated between the two nearest samples
 */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = part * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new Error('a quantile needs at least one sample');
  return below + (above - below) * (at - Math.floor(at));
}

export const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);

export const median = (samples: readonly number[]) => quantile(samples, 0.5);

export const summary = (samples: readonly number[]): Summary => ({
  rounds: samples.length,
  median: median(samples),
  p95: quantile(samples, 0.95),
  p99: quantile(samples, 0.99),
});

/** The ratio of two medians. Both were measured interleaved, so that whatever else the machine does slows down both. */
export const ratio = (samples: readonly number[], reference: readonly number[]) => median(samples) / median(reference);
