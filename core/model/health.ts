import { type Finding, finding } from './finding.ts';
import { type Head, isParticipant, otherThan, unreadCount } from './head.ts';
import type { Uuid } from './id.ts';
import type { InboxRow } from './inbox.ts';
import type { Message } from './message.ts';
import type { Person } from './person.ts';
import type { Tally } from './tally.ts';
import { type Timestamp, timestamp, toMicros } from './time.ts';

/** An inbox row and where it sits. */
export type PlacedRow = InboxRow & { place: Timestamp };

/** What is stored of one conversation, all of it as it was at one moment. */
export interface Picture {
  head: Head;
  tally: Tally;
  /** In the order of the head's participants, as is `users`: every row of the conversation in their inbox. */
  rows: [PlacedRow[], PlacedRow[]];
  users: [Person | undefined, Person | undefined];
  /** The conversation that the pair of the two names. */
  pair: Uuid | undefined;
  /** Whether that is another conversation of the same two, with a head of its own: which one shall go on, nobody here can say. */
  hasRival?: boolean;
  /** The message at `shown_at`, and the last one. */
  shown: Message | undefined;
  newest: Message | undefined;
}

// A row whose place was taken sits a microsecond on for every conversation that was there first.
const farthestPush = 1_000_000; // microseconds

const isTimestamp = (value: unknown) => timestamp('created_at_invalid').safeParse(value).success;

/** Whether a head has the shape of one: what does not cannot be judged further. */
export function isWellFormed(head: Head): boolean {
  const { participants, sent, read, rows_rev, last_message_at } = head;
  const people = Array.isArray(participants) ? participants.map((person) => person?.user_uuid) : [];
  const isMap = (counters: unknown) => typeof counters === 'object' && counters !== null;
  const isOfTwo = people.length === 2 && new Set(people.filter(Boolean)).size === 2;
  const times = [last_message_at, head.inbox_at ?? last_message_at, head.shown_at ?? last_message_at];
  const areTimes = times.every((time) => isTimestamp(time));
  return isOfTwo && isMap(sent) && isMap(read) && Number.isInteger(rows_rev) && areTimes;
}

/**
 * The head as its messages and the people say it should be. With numbers missing or doubled among the messages its counters stay:
 * which side is right cannot be known then.
 */
export function healed({ head, tally, users }: Pick<Picture, 'head' | 'tally' | 'users'>): Head {
  const participants = head.participants.map((person, index) => users[index] ?? person) as [Person, Person];
  const ids = participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const isWhole = tally.faults.length === 0 && [...tally.sent.keys()].every((sender) => ids.includes(sender));
  const sent = isWhole ? Object.fromEntries(ids.map((id) => [id, tally.sent.get(id) ?? 0])) : head.sent;
  const most = (me: Uuid) => sent[ids[0] === me ? ids[1] : ids[0]] ?? 0;
  const read = Object.fromEntries(ids.map((id) => [id, Math.max(0, Math.min(head.read[id] ?? 0, most(id)))]));
  return { ...head, participants, sent, read, last_message_at: tally.last?.created_at ?? head.last_message_at };
}

/**
 * What is wrong with a conversation.
 * @param isLate whether rows that do not show the newest message should do so by now; else their projection may be under way
 */
export function judge(picture: Picture, isLate: boolean): Finding[] {
  const right = healed(picture);
  return [...picture.tally.faults, ...judgeHead(picture, right), ...judgeRows(picture, right, isLate)];
}

function judgeHead({ head, tally, users, pair, hasRival }: Picture, right: Head): Finding[] {
  const message_group_uuid = head.message_group_uuid;
  const found: Finding[] = [];
  const add: typeof finding = (code, details) => {
    const made = finding(code, { message_group_uuid, ...details });
    found.push(made);
    return made;
  };
  for (const user_uuid of tally.sent.keys()) {
    if (!isParticipant(head, user_uuid)) add('message_foreign', { user_uuid, field: 'sender' });
  }
  if (!tally.last) add('head_without_messages');
  else if (tally.last.created_at !== head.last_message_at) {
    add('head_time_wrong', {
      field: 'last_message_at',
      expected: tally.last.created_at,
      found: head.last_message_at,
    });
  }
  for (const field of ['sent', 'read'] as const) {
    if (!tally.last || equal(head[field], right[field])) continue;
    add('head_counter_wrong', { field, expected: right[field], found: head[field] });
  }
  for (const [index, { user_uuid, handle, display_name }] of head.participants.entries()) {
    const user = users[index];
    if (!user) add('participant_without_user', { user_uuid });
    else if (user.handle !== handle || user.display_name !== display_name) {
      add('head_name_differs', { user_uuid, expected: named(user), found: named({ handle, display_name }) });
    }
  }
  if (pair !== message_group_uuid) {
    add('head_without_pair', { expected: message_group_uuid, found: pair, repairable: hasRival !== true });
  }
  return found;
}

function judgeRows({ head, rows, shown, newest }: Picture, right: Head, isLate: boolean): Finding[] {
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
    return judgeInbox(mine, { me, place, message, state });
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

function judgeInbox(
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

const named = ({ handle, display_name }: Pick<Person, 'handle' | 'display_name'>) => ({ handle, display_name });

function equal(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => one[key] === other[key]);
}
