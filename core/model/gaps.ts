import type { Message } from './message.ts';
import { type Timestamp, toSeconds } from './time.ts';

// DynamoDB may show the message of a later transaction before that of an earlier one. A list then has a gap in `seq`, for an
// instant. A client that was shown the later message would never ask for the earlier one, so the list must not show it yet.

type Numbered = Pick<Message, 'seq' | 'created_at'>;

/** A gap is final if the message after it is older than this: the missing message was lost. */
const gapIsFinalAfter = 60; // seconds

/** The messages of a list, and what is known of those beside them. */
export interface Neighbours<M extends Numbered> {
  /** Oldest first. */
  messages: readonly M[];
  /** The number of the message before the list: 0 if the list begins with the conversation, undefined if unknown. */
  before?: number | undefined;
  /** The message after the list, which the caller has been shown already. */
  after?: Numbered | undefined;
}

/**
 * Finds the gaps of a list.
 * @param now the current time: a gap before an older message is final
 * @returns `shown`: the messages up to the first gap that may still be filled, or those after the last one if the caller has been
 *   shown the message after the list; `isWhole`: whether these are all; `finalGaps`: the number of each message shown with a final
 *   gap before it
 */
export function withoutGaps<M extends Numbered>(
  { messages, before, after }: Neighbours<M>,
  now: Timestamp,
): { shown: M[]; isWhole: boolean; finalGaps: number[] } {
  const open: number[] = [];
  const final: number[] = [];
  for (const [index, { seq, created_at }] of [...messages, ...(after ? [after] : [])].entries()) {
    const previous = index === 0 ? before : messages[index - 1]?.seq;
    if (previous === undefined || seq === previous + 1) continue;
    const isFinal = toSeconds(now) - toSeconds(created_at) > gapIsFinalAfter;
    (isFinal ? final : open).push(index);
  }
  const [from, to] = after ? [open.at(-1) ?? 0, messages.length] : [0, open[0] ?? messages.length];
  const finalGaps = final.filter((index) => index >= from && index < to).map((index) => messages[index]?.seq as number);
  return { shown: messages.slice(from, to), isWhole: open.length === 0, finalGaps };
}
