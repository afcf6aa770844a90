import * as z from 'zod';
import { type Uuid, uuid } from '../model/id.ts';
import type { Timestamp } from '../model/time.ts';
import { messages } from './items.ts';

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

/**
 * The conversation that a stream record of a new message belongs to.
 * @returns undefined for any other record; the event source filters those out, but a filter can be edited
 * @throws Error for a record that cannot be read, so that it ends on the failure destination, where an operator looks at it
 */
export function conversationOfNewMessage(record: unknown): Uuid | undefined {
  const { eventName, dynamodb } = read(anyRecord, record);
  if (eventName !== 'INSERT' || !dynamodb.Keys.pk.S.startsWith(messages('' as Uuid))) return undefined;
  return read(messageRecord, record).dynamodb.NewImage.message_group_uuid.S;
}

/** The time of the message that a stream record of a new message tells of. */
export function timeOfNewMessage(record: unknown): Timestamp {
  return read(anyRecord, record).dynamodb.Keys.sk.S as Timestamp;
}

function read<Schema extends z.ZodType>(schema: Schema, record: unknown): z.output<Schema> {
  const result = schema.safeParse(record);
  if (result.success) return result.data;
  throw new Error(
    `a stream record has missing or invalid fields: ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
  );
}
