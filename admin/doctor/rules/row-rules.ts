import { type Head, otherThan } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import { type InboxRow, inboxRow, rowDifferences } from '../../../core/model/inbox.ts';
import type { Message } from '../../../core/model/message.ts';
import { type Timestamp, toMicros } from '../../../core/model/time.ts';
import type { User } from '../../../core/model/user.ts';
import { type Finding, finding } from './finding.ts';
import type { PlacedRow, Snapshot } from './snapshot.ts';

// A row whose place was taken sits a microsecond on for every conversation that was there first.
const farthestPush = 1_000_000; // microseconds

/**
 * What is wrong with the inbox rows of a conversation.
 * @param right the head as it should be
 * @param isLate whether rows that do not show the newest message should do so by now
 */
export function checkRows({ head, rows, shown, newest }: Snapshot, right: Head, isLate: boolean): Finding[] {
  const isProjected = head.shown_at === right.last_message_at;
  const isUnderWay = !isProjected && !isLate && (head.shown_at === undefined || shown !== undefined);
  if (isUnderWay && !shown) return []; // before the first projection nobody has a row
  const message = isUnderWay ? shown : newest;
  if (!message) return [];
  const state = isUnderWay ? { ...right, sent: sentAt(right, message) } : right;

  const keepsPlace = isPlausible(head, message.created_at);
  const place = keepsPlace ? (head.inbox_at as Timestamp) : message.created_at;
  const found = rows.flatMap((mine, index) => {
    const me = right.participants[index]?.user_uuid as Uuid;
    return checkInbox(mine, { me, place, message, state });
  });
  const of = { message_group_uuid: head.message_group_uuid };
  if (!keepsPlace && head.inbox_at !== undefined) {
    found.push(finding('head_time_wrong', { ...of, field: 'inbox_at', expected: place, found: head.inbox_at }));
  }
  // Late, and yet the rows are right: it is the head that misremembers what they show.
  if (!isProjected && !isUnderWay && found.length === 0) {
    const details = { field: 'shown_at', expected: right.last_message_at, found: head.shown_at };
    found.push(finding('head_time_wrong', { ...of, ...details }));
  }
  return found;
}

function checkInbox(
  rows: PlacedRow[],
  { me, place, message, state }: { me: Uuid; place: Timestamp; message: Message; state: Head },
): Finding[] {
  const found: Finding[] = [];
  const of = { message_group_uuid: state.message_group_uuid, user_uuid: me };
  const row = rows.find((row) => row.place === place) ?? rows[0];
  if (!row) return [finding('inbox_row_missing', { ...of, expected: place })];
  if (row.place !== place) found.push(finding('inbox_row_misplaced', { ...of, expected: place, found: row.place }));
  for (const { place: at } of rows.filter((other) => other !== row)) {
    found.push(finding('inbox_row_doubled', { ...of, at, expected: place, found: at }));
  }

  const { place: at, ...shown } = row;
  const expected = inboxRow(state, message, me);
  const differing = rowDifferences(shown, expected);
  // A row that shows another message differs in its text and unread count as well: that is one violation, not three.
  const showsAnother = differing.includes('last_message_at');
  for (const field of differing.filter((name) => !showsAnother || name === 'other' || name === 'last_message_at')) {
    found.push(rowFinding(field, { ...of, at }, expected, shown));
  }
  return found;
}

/** The violation that a field of a row shows. Never carries the text of a message: the expected message is named by its time. */
function rowFinding(field: keyof InboxRow, of: Partial<Finding>, expected: InboxRow, shown: InboxRow): Finding {
  if (field === 'other') {
    const [wanted, found] = [expected.other, shown.other];
    return wanted.user_uuid === found.user_uuid
      ? finding('inbox_row_name_differs', { ...of, expected: named(wanted), found: named(found) })
      : finding('inbox_row_foreign', { ...of, expected: wanted.user_uuid, found: found.user_uuid });
  }
  if (field === 'message') return finding('inbox_row_stale', { ...of, field, expected: expected.last_message_at });
  const details = { ...of, expected: expected[field], found: shown[field] };
  return field === 'unread_count'
    ? finding('unread_wrong', details)
    : finding('inbox_row_stale', { ...details, field });
}

/** Whether the place that the head notes can be the place of rows that show this message, or the one that it says they show. */
function isPlausible({ inbox_at, shown_at }: Head, newest: Timestamp): boolean {
  if (inbox_at === undefined) return false;
  const isNear = (time: Timestamp | undefined) =>
    time !== undefined && inbox_at >= time && toMicros(inbox_at) - toMicros(time) <= farthestPush;
  return isNear(shown_at) || isNear(newest);
}

/** `sent` as it was when a message was the newest: its numbers say so. */
function sentAt(head: Head, { sender, seq, sender_seq }: Message): Head['sent'] {
  return { [sender.user_uuid]: sender_seq, [otherThan(head, sender.user_uuid).user_uuid]: seq - sender_seq };
}

/** A person's names, to be told. */
export const named = ({ handle, display_name }: Pick<User, 'handle' | 'display_name'>) => ({ handle, display_name });
