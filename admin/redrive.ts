import * as z from 'zod';
import type { Deps } from '../core/deps.ts';
import type { Uuid } from '../core/model/id.ts';
import { projectInbox } from '../core/project-inbox.ts';
import { conversationOfNewMessage } from '../core/table/stream-record.ts';
import { RangeIsGone, readRange, type Stream, type StreamRange } from './table/stream-reader.ts';

// Of what Lambda sends to the failure destination of a stream, what is needed to find the records again:
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
const sequenceNumber = z.string().regex(/^\d{1,40}$/);
const failureSchema = z.object({
  DDBStreamBatchInfo: z.object({
    streamArn: z.string().regex(/:table\/[^/]+\/stream\//),
    shardId: z.string().min(1),
    startSequenceNumber: sequenceNumber,
    endSequenceNumber: sequenceNumber,
  }),
});

/** What came of one message of the failure destination. Only what is `done` may be removed from there. */
export type Redriven =
  | { result: 'done'; range: StreamRange; conversations: number; written: number }
  /** Some of its conversations still cannot be projected, or a record names none. */
  | { result: 'failing'; range: StreamRange; failed: { message_group_uuid?: Uuid; cause: string }[] }
  /** The stream has forgotten the records; which conversations they were of, nobody knows. */
  | { result: 'gone'; range: StreamRange; cause: string }
  /** It is not what Lambda sends. */
  | { result: 'unreadable' };

/**
 * Projects again what a message of the failure destination stands for: every conversation in which the records of its range
 * tell of a new message. As often as you like: a projection that is up to date writes nothing.
 * @param depsOf what to work with, by the name of the table: the stream's ARN tells which it is
 * @param message as it came, unchecked
 * @throws what the stream throws when it does not answer
 */
export async function redrive(depsOf: (table: string) => Deps, stream: Stream, message: unknown): Promise<Redriven> {
  const parsed = failureSchema.safeParse(message);
  if (!parsed.success) return { result: 'unreadable' };
  const range = parsed.data.DDBStreamBatchInfo;
  const deps = depsOf(range.streamArn.split('/')[1] as string);

  const conversations = new Set<Uuid>();
  const failed: { message_group_uuid?: Uuid; cause: string }[] = [];
  try {
    for await (const page of readRange(stream, range)) {
      for (const record of page) {
        try {
          const conversation = conversationOfNewMessage(record);
          if (conversation !== undefined) conversations.add(conversation);
        } catch (error) {
          failed.push({ cause: causeOf(error) });
        }
      }
    }
  } catch (error) {
    if (error instanceof RangeIsGone) return { result: 'gone', range, cause: error.message };
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

// Not the object itself: the SDK hangs the items of a refused transaction on it, and with them the text of messages.
const causeOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
