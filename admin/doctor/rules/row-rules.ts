import { type Head, otherThan, unreadCount } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
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

  const at = row.place;
  const other = otherThan(state, me);
  if (row.other.user_uuid !== other.user_uuid) {
    found.push(finding('inbox_row_foreign', { ...of, at, expected: other.user_uuid, found: row.other.user_uuid }));
  } else if (row.other.handle !== other.handle || row.other.display_name !== other.display_name) {
    found.push(finding('inbox_row_name_differs', { ...of, at, expected: named(other), found: named(row.other) }));
  }
  if (row.last_message_at !== message.created_at) {
    const details = { field: 'last_message_at', expected: message.created_at, found: row.last_message_at };
    found.push(finding('inbox_row_stale', { ...of, at, ...details }));
  } else if (row.message !== message.message) {
    // The text itself is nobody's business: only whose it should be.
    found.push(finding('inbox_row_stale', { ...of, at, field: 'message', expected: message.created_at }));
  }
  const unread = unreadCount(state, me);
  const isOfAnother = found.some(({ code, field }) => code === 'inbox_row_stale' && field === 'last_message_at');
  if (!isOfAnother && row.unread_count !== unread) {
    found.push(finding('unread_wrong', { ...of, at, expected: unread, found: row.unread_count }));
  }
  return found;
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
