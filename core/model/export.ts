import * as z from 'zod/mini';
import { uuid } from './id.ts';
import { code } from './parse.ts';
import { timestamp } from './time.ts';

/** The most items that a page of an export reads: messages, blocks, or reports of the user. */
export const exportPageSize = 100;
/** A conversation counts as so many items, since its state takes several reads. */
export const conversationSize = 10;
/** How many conversations a cursor remembers: it stays below 4 KB, of the 10 KB that API Gateway accepts in a request's head. */
export const exportMemory = 50;

const invalid = 'cursor_invalid';

/**
 * Where a page of an export stopped. The parts come in the order blocks, hidden, shown: an inbox row moves to a later place, or from the
 * hidden ones to those that are shown, so it is not missed.
 */
export const exportPosition = z.object({
  /** When the first page was requested. */
  begun_at: timestamp(invalid),
  part: z.enum(['blocks', 'hidden', 'shown'], code(invalid)),
  /** The sort key of the last block or inbox row. */
  after: z.optional(z.string().check(z.minLength(1), z.maxLength(36))),
  /** Conversations that were exported from a row which had moved since `begun_at`: it may move, and be met, again. */
  exported: z.array(uuid(invalid)).check(z.maxLength(exportMemory)),
  /** The conversation that is under way. */
  within: z.optional(
    z.object({
      message_group_uuid: uuid(invalid),
      /** The last message; undefined before the first one. */
      message: z.optional(z.object({ created_at: timestamp(invalid), seq: z.int() })),
      /** The time of the last report: then all messages came before. */
      reported_at: z.optional(timestamp(invalid)),
    }),
  ),
});
export type ExportPosition = z.output<typeof exportPosition>;
