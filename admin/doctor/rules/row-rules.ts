import { type Head, hasUnshownVersion, includes, isHidden, otherThan } from '../../../core/model/head.ts';
import type { Uuid } from '../../../core/model/id.ts';
import { type InboxRow, inboxRow, rowDifferences } from '../../../core/model/inbox.ts';
import type { Message } from '../../../core/model/message.ts';
import { type Timestamp, toMicros } from '../../../core/model/time.ts';
import { type Finding, finding } from './finding.ts';
import type { PlacedRow, Snapshot } from './snapshot.ts';

// How far a row may be from the time of its message. A row whose sort key is taken by another conversation gets the
// next free microsecond, so it is one microsecond later for each conversation in its way.
const maxDisplacement = 1_000_000; // microseconds

/**
 * @param expected the head as it should be
 * @param isLate whether the projection is overdue: only then are rows that do not show the newest message a violation
 * @returns the violations of the inbox rows of a conversation
 */
export function rowFindings({ head, rows, shown, newest }: Snapshot, expected: Head, isLate: boolean): Finding[] {
  const isProjected = head.shown_at === expected.last_message_at && !hasUnshownVersion(head);
  const isPending = !isProjected && !isLate && (head.shown_at === undefined || shown !== undefined);
  if (isPending && !shown) return []; // begun by version 0.2.0, which left the first rows to the projector
  const message = isPending ? shown : newest;
  if (!message) return [];
  const headThen = isPending ? { ...expected, sent: sentAt(expected, message) } : expected;

  const keepsPlace = isPlausiblePlace(head, message.created_at);
  const place = keepsPlace ? (head.inbox_at as Timestamp) : message.created_at;
  const found = rows.flatMap((ownRows, index) => {
    const owner = expected.participants[index]?.user_uuid as Uuid;
    if (includes(expected.gone, owner)) return ownRows.map((row) => rowOfGone(expected, owner, row));
    return inboxFindings(ownRows, {
      owner,
      place,
      message,
      headThen,
      mayBeEdited: isPending && hasUnshownVersion(head),
    });
  });
  const of = { message_group_uuid: head.message_group_uuid };
  if (!keepsPlace && head.inbox_at !== undefined) {
    found.push(finding('head_time_wrong', { ...of, field: 'inbox_at', expected: place, found: head.inbox_at }));
  }
  // The rows show the newest message as it is, but the head says otherwise: then the head is wrong, not the rows.
  if (!isProjected && !isPending && found.length === 0) {
    const details =
      head.shown_at === expected.last_message_at
        ? { field: 'shown_version', expected: head.version, found: head.shown_version }
        : { field: 'shown_at', expected: expected.last_message_at, found: head.shown_at };
    found.push(finding('head_time_wrong', { ...of, ...details }));
  }
  return found;
}

/** A user who was erased has no row. */
const rowOfGone = ({ message_group_uuid }: Head, user_uuid: Uuid, { place: at }: PlacedRow): Finding =>
  finding('inbox_row_foreign', { message_group_uuid, user_uuid, at, found: 'erased' });

/**
 * @param headThen the head at the time of the message that the rows should show
 * @param mayBeEdited whether the rows may show an older text of it
 */
function inboxFindings(
  rows: PlacedRow[],
  {
    owner,
    place,
    message,
    headThen,
    mayBeEdited,
  }: { owner: Uuid; place: Timestamp; message: Message; headThen: Head; mayBeEdited: boolean },
): Finding[] {
  const found: Finding[] = [];
  const of = { message_group_uuid: headThen.message_group_uuid, user_uuid: owner };
  const hides = isHidden({ ...headThen, shown_at: message.created_at }, owner);
  const belongs = (at: PlacedRow) => at.place === place && at.isHidden === hides;
  const row = rows.find(belongs) ?? rows[0];
  if (!row) return [finding('inbox_row_missing', { ...of, expected: place })];
  if (!belongs(row)) found.push(finding('inbox_row_misplaced', { ...of, expected: place, found: row.place }));
  for (const { place: at } of rows.filter((other) => other !== row)) {
    found.push(finding('inbox_row_doubled', { ...of, at, expected: place, found: at }));
  }

  const { place: at, isHidden: _, ...shown } = row;
  // The names in a row are those of an earlier time, and not compared.
  const { user_uuid: peer } = otherThan(headThen, owner);
  const expected = inboxRow(headThen, message, owner, { ...row.other, user_uuid: peer });
  const differing = rowDifferences(shown, expected).filter((field) => !(mayBeEdited && field === 'message'));
  // A row that shows another message differs in text and unread count too. That is reported as one violation, not as three.
  const showsAnother = differing.includes('last_message_at');
  for (const field of differing.filter((name) => !showsAnother || name === 'other' || name === 'last_message_at')) {
    found.push(fieldFinding(field, { ...of, at }, expected, shown));
  }
  return found;
}

/**
 * The finding for one wrong field. A finding never contains the text of a message, so the expected message is
 * identified by its time.
 */
function fieldFinding(field: keyof InboxRow, of: Partial<Finding>, expected: InboxRow, shown: InboxRow): Finding {
  if (field === 'other') {
    const [wanted, found] = [expected.other.user_uuid, shown.other.user_uuid];
    return finding('inbox_row_foreign', { ...of, expected: wanted, found });
  }
  if (field === 'message') return finding('inbox_row_stale', { ...of, field, expected: expected.last_message_at });
  const details = { ...of, expected: expected[field], found: shown[field] };
  return field === 'unread_count'
    ? finding('unread_wrong', details)
    : finding('inbox_row_stale', { ...details, field });
}

/**
 * Whether the head's `inbox_at` can be the sort key of the rows: it must be that of the newest message or of the one
 * at `shown_at`, or shortly after.
 */
function isPlausiblePlace({ inbox_at, shown_at }: Head, newest: Timestamp): boolean {
  if (inbox_at === undefined) return false;
  const isNear = (time: Timestamp | undefined) =>
    time !== undefined && inbox_at >= time && toMicros(inbox_at) - toMicros(time) <= maxDisplacement;
  return isNear(shown_at) || isNear(newest);
}

/**
 * @returns the head's `sent` at the time when this message was the newest, computed from the numbers of the message
 */
function sentAt(head: Head, { sender, seq, sender_seq }: Message): Head['sent'] {
  return { [sender.user_uuid]: sender_seq, [otherThan(head, sender.user_uuid).user_uuid]: seq - sender_seq };
}
