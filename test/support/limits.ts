import type { Limits } from '../../core/model/limits.ts';

const many = 1_000_000_000;

/** No test reaches them. Tests of the limits set their own. */
export const unlimited: Limits = {
  messages: { burst: many, interval_ms: 1 },
  overtaken_by: many,
  messages_before_reply: many,
  searches_per_minute: many,
  conversations: { burst: many, interval_ms: 1 },
  reports: { burst: many, interval_ms: 1 },
};
