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

/**
 * The conversation that a stream record of a new message belongs to.
 * @returns undefined for any other record, such as one of an {@link isUnnumbered unnumbered} message; the event source filters most of
 *   those out, but a filter can be edited
 * @throws Error for a record that cannot be read, so that it ends on the failure destination, where an operator looks at it
 */
export function conversationOfNewMessage(record: unknown): Uuid | undefined {
  return isNewMessage(record) && !isUnnumbered(record)
    ? read(messageRecord, record).dynamodb.NewImage.message_group_uuid.S
    : undefined;
}

/**
 * Whether a stream record tells of a new message that this service did not write: see {@link isNumbered}. It has no head, so no retry
 * could project it.
 */
export function isUnnumbered(record: unknown): boolean {
  return isNewMessage(record) && !isNumbered(read(anyImage, record).dynamodb.NewImage);
}

function isNewMessage(record: unknown): boolean {
  const { eventName, dynamodb } = read(anyRecord, record);
  return eventName === 'INSERT' && dynamodb.Keys.pk.S.startsWith(messages('' as Uuid));
}

/** The time of the message that a stream record of a new message tells of. */
export function timeOfNewMessage(record: unknown): Timestamp {
  return read(anyRecord, record).dynamodb.Keys.sk.S as Timestamp;
}

function read<Schema extends z.core.$ZodType>(schema: Schema, record: unknown): z.output<Schema> {
  const result = z.safeParse(schema, record);
  if (result.success) return result.data;
  throw new Error(
    `a stream record has missing or invalid fields: ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
  );
}
