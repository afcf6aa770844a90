import { createHash } from 'node:crypto';
import * as z from 'zod';
import { domainError } from '../errors.ts';
import type { Uuid } from '../model/id.ts';
import { type Timestamp, timestamp } from '../model/time.ts';

/** The list that a cursor was made for. It is invalid for any other. */
export interface CursorScope {
  /** The kind of list. */
  list: 'messages' | 'message_groups';
  /** The user who lists. */
  user_uuid: Uuid;
  /** The conversation whose messages are listed. */
  message_group_uuid?: Uuid;
}

const contents = z.tuple([z.string(), z.string(), z.string(), timestamp('cursor_invalid')]);

/**
 * Makes an opaque cursor that continues below a sort key. It is not secret and grants no access (the head decides that); its digest
 * only detects damage.
 * @param below the sort key of the last row of a page
 * @returns text that is safe in a URL
 */
export function toCursor(scope: CursorScope, below: Timestamp): string {
  const text = JSON.stringify([...scopeParts(scope), below]);
  return `${Buffer.from(text).toString('base64url')}.${digest(text)}`;
}

/**
 * @returns the sort key to continue below
 * @throws DomainError `cursor_invalid` when it is damaged, or was made for another list, user or conversation
 */
export function fromCursor(scope: CursorScope, cursor: string): Timestamp {
  const [encoded = ''] = cursor.split('.');
  const text = Buffer.from(encoded, 'base64url').toString();
  const result = contents.safeParse(jsonOrNull(text));
  if (!result.success) throw domainError('cursor_invalid', 'cursor');
  const [, , , below] = result.data;
  // A cursor made again from its content must be the same text: this checks scope, digest and encoding at once.
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
