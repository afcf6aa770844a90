import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { domainError } from '../errors.ts';
import { type ExportPosition, exportPosition } from '../model/export.ts';
import { type Uuid, uuid } from '../model/id.ts';
import { type Timestamp, timestamp } from '../model/time.ts';

/** What a kind of list is sorted by; an export goes through several lists. */
interface SortKeys {
  messages: Timestamp;
  message_groups: Timestamp;
  blocks: Uuid;
  export: ExportPosition;
}
type List = keyof SortKeys;

/** The list that a cursor was made for. It is invalid for any other. */
export interface CursorScope<Kind extends List = List> {
  /** The kind of list. */
  list: Kind;
  /** The user who lists. */
  user_uuid: Uuid;
  /** The conversation whose messages are listed. */
  message_group_uuid?: Uuid;
}

/** Where a page stopped. */
export interface Position<Kind extends List = 'messages'> {
  /** The sort key of its last row. */
  stop: SortKeys[Kind];
  /** The `seq` of that row, if it is a message. */
  seq?: number;
}

const sortKeys = { messages: timestamp, message_groups: timestamp, blocks: uuid, export: () => exportPosition };
const contents = (list: List) =>
  z.tuple([z.string(), z.string(), z.string(), sortKeys[list]('cursor_invalid')], z.int());

/**
 * Makes an opaque cursor that continues where a page stopped. It is not secret and grants no access (the head decides that); its
 * digest only detects damage.
 * @returns text that is safe in a URL
 */
export function toCursor<Kind extends List>(scope: CursorScope<Kind>, { stop, seq }: Position<Kind>): string {
  const text = JSON.stringify([...scopeParts(scope), stop, ...(seq === undefined ? [] : [seq])]);
  return `${Buffer.from(text).toString('base64url')}.${digest(text)}`;
}

/**
 * @returns where to continue
 * @throws DomainError `cursor_invalid` when it is damaged, or was made for another list, user or conversation
 */
export function fromCursor<Kind extends List>(scope: CursorScope<Kind>, cursor: string): Position<Kind> {
  const [encoded = ''] = cursor.split('.');
  const text = Buffer.from(encoded, 'base64url').toString();
  const result = contents(scope.list).safeParse(jsonOrNull(text));
  if (!result.success) throw domainError('cursor_invalid', 'cursor');
  const [, , , key, seq] = result.data; // a cursor of an earlier version has no `seq`
  const stop = key as SortKeys[Kind];
  const position = seq === undefined ? { stop } : { stop, seq };
  // A cursor made again from its content must be the same text: this checks scope, digest and encoding at once.
  if (toCursor(scope, position) !== cursor) throw domainError('cursor_invalid', 'cursor');
  return position;
}

function scopeParts({ list, user_uuid, message_group_uuid }: CursorScope): string[] {
  return [list, user_uuid, message_group_uuid ?? ''];
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 16);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
