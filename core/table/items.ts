import { hash } from 'node:crypto';
import { type Account, type Caller, namesOfNobody } from '../model/account.ts';
import type { Connection, Ticket } from '../model/connection.ts';
import type { Erasure } from '../model/erasure.ts';
import { type Head, includes, type Participant } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { InboxRow } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import type { Block, Pair } from '../model/pair.ts';
import type { Report } from '../model/report.ts';
import { searchWords } from '../model/search.ts';
import type { Timestamp } from '../model/time.ts';
import type { Handle, RegisteredUser, StoredUser, User, UserWithSettings } from '../model/user.ts';
import { attribute, type Field, type Item, mapping, sortKey } from './mapping.ts';

export type { Item } from './mapping.ts';

// The table's layout: every key, and beside it the item's mapping. No other file spells a key or an attribute of an item, and none
// takes a composite key apart again: what is needed later is an attribute.

export interface Key {
  pk: string;
  sk: string;
}

export const messages = (conversation: Uuid) => `MSG#${conversation}`;
export const inbox = (user: Uuid) => `GRP#${user}`;
export const hiddenRows = (user: Uuid) => `HIDDEN#${user}`;
export const handles = (prefix: string) => `HANDLE#${prefix.slice(0, 1)}`;
/** @param word a word of a user, or its beginning, in two code points or more */
export const names = (word: string) => `NAME#${[...word].slice(0, 2).join('')}`;

/** In message and inbox row items, a user's attributes have a `user_` prefix; in the head they have none. */
const prefixedUser: Field<User> = {
  write: ({ user_uuid, handle, display_name }) => ({
    user_uuid,
    user_display_name: display_name,
    user_handle: handle,
  }),
  read: (item) => ({
    user_uuid: item.user_uuid as Uuid,
    handle: item.user_handle as Handle,
    display_name: item.user_display_name as string,
  }),
};

export const messageKey = (conversation: Uuid, created_at: Timestamp): Key => ({
  pk: messages(conversation),
  sk: created_at,
});
const message = mapping<Message>({
  message_group_uuid: attribute(),
  message_uuid: attribute(),
  created_at: sortKey(),
  seq: attribute(),
  sender_seq: attribute(),
  message: attribute(),
  sender: prefixedUser,
  idempotency_key_hash: attribute(),
  revision: attribute(),
  edited_at: attribute(),
  deleted_at: attribute(),
});
export const messageItem = (sent: Message): Item => ({
  ...messageKey(sent.message_group_uuid, sent.created_at),
  ...message.toItem(sent),
});
export const messageOf = message.fromItem;
/** Fields of a message as the attributes to change in its item. */
export const messageChanges = message.toChanges;
/**
 * Whether this service wrote a message. The service that it follows used the same keys and numbered no message, so its items say too
 * little to be shown; `bin/ddb import` brings them into our form.
 */
export const isNumbered = ({ seq }: Item): boolean => seq !== undefined;

/** @param hidden whether the row is hidden, since its owner cleared the conversation: then no inbox lists it */
export const inboxRowKey = (user: Uuid, place: Timestamp, hidden = false): Key => ({
  pk: hidden ? hiddenRows(user) : inbox(user),
  sk: place,
});
const inboxRow = mapping<InboxRow>({
  message_group_uuid: attribute(),
  other: prefixedUser,
  message: attribute(),
  last_message_at: attribute(),
  unread_count: attribute(),
  rows_rev: attribute(),
  muted: attribute(),
  marked_unread: attribute(),
});
/**
 * @param user the owner of the inbox
 * @param place the row's sort key: `last_message_at`, or a little later if that key was taken
 * @param hidden see {@link inboxRowKey}
 */
export const inboxRowItem = (user: Uuid, row: InboxRow, place: Timestamp, hidden = false): Item => ({
  ...inboxRowKey(user, place, hidden),
  ...inboxRow.toItem(row),
});
export const inboxRowOf = inboxRow.fromItem;
/** Whether this service wrote an inbox row: see {@link isNumbered}. */
export const hasUnreadCount = ({ unread_count }: Item): boolean => unread_count !== undefined;

