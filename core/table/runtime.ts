import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { fromMicros, type Timestamp } from '../model/time.ts';

/**
 * What a process takes from its machine: time, chance and waiting. Nothing else in core/ asks for them, so that a simulation that
 * brings its own runtime gets the same run again from the same seed.
 */
export interface Runtime {
  /** The wall clock: milliseconds since 1970, with a fraction. */
  millis: () => number;
  /** A number in [0, 1). */
  random: () => number;
  /** A new random uuid. */
  newId: () => string;
  /** @param millis how long to wait */
  wait: (millis: number) => Promise<void>;
}

export const systemRuntime: Runtime = {
  // The whole milliseconds come from Date.now(), which is right even after Lambda froze the process; the part below them from the
  // high-resolution clock, so that two messages rarely get the same microsecond.
  millis: () => Date.now() + ((performance.timeOrigin + performance.now()) % 1),
  random: Math.random,
  newId: randomUUID,
  wait: (millis) => setTimeout(millis),
};

/** The current time by the wall clock. It is not monotonic and need not be, since the head orders the messages of a conversation. */
export const timeOf = ({ millis }: Pick<Runtime, 'millis'>): Timestamp => fromMicros(Math.floor(millis() * 1000));
