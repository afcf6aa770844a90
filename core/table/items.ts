import type { Head } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { InboxRow } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import type { Timestamp } from '../model/time.ts';
import type { Handle, RegisteredUser, User } from '../model/user.ts';

// The table's layout: every key, and the item beside it. No other file spells a key or an attribute, and nobody takes a
// composite key apart again: what is needed later is an attribute.

/** A DynamoDB item in plain JavaScript values, as the document client reads and writes it. */
export type Item = Record<string, unknown>;

export interface Key {
  pk: string;
  sk: string;
}

export const messages = (conversation: Uuid) => `MSG#${conversation}`;
export const inbox = (user: Uuid) => `GRP#${user}`;
export const handles = (prefix: string) => `HANDLE#${prefix.slice(0, 1)}`;

export const messageKey = (conversation: Uuid, created_at: Timestamp): Key => ({
  pk: messages(conversation),
  sk: created_at,
});
export const inboxRowKey = (user: Uuid, place: Timestamp): Key => ({ pk: inbox(user), sk: place });
export const headKey = (conversation: Uuid): Key => ({ pk: `HEAD#${conversation}`, sk: 'HEAD' });
export const userKey = (user: Uuid): Key => ({ pk: `USR#${user}`, sk: 'USR' });
export const handleKey = (handle: Handle): Key => ({ pk: handles(handle), sk: handle });
export const identityKey = (cognito_user_id: string): Key => ({ pk: `COGNITO#${cognito_user_id}`, sk: 'COGNITO' });
export const receiptKey = (user: Uuid, idempotencyKey: string): Key => ({ pk: `SENT#${user}`, sk: idempotencyKey });
export function pairKey(one: Uuid, other: Uuid): Key {
  const [smaller, larger] = one < other ? [one, other] : [other, one];
  return { pk: `PAIR#${smaller}#${larger}`, sk: 'PAIR' };
}

// In message and inbox items the person's attributes carry a `user_` prefix; in the head they do not.
const userAttributes = ({ user_uuid, handle, display_name }: User) => ({
  user_uuid,
  user_display_name: display_name,
  user_handle: handle,
});
const userIn = (item: Item): User => ({
  user_uuid: item.user_uuid as Uuid,
  handle: item.user_handle as Handle,
  display_name: item.user_display_name as string,
});

export function messageItem({ sender, ...message }: Message): Item {
  return {
    ...messageKey(message.message_group_uuid, message.created_at),
    message_group_uuid: message.message_group_uuid,
    message_uuid: message.message_uuid,
    message: message.message,
    ...userAttributes(sender),
    seq: message.seq,
    sender_seq: message.sender_seq,
  };
}

export function messageOf(item: Item): Message {
  return {
    message_group_uuid: item.message_group_uuid as Uuid,
    message_uuid: item.message_uuid as Uuid,
    created_at: item.sk as Timestamp,
    seq: item.seq as number,
    sender_seq: item.sender_seq as number,
    message: item.message as string,
    sender: userIn(item),
  };
}

/** @param place where the row sits: `last_message_at`, or a little later if that was taken */
export function inboxRowItem(user: Uuid, row: InboxRow, place: Timestamp): Item {
  return {
    ...inboxRowKey(user, place),
    message_group_uuid: row.message_group_uuid,
    message: row.message,
    ...userAttributes(row.other),
    last_message_at: row.last_message_at,
    unread_count: row.unread_count,
  };
}

export function inboxRowOf(item: Item): InboxRow {
  return {
    message_group_uuid: item.message_group_uuid as Uuid,
    other: userIn(item),
    message: item.message as string,
    last_message_at: item.last_message_at as Timestamp,
    unread_count: item.unread_count as number,
  };
}

export function headItem({ message_group_uuid, ...head }: Head): Item {
  return { ...headKey(message_group_uuid), message_group_uuid, ...head };
}

export function headOf({ pk: _pk, sk: _sk, ...head }: Item): Head {
  return head as unknown as Head;
}

export function pairItem(one: Uuid, other: Uuid, message_group_uuid: Uuid): Item {
  return { ...pairKey(one, other), message_group_uuid };
}

/** The three items of a person: who they are, their unique handle, the identity that they sign in with. */
export function userItems({ user_uuid, handle, display_name, cognito_user_id, email }: RegisteredUser): Item[] {
  return [
    { ...userKey(user_uuid), user_uuid, handle, display_name, cognito_user_id, email },
    { ...handleKey(handle), user_uuid, display_name },
    { ...identityKey(cognito_user_id), user_uuid },
  ];
}

export function registeredUserOf(item: Item): RegisteredUser {
  return {
    ...userOf(item),
    cognito_user_id: item.cognito_user_id as string,
    email: item.email as string,
  } as RegisteredUser;
}

export function userOf(item: Item): User {
  return {
    user_uuid: item.user_uuid as Uuid,
    handle: item.handle as Handle,
    display_name: item.display_name as string,
  };
}

/** A handle item's handle is its sort key: stored once. */
export function handleOwnerOf(item: Item): User {
  return { user_uuid: item.user_uuid as Uuid, handle: item.sk as Handle, display_name: item.display_name as string };
}

/** Proof that a person's request made a message: the same request again finds it. */
export interface Receipt {
  user_uuid: Uuid;
  idempotency_key: string;
  body_hash: string;
  message_group_uuid: Uuid;
  created_at: Timestamp;
  /** Seconds since 1970: DynamoDB deletes it some time after. */
  expires_at: number;
}

export function receiptItem({ user_uuid, idempotency_key, ...receipt }: Receipt): Item {
  return { ...receiptKey(user_uuid, idempotency_key), ...receipt };
}
