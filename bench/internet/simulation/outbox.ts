import type { Random } from './random.ts';

const longestPause = 30; // seconds; the pauses of web/src/data/outbox.ts: 1, 2, 4 …, each cut to a random part from half of it on

/** The clients' outboxes: a refused message is sent again after a pause that doubles with each refusal, until it is stored. */
export class Outbox {
  /** Messages that wait for their next attempt. */
  waiting = 0;
  private readonly random: Random;
  /** By the second of the next attempt: how many messages, by the number of their refusals. */
  private readonly calendar = new Map<number, number[]>();
  private repeated: number[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  /** @returns how many messages are sent again in this second */
  due(second: number): number {
    this.repeated = this.calendar.get(second) ?? [];
    this.calendar.delete(second);
    const count = this.repeated.reduce((sum, messages) => sum + messages, 0);
    this.waiting -= count;
    return count;
  }

  /**
   * @param refused how many of the messages that were sent in this second, the new and the repeated ones
   * @param fresh how many of those sent were new
   */
  refuse(second: number, refused: number, fresh: number): void {
    const attempts = [fresh, ...this.repeated];
    let left = refused;
    let remaining = attempts.reduce((sum, messages) => sum + messages, 0);
    attempts.forEach((messages, refusals) => {
      const share = remaining > 0 ? this.random.round((left * messages) / remaining) : 0;
      // What is left must fit into the attempts that follow.
      const count = Math.max(Math.min(messages, left, share), left - (remaining - messages));
      left -= count;
      remaining -= messages;
      if (count > 0) this.wait(second, count, refusals);
    });
  }

  private wait(second: number, count: number, refusals: number): void {
    const bound = Math.min(longestPause, 2 ** refusals);
    const slots = Math.min(count, Math.ceil(bound / 2));
    let left = count;
    for (let slot = 0; slot < slots; slot++) {
      const messages = Math.round(left / (slots - slot));
      const pause = bound * (0.5 + (0.5 * (slot + this.random.uniform())) / slots);
      this.note(second + Math.max(1, Math.round(pause)), messages, refusals);
      left -= messages;
    }
    this.waiting += count;
  }

  private note(at: number, messages: number, refusals: number): void {
    const level = Math.min(refusals, 5); // from here on, the pause stays the longest
    const entry = this.calendar.get(at) ?? Array<number>(level + 1).fill(0);
    while (entry.length <= level) entry.push(0);
    entry[level] = (entry[level] ?? 0) + messages;
    this.calendar.set(at, entry);
  }
}
