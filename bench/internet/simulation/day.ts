import { type Behaviour, onlinePeak } from '../behaviour.ts';

// The simulated day goes from noon on 31 December to noon on 1 January, so that midnight is in its middle. All users live in one time
// zone: the worst case.

export const daySeconds = 86_400;
export const midnight = daySeconds / 2;

/** The shape of an ordinary day: 1 at half past eight in the evening, near 0 at night. */
function shape(second: number): number {
  const hour = second / 3_600 + 12;
  const sharpness = 1.6; // makes the night quiet and the evening steep
  return Math.exp(sharpness * (Math.cos(((hour - 20.5) / 24) * 2 * Math.PI) - 1));
}

const meanShape = Array.from({ length: 1_440 }, (_, minute) => shape(minute * 60) / 1_440).reduce(
  (sum, part) => sum + part,
);

/** How busy an ordinary day is, relative to its mean: at most `dailyPeak`, and 1 on average. */
export function ordinary(second: number, { dailyPeak }: Pick<Behaviour, 'dailyPeak'>): number {
  const night = (1 - dailyPeak * meanShape) / (1 - meanShape);
  return night + (dailyPeak - night) * shape(second);
}

/** Before midnight, the party grows by a factor of e in so many seconds: it rises within about ten minutes. */
export const rise = 150;

/** @returns 0 far from midnight and 1 in the minute after it; then it halves every quarter of an hour */
function celebration(second: number): number {
  const sinceMidnight = second - midnight;
  if (sinceMidnight < 0) return Math.exp(sinceMidnight / rise);
  return sinceMidnight < 60 ? 1 : 2 ** (-(sinceMidnight - 60) / 900);
}

export interface Busyness {
  /** Of writing messages, relative to the mean of an ordinary day. */
  messages: number;
  /** Of users being online. */
  online: number;
}

export function busyness(second: number, behaviour: Behaviour): Busyness {
  const usual = ordinary(second, behaviour);
  const party = celebration(second);
  const peak = (factor: number) => usual + (factor * behaviour.dailyPeak - usual) * party;
  return { messages: peak(behaviour.newYearPeak), online: peak(onlinePeak(behaviour)) };
}
