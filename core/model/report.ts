import * as z from 'zod/mini';
import type { Uuid } from './id.ts';
import type { Message } from './message.ts';
import { code } from './parse.ts';
import { codePoints, maxCodePoints } from './text.ts';
import type { Timestamp } from './time.ts';

/** Why a user reports a conversation or a message. */
export const reportReasons = ['spam', 'harassment', 'violence', 'sexual', 'impersonation', 'other'] as const;
export type ReportReason = (typeof reportReasons)[number];

/** How many messages of the conversation a report keeps. */
export const evidenceLength = 20;
/** How long a report is kept, in seconds. */
export const reportKept = 180 * 24 * 60 * 60;

/** What the reporter adds in their own words: at most 1024 code points, exactly as they wrote it. */
export const reportNote = z.string(code('body_invalid')).check(
  // Like the text of a message: half of a surrogate pair has no UTF-8 form.
  z.refine((text) => text.isWellFormed(), { ...code('body_invalid'), abort: true }),
  z.refine(
    (text) => text.length <= 2 * maxCodePoints && codePoints(text) <= maxCodePoints,
    code('note_exceed_max_chars'),
  ),
  // For the OpenAPI document, since a schema's refinements cannot be converted.
  z.meta({ maxLength: maxCodePoints }),
);

/** A message as it was when it was reported. */
export interface Evidence
  extends Pick<Message, 'message_uuid' | 'created_at' | 'seq' | 'message' | 'revision' | 'edited_at' | 'deleted_at'> {
  /** The sender. */
  user_uuid: Uuid;
}

/** What a user reports of another one to the operators. */
export interface Report {
  report_uuid: Uuid;
  /** When it was made; no other report has the same time. */
  reported_at: Timestamp;
  /** The user whom it is about. */
  user_uuid: Uuid;
  /** The user who made it. */
  reporter_uuid: Uuid;
  message_group_uuid: Uuid;
  /** The time of the reported message; undefined if the conversation as a whole is reported. */
  message_created_at?: Timestamp;
  reason: ReportReason;
  note?: string;
  /** The last messages up to the reported one, or to the newest, oldest first. What their senders delete later stays here. */
  evidence: readonly Evidence[];
  /** When an operator resolved it; undefined as long as it is open. */
  resolved_at?: Timestamp;
  /** What the operator noted then. */
  outcome?: string;
  /** Seconds since 1970. DynamoDB deletes the report some time after. */
  expires_at: number;
}

/** @returns what a resolved report keeps when one of its users was erased: nothing that they wrote */
export const withoutTextsOf = (report: Report, user_uuid: Uuid): Report => {
  const { note, ...rest } = report;
  return {
    ...rest,
    ...(note !== undefined && report.reporter_uuid !== user_uuid && { note }),
    evidence: report.evidence.map((each) => (each.user_uuid === user_uuid ? { ...each, message: '' } : each)),
  };
};

/** @returns a message as a report keeps it */
export const toEvidence = ({
  message_uuid,
  created_at,
  seq,
  message,
  revision,
  edited_at,
  deleted_at,
  sender,
}: Message): Evidence => ({
  message_uuid,
  created_at,
  seq,
  message,
  user_uuid: sender.user_uuid,
  ...(revision !== undefined && { revision }),
  ...(edited_at && { edited_at }),
  ...(deleted_at && { deleted_at }),
});
