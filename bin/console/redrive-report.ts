import type { RedriveResult } from '../../admin/redrive.ts';

/** What became of a message; `foreign`: it is about another table than the command writes to. */
export type Outcome = RedriveResult | { result: 'foreign'; table: string };

export interface Work {
  /** The outcomes of the messages, without those that were dropped. */
  outcomes: Outcome[];
  /** How many messages of the queue this run has not read. */
  waiting: number;
  /**
   * With --repair, and with --drop-gone if a message may have to be dropped: how many were, how many violations the doctor found or with
   * --repair left, and how many it has repaired.
   */
  dropping?: { dropped: number; violations: number; repaired?: number };
}

/** The result as one JSON object has it, without what only a queue, --drop-gone or --repair adds. */
export function summary(outcomes: Outcome[]) {
  const done = outcomes.filter((outcome) => outcome.result === 'done');
  return {
    done: done.length,
    conversations: done.reduce((sum, { conversations }) => sum + conversations, 0),
    written: done.reduce((sum, { written }) => sum + written, 0),
    left: outcomes.filter((outcome) => outcome.result !== 'done'),
  };
}

export function report({ outcomes, waiting, dropping = { dropped: 0, violations: 0 } }: Work, source: string): void {
  const { dropped, violations, repaired } = dropping;
  const { done, conversations, written, left } = summary(outcomes);
  if (outcomes.length > 0)
    console.log(
      `${source}: ${done} of ${outcomes.length + dropped} redriven and removed (${conversations} conversations, ${written} rewritten).`,
    );
  else if (waiting + dropped === 0) console.log(`${source}: nothing to redrive.`);
  if (repaired !== undefined) console.log(`The doctor has repaired ${repaired} violations of the table.`);
  if (dropped > 0)
    console.log(`${source}: ${dropped} removed that cannot be redriven. The doctor finds no violation in the table.`);
  if (waiting > 0)
    console.log(
      `${source}: ${waiting} more ${waiting === 1 ? 'message is' : 'messages are'} in the queue, new or hidden by another run for up to ten minutes. Run the command again then.`,
    );
  for (const outcome of left) {
    if (outcome.result === 'unreadable') console.log('Kept: a message that Lambda did not write for this table.');
    if (outcome.result === 'foreign')
      console.log(`Kept: a message about the table ${outcome.table}: name it with --table.`);
    if (outcome.result === 'gone') console.log(`Kept, ${rangeOf(outcome)}: ${outcome.cause}.`);
    if (outcome.result !== 'failing') continue;
    for (const { message_group_uuid: conversation, cause } of outcome.failed)
      console.log(
        `Kept, ${rangeOf(outcome)}: ${conversation ? `conversation ${conversation} failed again: ` : ''}${cause}.`,
      );
  }
  if (violations > 0)
    console.log(
      repaired === undefined
        ? `Kept: the doctor finds ${violations} violations. Run this command again with --repair.`
        : `The doctor cannot repair ${violations} violations: see bin/ddb doctor. What cannot be redriven is kept.`,
    );
  else if (left.some(({ result }) => result === 'gone' || result === 'unreadable'))
    console.log(
      'What cannot be redriven: run this command again with --repair, which reads and repairs the whole table.',
    );
}

const rangeOf = ({ range }: Extract<RedriveResult, { result: 'gone' | 'failing' }>) =>
  `${range.shardId} from ${range.startSequenceNumber}`;
