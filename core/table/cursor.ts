import { createHash } from 'node:crypto';
import * as z from 'zod';
import { domainError } from '../errors.ts';
import type { Uuid } from '../model/id.ts';
import { type Timestamp, timestamp } from '../model/time.ts';

/** What a cursor was made for: it is no good for anything else. */
export interface CursorScope {
  /** Which list is paged. */
  list: 'messages' | 'message_groups';
  /** For whom. */
  user_uuid: Uuid;
  /** Of which conversation, where the list is one's. */
  message_group_uuid?: Uuid;
}

const contents = z.tuple([z.string(), z.string(), z.string(), timestamp('cursor_invalid')]);

/**
 * Makes an opaque cursor that goes on below a sort key. It is no secret and opens nothing: access rests on the head. The digest
 * only tells a damaged cursor from a whole one.
 */
export function toCursor(scope: CursorScope, below: Timestamp): string {
  const text = JSON.stringify([...scopeParts(scope), below]);
  return `${Buffer.from(text).toString('base64url')}.${digest(text)}`;
}

/**
 * @returns the sort key to go on below
 * @throws DomainError `cursor_invalid` when it is damaged, or was made for another list, person or conversation
 */
export function fromCursor(scope: CursorScope, cursor: string): Timestamp {
  const [encoded = ''] = cursor.split('.');
  const text = Buffer.from(encoded, 'base64url').toString();
  const result = contents.safeParse(jsonOrNull(text));
  if (!result.success) throw domainError('cursor_invalid', 'cursor');
  const [, , , below] = result.data;
  // Made again from what it says, it must be the same to the letter: scope, digest and encoding are checked at once.
  if (toCursor(scope, below) !== cursor) throw domainError('cursor_invalid', 'cursor');
  return below;
}

function scopeParts({ list, user_uuid, message_group_uuid }: CursorScope): string[] {
  return [list, user_uuid, message_group_uuid ?? ''];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