/** The places of two participants in the head, which its attributes name them by. Longer names would make a send cost more. */
const places = ['0', '1'] as const;
function participantsIn({ participants }: { participants?: unknown }): readonly Participant[] {
  return Array.isArray(participants) ? participants.filter(Boolean) : [];
}

/**
 * One value a participant, each in an attribute of its own, such as `cleared0`: DynamoDB sets no entry of a map that an older item does
 * not have.
 */
const byParticipant = <Value>(): Field<Readonly<Record<string, Value>> | undefined> => ({
  write: (values, name, record) =>
    Object.fromEntries(
      places.map((place) => [`${name}${place}`, values?.[participantsIn(record)[Number(place)]?.user_uuid ?? '']]),
    ),
  read: (item, name) => {
    const entries = participantsIn(item).flatMap(({ user_uuid }, n) => {
      const value = item[`${name}${n}`];
      return value === undefined ? [] : [[user_uuid, value as Value] as const];
    });
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  },
});

/** Some of the participants, as a set of their places: DynamoDB has no empty set. */
const someParticipants: Field<readonly Uuid[] | undefined> = {
  write: (users, name, record) => {
    const members = places.filter((place) => includes(users, participantsIn(record)[Number(place)]?.user_uuid as Uuid));
    return { [name]: members.length > 0 ? new Set(members) : undefined };
  },
  read: (item, name) => {
    const members = item[name] as Set<string> | undefined;
    if (!members) return undefined;
    return participantsIn(item).flatMap(({ user_uuid }, n) => (members.has(String(n)) ? [user_uuid] : []));
  },
};

export const headKey = (conversation: Uuid): Key => ({ pk: `HEAD#${conversation}`, sk: 'HEAD' });
const head = mapping<Head>({
  message_group_uuid: attribute(),
  participants: attribute(),
  last_message_at: attribute(),
  sent: attribute(),
  read: attribute(),
  inbox_at: attribute(),
  shown_at: attribute(),
  rows_rev: attribute(),
  version: attribute(),
  shown_version: attribute(),
  cleared: byParticipant(),
  muted_by: someParticipants,
  marked_unread_by: someParticipants,
  tat: byParticipant(),
  blocked_by: someParticipants,
  gone: someParticipants,
});
export const headItem = (of: Head): Item => ({ ...headKey(of.message_group_uuid), ...head.toItem(of) });
export const headOf = head.fromItem;
/** Fields of a head as the attributes to change in its item. */
export const headChanges = head.toChanges;
/** What a participant has used of their limit, as an attribute of the head's item: their own writes alone change it. */
export function usedBy(of: Head, user: Uuid): Item {
  const name = `tat${participantsIn(of).findIndex(({ user_uuid }) => user_uuid === user)}`;
  return { [name]: of.tat?.[user] };
}

export function pairKey(one: Uuid, other: Uuid): Key {
  const [smaller, larger] = one < other ? [one, other] : [other, one];
  return { pk: `PAIR#${smaller}#${larger}`, sk: 'PAIR' };
}
/** Users as a set of their uuids: DynamoDB has no empty set. */
const setOfUsers: Field<readonly Uuid[] | undefined> = {
  write: (users = [], name) => ({ [name]: users.length > 0 ? new Set(users) : undefined }),
  read: (item, name) => (item[name] === undefined ? undefined : [...(item[name] as Set<Uuid>)].sort()),
};
const pair = mapping<Pair>({ message_group_uuid: attribute(), blocked_by: setOfUsers });
export const pairItem = (one: Uuid, other: Uuid, of: Pair): Item => ({ ...pairKey(one, other), ...pair.toItem(of) });
export const pairOf = pair.fromItem;
/** Fields of a pair as the attributes to change in its item. */
export const pairChanges = pair.toChanges;

export const blocks = (user: Uuid) => `BLOCK#${user}`;
/** @param user the user who blocks the other */
export const blockKey = (user: Uuid, blocked: Uuid): Key => ({ pk: blocks(user), sk: blocked });
const block = mapping<Block>({ user_uuid: sortKey(), blocked_at: attribute() });
export const blockItem = (user: Uuid, of: Block): Item => ({ ...blockKey(user, of.user_uuid), ...block.toItem(of) });
export const blockOf = block.fromItem;

