import * as z from 'zod';
import type { Deps } from '../core/deps.ts';
import type { Uuid } from '../core/model/id.ts';
import { projectInbox } from '../core/project-inbox.ts';
import { conversationOfMessage } from '../core/table/stream-record.ts';
import { RecordsLostError, readRange, type Stream, type StreamRange } from './table/stream-reader.ts';

const tableInArn = /:table\/([^/]+)\/stream\//;

// The part of Lambda's failure message that locates the records in the stream:
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
const sequenceNumber = z.string().regex(/^\d{1,40}$/);
const failureSchema = z.object({
  DDBStreamBatchInfo: z.object({
    streamArn: z.string().regex(tableInArn),
    shardId: z.string().min(1),
    startSequenceNumber: sequenceNumber,
    endSequenceNumber: sequenceNumber,
  }),
});

/**
 * The result for one failure message. A message may be removed from the failure destination only if the result is
 * `done`.
 */
export type RedriveResult =
  | { result: 'done'; range: StreamRange; conversations: number; written: number }
  /** Projecting some of its conversations failed again, or a record could not be parsed. */
  | { result: 'failing'; range: StreamRange; failed: { message_group_uuid?: Uuid; cause: string }[] }
  /** The stream no longer has the records, so their conversations are unknown. */
  | { result: 'gone'; range: StreamRange; cause: string }
  /** It is not a failure message of Lambda. */
  | { result: 'unreadable' };

/**
 * Projects every conversation that has a new or changed message among the records of a failure message. Idempotent: an up-to-date
 * conversation is not written.
 * @param depsOf returns the dependencies for the table that the stream's ARN names
 * @param message the parsed failure message, of any shape
 * @throws the SDK's error when the stream cannot be read for another reason than lost records
 */
export async function redrive(
  depsOf: (table: string) => Deps,
  stream: Stream,
  message: unknown,
): Promise<RedriveResult> {
  const parsed = failureSchema.safeParse(message);
  if (!parsed.success) return { result: 'unreadable' };
  const range = parsed.data.DDBStreamBatchInfo;
  const deps = depsOf(tableOf(message) as string);

  const conversations = new Set<Uuid>();
  const failed: { message_group_uuid?: Uuid; cause: string }[] = [];
  try {
    for await (const page of readRange(stream, range)) {
      for (const record of page) {
        try {
          const conversation = conversationOfMessage(record);
          if (conversation !== undefined) conversations.add(conversation);
        } catch (error) {
          failed.push({ cause: causeOf(error) });
        }
      }
    }
  } catch (error) {
    if (error instanceof RecordsLostError) return { result: 'gone', range, cause: error.message };
    throw error;
  }

  let written = 0;
  for (const conversation of conversations) {
    try {
      if (await projectInbox(deps, conversation)) written += 1;
    } catch (error) {
      failed.push({ message_group_uuid: conversation, cause: causeOf(error) });
    }
  }
  return failed.length > 0
    ? { result: 'failing', range, failed }
    : { result: 'done', range, conversations: conversations.size, written };
}

/** The table that a failure message is about, of any shape; undefined if the message names no stream of a table. */
export function tableOf(message: unknown): string | undefined {
  const { streamArn } = (message as { DDBStreamBatchInfo?: { streamArn?: unknown } } | null)?.DDBStreamBatchInfo ?? {};
  return tableInArn.exec(String(streamArn))?.[1];
}

// Only the message: the SDK attaches the items of a cancelled transaction to its error, with the texts of messages.
const causeOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
