import * as z from 'zod/mini';
import { type Uuid, uuid } from '../model/id.ts';
import type { Timestamp } from '../model/time.ts';
import { isNumbered, messages } from './items.ts';

// The parts of a stream record that this service reads, in DynamoDB's attribute-value form:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
const anyRecord = z.object({
  eventName: z.string(),
  dynamodb: z.object({ Keys: z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }) }),
});
const messageRecord = z.object({
  dynamodb: z.object({
    NewImage: z.object({ message_group_uuid: z.object({ S: uuid('message_group_uuid_invalid') }) }),
  }),
});
const anyImage = z.object({ dynamodb: z.object({ NewImage: z.record(z.string(), z.unknown()) }) });

/** What records of the stream tell the projector of a conversation. */
export interface Nudge {
  /** The time of the newest message among them that is new. */
  sentAt?: Timestamp | undefined;
  /** Whether a message was edited or deleted. */
  isChanged?: boolean;
}

/**
 * The conversation that a stream record of a new or changed message belongs to.
 * @returns undefined for any other record, such as one of an {@link isUnnumbered unnumbered} message; the event source filters most of
 *   those out, but a filter can be edited
 * @throws Error for a record that cannot be read, so that it ends on the failure destination, where an operator looks at it
 */
export function conversationOfMessage(record: unknown): Uuid | undefined {
  return kindOf(record) && !isUnnumbered(record)
    ? read(messageRecord, record).dynamodb.NewImage.message_group_uuid.S
    : undefined;
}

/**
 * Whether a stream record tells of a message that this service did not write: see {@link isNumbered}. It has no head, so no retry
 * could project it.
 */
export function isUnnumbered(record: unknown): boolean {
  return kindOf(record) !== undefined && !isNumbered(read(anyImage, record).dynamodb.NewImage);
}

/** Whether a record tells of a new message or of a changed one; undefined if of neither. */
function kindOf(record: unknown): 'new' | 'changed' | undefined {
  const { eventName, dynamodb } = read(anyRecord, record);
  if (!dynamodb.Keys.pk.S.startsWith(messages('' as Uuid))) return undefined;
  return eventName === 'INSERT' ? 'new' : eventName === 'MODIFY' ? 'changed' : undefined;
}

/** What the records of one conversation's messages tell together. */
export function nudgeOf(records: readonly unknown[]): Nudge {
  const times = records
    .filter((record) => kindOf(record) === 'new')
    .map((record) => read(anyRecord, record).dynamodb.Keys.sk.S as Timestamp);
  return { sentAt: times.sort().at(-1), isChanged: times.length < records.length };
}

function read<Schema extends z.core.$ZodType>(schema: Schema, record: unknown): z.output<Schema> {
  const result = z.safeParse(schema, record);
  if (result.success) return result.data;
  throw new Error(
    `a stream record has missing or invalid fields: ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
  );
}