export const userKey = (user: Uuid): Key => ({ pk: `USR#${user}`, sk: 'USR' });
export const handleKey = (handle: Handle): Key => ({ pk: handles(handle), sk: handle });
export const identityKey = (cognito_user_id: string): Key => ({ pk: `COGNITO#${cognito_user_id}`, sk: 'COGNITO' });
/** A setting that is on unless the user switched it off. */
const onByDefault: Field<boolean> = {
  write: (isOn, name) => ({ [name]: isOn ? undefined : false }),
  read: (item, name) => item[name] !== false,
};
const account = mapping<Account>({
  user_uuid: attribute(),
  handle: attribute(),
  display_name: attribute(),
  conversations_until: attribute(),
  reports_until: attribute(),
  trusted: attribute(),
  suspended_at: attribute(),
  gone_at: attribute(),
});
const user = mapping<UserWithSettings>({
  user_uuid: attribute(),
  handle: attribute(),
  display_name: attribute(),
  read_receipts: onByDefault,
  suspended_at: attribute(),
  gone_at: attribute(),
  signed_out_at: attribute(),
});
const storedUser = mapping<StoredUser>({
  user_uuid: attribute(),
  handle: attribute(),
  display_name: attribute(),
  read_receipts: onByDefault,
  suspended_at: attribute(),
  gone_at: attribute(),
  signed_out_at: attribute(),
  cognito_user_id: attribute(),
  email: attribute(),
});
const handleOwner = mapping<User>({ user_uuid: attribute(), handle: sortKey(), display_name: attribute() });
/** The items by which a user is found: their keys are all that they say, beside the user. */
export const searchItems = (of: Pick<User, 'user_uuid' | 'handle' | 'display_name'>): (Item & Key)[] =>
  searchWords(of).map((word) => ({ pk: names(word), sk: `${word}#${of.user_uuid}`, user_uuid: of.user_uuid }));
/** A handle that was freed by an erasure, and that nobody may take for some time. Only its hash is kept. */
export interface Reservation {
  /** Seconds since 1970: from then on the handle is free. */
  expires_at: number;
}
/** @param hashed the SHA-256 of the handle */
export const reservations = (hashed: string) => `RESERVED#${hashed}`;
export const reservationKey = (handle: Handle): Key => ({
  pk: reservations(hash('sha256', handle, 'hex')),
  sk: 'RESERVED',
});
const reservation = mapping<Reservation>({ expires_at: attribute() });
export const reservationItem = (handle: Handle, of: Reservation): Item => ({
  ...reservationKey(handle),
  ...reservation.toItem(of),
});
export const reservationOf = reservation.fromItem;

export const erasures = 'ERASURE#OPEN';
export const erasureKey = (user: Uuid): Key => ({ pk: erasures, sk: user });
const erasure = mapping<Erasure>({
  user_uuid: sortKey(),
  gone_at: attribute(),
  message_group_uuid: attribute(),
  after: attribute(),
  erased_at: attribute(),
  has_pool_user: attribute(),
});
export const erasureItem = (of: Erasure): Item => ({ ...erasureKey(of.user_uuid), ...erasure.toItem(of) });
export const erasureOf = erasure.fromItem;
/** Fields of an erasure as the attributes to change in its item. */
export const erasureChanges = erasure.toChanges;

/**
 * All items of a user: the user, the handle that makes them unique, the identity that they sign in with, and those by which they are
 * found.
 */
export function userItems(
  of: RegisteredUser & Partial<StoredUser>,
): [user: Item, handle: Item, identity: Item, ...search: Item[]] {
  return [
    { ...userKey(of.user_uuid), ...storedUser.toItem({ read_receipts: true, ...of }) },
    { ...handleKey(of.handle), ...handleOwner.toItem(of) },
    { ...identityKey(of.cognito_user_id), user_uuid: of.user_uuid },
    ...searchItems(of),
  ];
}
/** What is left of a user who was erased. Whoever still has a token of theirs finds this, and becomes nobody new. */
export const goneUserItem = (of: Pick<StoredUser, 'user_uuid' | 'cognito_user_id'>, gone_at: Timestamp): Item => ({
  ...userKey(of.user_uuid),
  user_uuid: of.user_uuid,
  cognito_user_id: of.cognito_user_id,
  ...namesOfNobody,
  gone_at,
});
export const userOf = user.fromItem;
export const accountOf = account.fromItem;
/** A user as the caller of a request. */
export const callerOf = (item: Item): Caller => ({ ...accountOf(item), ...userOf(item) });
/** Fields of an account as the attributes to change in its item. */
export const accountChanges = account.toChanges;
export const storedUserOf = storedUser.fromItem;
/** Fields of a user as the attributes to change in their item. */
export const userChanges = storedUser.toChanges;
export const handleOwnerOf = handleOwner.fromItem;

