import { type Uuid, uuid } from '../../core/model/id.ts';
import { messageText } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Item, Key } from '../../core/table/items.ts';
import { kindOf, ownerOf } from '../table/scan.ts';
import { readTime, type ZoneOffset } from './original-time.ts';

// The original service stored messages and inbox rows alone. Its messages have no numbers, and neither of the two names both users.

/** A user as an item of the original names them. */
export interface OriginalUser {
  /** The original's id, whatever its form. */
  user_uuid: string;
  /** Unknown of the owner of an inbox row. */
  handle?: string;
}

export interface OriginalMessage {
  conversation: Uuid;
  message_uuid: Uuid;
  at: Timestamp;
  text: string;
  sender: OriginalUser;
  key: Key;
}

/** An inbox row. Only its users are read: its text and time repeat those of a message, or are out of date. */
export interface OriginalRow {
  conversation: Uuid;
  users: [owner: OriginalUser, other: OriginalUser];
  key: Key;
}

/** Why an item cannot be imported. */
export type ItemFault =
  | 'item_unknown'
  | 'field_missing'
  | 'uuid_invalid'
  | 'time_invalid'
  | 'time_in_future'
  | 'message_blank'
  | 'message_exceed_max_chars'
  | 'message_invalid'
  | 'message_uuid_doubled';

/** An item that is left out. It never contains a message's text. */
export interface BadItem {
  key: string;
  reason: ItemFault;
  field?: string;
}

export type OriginalItem = { message: OriginalMessage } | { row: OriginalRow } | { bad: BadItem };

export interface ReadingOptions {
  offsetOf: ZoneOffset;
  /** The latest time that a message may have. */
  latest: Timestamp;
}

/** Reads one item. Attributes that the original did not have are ignored. */
export function readOriginalItem(item: Item, options: ReadingOptions): OriginalItem {
  const kind = kindOf(item);
  const key = nameOf(item as Partial<Key>);
  try {
    if (kind === 'message') return { message: readMessage(item, options) };
    if (kind === 'inbox') return { row: readRow(item) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { reason, field } = error;
    return { bad: field === undefined ? { key, reason } : { key, reason, field } };
  }
  return { bad: { key, reason: 'item_unknown' } };
}

/** @returns a key as one text, for the operator */
export const nameOf = ({ pk, sk }: Partial<Key>): string =>
  [pk, sk].map((part) => (typeof part === 'string' ? part : '?')).join(' ');

const keyOf = ({ pk, sk }: Item) => ({ pk, sk }) as Key;

class Fault extends Error {
  readonly reason: ItemFault;
  readonly field: string | undefined;
  constructor(reason: ItemFault, field?: string) {
    super(reason);
    this.reason = reason;
    this.field = field;
  }
}

function readMessage(item: Item, { offsetOf, latest }: ReadingOptions): OriginalMessage {
  const conversation = toUuid(ownerOf(item, 'message'), 'pk');
  const message_uuid = toUuid(textIn(item, 'message_uuid'), 'message_uuid');
  const at = readTime(textIn(item, 'sk'), offsetOf);
  if (at === undefined) throw new Fault('time_invalid', 'sk');
  if (at > latest) throw new Fault('time_in_future', 'sk');
  return { conversation, message_uuid, at, text: toText(item.message), sender: userIn(item), key: keyOf(item) };
}

function readRow(item: Item): OriginalRow {
  const owner = ownerOf(item, 'inbox');
  if (!owner) throw new Fault('field_missing', 'pk');
  const conversation = toUuid(textIn(item, 'message_group_uuid'), 'message_group_uuid');
  return { conversation, users: [{ user_uuid: owner }, userIn(item)], key: keyOf(item) };
}

function userIn(item: Item): OriginalUser {
  const user_uuid = textIn(item, 'user_uuid');
  return typeof item.user_handle === 'string' ? { user_uuid, handle: item.user_handle } : { user_uuid };
}

function textIn(item: Item, field: string): string {
  const value = item[field];
  if (typeof value !== 'string' || value === '') throw new Fault('field_missing', field);
  return value;
}

const uuidSchema = uuid('message_group_uuid_invalid'); // made once: making a schema takes longer than using it

function toUuid(text: string, field: string): Uuid {
  const result = uuidSchema.safeParse(text);
  if (!result.success) throw new Fault('uuid_invalid', field);
  return result.data;
}

function toText(value: unknown): string {
  if (typeof value !== 'string') throw new Fault('field_missing', 'message');
  const result = messageText.safeParse(value);
  if (result.success) return result.data;
  const [code] = result.error.issues.map(({ message }) => message);
  throw new Fault(
    code === 'message_blank' || code === 'message_exceed_max_chars' ? code : 'message_invalid',
    'message',
  );
}
