/** How long after it was sent a message may be edited, in seconds. */
export const editWindow = 24 * 60 * 60;

/** A rate: so many at once, and then one in each interval. */
export interface Rate {
  burst: number;
  interval_ms: number;
}

/**
 * The limits that keep one user from flooding another. A stage may set others: serverless.yml, parameter `limits`. What is over a limit is
 * refused at once, and writes nothing.
 */
export interface Limits {
  /** Messages and edits of a user in one conversation. */
  messages: Rate;
  /**
   * How many other messages and edits of the same user put a message or an edit over the limit, if they are stored while it is tried.
   */
  overtaken_by: number;
  /** Messages to a user who has not answered yet. */
  messages_before_reply: number;
  /** Conversations that a user starts. */
  conversations: Rate;
  /** Reports that a user makes. */
  reports: Rate;
  /** Searches for users that a user makes in a minute, in each process. */
  searches_per_minute: number;
}

export const defaultLimits: Limits = {
  messages: { burst: 30, interval_ms: 200 },
  overtaken_by: 4,
  messages_before_reply: 20,
  conversations: { burst: 50, interval_ms: 1_728_000 }, // 50 a day
  reports: { burst: 10, interval_ms: 8_640_000 }, // 10 a day
  searches_per_minute: 30,
};

/**
 * Without a schema: every function reads the limits, and some need none of the schema library otherwise.
 * @param json an object with the limits to set, in the form of {@link Limits}; the others keep their default
 * @throws Error that names the limit that is unknown or has a wrong value
 */
export function limitsFrom(json: string): Limits {
  const given = JSON.parse(json) as Record<string, unknown>;
  for (const name in given)
    if (!isLike(given[name], (defaultLimits as unknown as Record<string, unknown>)[name]))
      throw new Error(`LIMITS: ${name} is no limit that core/model/limits.ts knows, or has a wrong value.`);
  return { ...defaultLimits, ...given };
}

/** Whether a value is a whole number from 1 where the known one is a number, and has the same fields where it is an object. */
function isLike(value: unknown, known: unknown): boolean {
  if (typeof known === 'number') return Number.isInteger(value) && Number(value) >= 1;
  if (!known || !value || Object.keys(value).length !== Object.keys(known).length) return false;
  return Object.entries(known).every(([name, each]) => isLike((value as Record<string, unknown>)[name], each));
}

// A request is answered within 20 seconds. A time that is further ahead than that comes from a clock that was wrong.
const longestRequest = 20_000; // milliseconds

/**
 * Spends one more event against a rate, by the generic cell rate algorithm: one time stands for all earlier events
 * (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm).
 * @param before when the earlier events are used up, in milliseconds since 1970; undefined if there were none. It only grows
 * @param at when the event happens, in milliseconds since 1970
 * @returns when all events are used up, or if the event is over the limit, after how many seconds (rounded up) it is not
 */
export function spend(
  { burst, interval_ms }: Rate,
  before: number | undefined,
  at: number,
): { until: number } | { retryAfter: number } {
  const full = at + burst * interval_ms;
  // Requests that arrived later may have filled it already. A clock that was ahead must not lock the user out.
  const used = Math.max(before ?? 0, at);
  const until = used > full + longestRequest ? full : Math.min(used, full) + interval_ms;
  return until <= full ? { until } : { retryAfter: Math.ceil((until - full) / 1000) };
}