/** Records that a request with an idempotency key has stored a message, so that a repeated request returns that message. */
export interface Receipt {
  idempotency_key: string;
  body_hash: string;
  message_group_uuid: Uuid;
  created_at: Timestamp;
  /** Seconds since 1970. DynamoDB deletes the item some time after. */
  expires_at: number;
}

export const receipts = (user: Uuid) => `SENT#${user}`;
export const receiptKey = (user: Uuid, idempotencyKey: string): Key => ({ pk: receipts(user), sk: idempotencyKey });
const receipt = mapping<Receipt>({
  idempotency_key: sortKey(),
  body_hash: attribute(),
  message_group_uuid: attribute(),
  created_at: attribute(),
  expires_at: attribute(),
});
/** @param user the user who made the request */
export const receiptItem = (user: Uuid, of: Receipt): Item => ({
  ...receiptKey(user, of.idempotency_key),
  ...receipt.toItem(of),
});
export const receiptOf = receipt.fromItem;

/** @param user the user whom the reports are about */
export const reports = (user: Uuid) => `REPORT#${user}`;
export const reportKey = ({ user_uuid, reported_at }: Pick<Report, 'user_uuid' | 'reported_at'>): Key => ({
  pk: reports(user_uuid),
  sk: reported_at,
});
const report = mapping<Report>({
  report_uuid: attribute(),
  reported_at: sortKey(),
  user_uuid: attribute(),
  reporter_uuid: attribute(),
  message_group_uuid: attribute(),
  message_created_at: attribute(),
  reason: attribute(),
  note: attribute(),
  evidence: attribute(),
  resolved_at: attribute(),
  outcome: attribute(),
  expires_at: attribute(),
});
export const reportItem = (of: Report): Item => ({ ...reportKey(of), ...report.toItem(of) });
export const reportOf = report.fromItem;
/** Fields of a report as the attributes to change in its item. */
export const reportChanges = report.toChanges;

/** The entry of an open report in the list of all, which leads to it. */
export type OpenReport = Pick<
  Report,
  'report_uuid' | 'reported_at' | 'user_uuid' | 'reporter_uuid' | 'reason' | 'expires_at'
>;

export const openReports = 'REPORTS#OPEN';
export const openReportKey = ({ reported_at }: Pick<Report, 'reported_at'>): Key => ({
  pk: openReports,
  sk: reported_at,
});
const openReport = mapping<OpenReport>({
  report_uuid: attribute(),
  reported_at: sortKey(),
  user_uuid: attribute(),
  reporter_uuid: attribute(),
  reason: attribute(),
  expires_at: attribute(),
});
export const openReportItem = (of: OpenReport): Item => ({ ...openReportKey(of), ...openReport.toItem(of) });
export const openReportOf = openReport.fromItem;

/** @param hash of the ticket's secret */
export const ticketKey = (hash: string): Key => ({ pk: `TICKET#${hash}`, sk: 'TICKET' });
const ticket = mapping<Ticket>({
  user_uuid: attribute(),
  signed_in_at: attribute(),
  connected_until: attribute(),
  expires_at: attribute(),
});
export const ticketItem = (hash: string, of: Ticket): Item => ({ ...ticketKey(hash), ...ticket.toItem(of) });
export const ticketOf = ticket.fromItem;

export const connections = (user: Uuid) => `CONN#${user}`;
export const connectionKey = (user: Uuid, id: string): Key => ({ pk: connections(user), sk: id });
const connection = mapping<Connection>({
  connection_id: sortKey(),
  created_at: attribute(),
  expires_at: attribute(),
});
export const connectionItem = (user: Uuid, of: Connection): Item => ({
  ...connectionKey(user, of.connection_id),
  ...connection.toItem(of),
});
export const connectionOf = connection.fromItem;
