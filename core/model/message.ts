import * as z from 'zod/mini';
import type { Uuid } from './id.ts';
import { code } from './parse.ts';
import { codePoints, isBlank, maxCodePoints } from './text.ts';
import type { Timestamp } from './time.ts';
import type { User } from './user.ts';

/** One message of a conversation. */
export interface Message {
  message_group_uuid: Uuid;
  message_uuid: Uuid;
  /**
   * The time of the message, which is also its place in the conversation: it is later than that of every message
   * before, even if the clocks of two processes differ.
   */
  created_at: Timestamp;
  /** 1, 2, 3 … without a gap in the conversation. */
  seq: number;
  /** 1, 2, 3 … without a gap among the sender's messages in the conversation. */
  sender_seq: number;
  /** The text, exactly as it was sent or edited; empty if the message is deleted. */
  message: string;
  /** The sender, with the names that they had then. */
  sender: User;
  /**
   * SHA-256 of the idempotency key that the message was sent with, as lower-case hex; undefined without a key. It is shown to the
   * sender alone: a client of theirs that got no answer to a request finds by it whether the message was stored.
   */
  idempotency_key_hash?: string;
  /** How often the message was changed; undefined if it never was. */
  revision?: number;
  /** When the text was changed last; undefined if it never was. */
  edited_at?: Timestamp;
  /** When the message was deleted; undefined if it is not. */
  deleted_at?: Timestamp;
}

/** The text of a message: at least one visible character, at most 1024 code points. Nothing is trimmed or normalized. */
export const messageText = z
  .string({ error: ({ input }) => (input === undefined || input === null ? 'message_blank' : 'body_invalid') })
  .check(
    // Rejects half of a surrogate pair: it has no UTF-8 form, so it could not be stored as it was sent.
    z.refine((text) => text.isWellFormed(), { ...code('body_invalid'), abort: true }),
    z.refine((text) => !isBlank(text), code('message_blank')),
    z.refine(
      (text) => text.length <= 2 * maxCodePoints && codePoints(text) <= maxCodePoints,
      code('message_exceed_max_chars'),
    ),
    // For the OpenAPI document, since a schema's refinements cannot be converted.
    z.meta({ minLength: 1, maxLength: maxCodePoints }),
  );
