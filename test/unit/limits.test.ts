import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultLimits, limitsFrom, type Rate, spend } from '../../core/model/limits.ts';

const rates: fc.Arbitrary<Rate> = fc.record({
  burst: fc.integer({ min: 1, max: 50 }),
  interval_ms: fc.integer({ min: 1, max: 2_000 }),
});
const start = 1_700_000_000_000;

/** How many of the events at these times are within the rate. */
function allowed(rate: Rate, times: number[]): number {
  let until: number | undefined;
  let count = 0;
  for (const at of times) {
    const spent = spend(rate, until, at);
    if ('until' in spent) [until, count] = [spent.until, count + 1];
  }
  return count;
}

describe('a rate', () => {
  test('lets through a burst, and then one in each interval', () => {
    const { messages } = defaultLimits;
    expect(allowed(messages, Array(50).fill(start))).toBe(30);
    // 10 seconds of 100 a second: the burst, and 5 a second
    expect(
      allowed(
        messages,
        Array.from({ length: 1_000 }, (_, n) => start + n * 10),
      ),
    ).toBe(30 + 49);
    expect(allowed(defaultLimits.conversations, Array(60).fill(start))).toBe(50);
  });

  test('never lets through more than its burst and one for each interval that has passed', () => {
    fc.assert(
      fc.property(rates, fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (rate, offsets) => {
        const times = offsets.map((offset) => start + offset).sort((a, b) => a - b);
        const passed = (times.at(-1) ?? start) - (times[0] ?? start);
        expect(allowed(rate, times)).toBeLessThanOrEqual(rate.burst + Math.floor(passed / rate.interval_ms));
      }),
    );
  });

  test('says exactly when the next event is within it, in whole seconds, rounded up', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 5_000 }), (rate, wait) => {
        let until: number | undefined;
        for (let n = 0; n < rate.burst; n++) until = (spend(rate, until, start) as { until: number }).until;
        const spent = spend(rate, until, start + wait);
        if ('until' in spent) {
          expect(wait).toBeGreaterThanOrEqual(rate.interval_ms);
          return;
        }
        const left = rate.interval_ms - wait;
        expect(spent.retryAfter).toBe(Math.ceil(left / 1000));
        expect(spend(rate, until, start + wait + spent.retryAfter * 1000)).toHaveProperty('until');
        expect(spend(rate, until, start + wait + left - 1)).toHaveProperty('retryAfter');
      }),
    );
  });

  test('counts a request by when it arrived, although later ones have used the rate', () => {
    const { messages } = defaultLimits;
    let until: number | undefined;
    for (let n = 0; n < messages.burst; n++) until = (spend(messages, until, start + 1_000) as { until: number }).until;
    expect(spend(messages, until, start)).toHaveProperty('retryAfter');
  });

  test('is not closed for hours by a clock that was ahead', () => {
    const { messages } = defaultLimits;
    const hour = 3_600_000;
    const { until } = spend(messages, undefined, start + hour) as { until: number };
    const next = spend(messages, until, start) as { until: number };
    expect(next.until).toBe(start + messages.burst * messages.interval_ms);
    expect(spend(messages, next.until, start)).toEqual({ retryAfter: 1 });
  });
});

describe('the limits of a stage', () => {
  test('are the default ones, but for those that it sets', () => {
    expect(limitsFrom('{}')).toEqual(defaultLimits);
    const messages = { burst: 100, interval_ms: 50 };
    expect(limitsFrom(JSON.stringify({ messages }))).toEqual({ ...defaultLimits, messages });
    for (const [name, value] of Object.entries(defaultLimits))
      expect(limitsFrom(JSON.stringify({ [name]: value }))).toEqual(defaultLimits);
  });

  test.each([
    ['{"message":{}}', 'message is no limit'],
    ['{"messages":{"burst":5}}', 'messages is'],
    ['{"messages":{"burst":0,"interval_ms":1}}', 'messages is'],
    ['{"messages_before_reply":"20"}', 'messages_before_reply'],
  ])('%s is refused in one line that names what is wrong', (json, named) => {
    expect(() => limitsFrom(json)).toThrow(named);
  });
});
