import * as z from 'zod';
import { type Uuid, uuid } from '../model/id.ts';
import { messages } from './items.ts';

// What of a stream record this service looks at, in DynamoDB's attribute-value form:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
const anyRecord = z.object({
  eventName: z.string(),
  dynamodb: z.object({ Keys: z.object({ pk: z.object({ S: z.string() }) }) }),
});
const messageRecord = z.object({
  dynamodb: z.object({
    NewImage: z.object({ message_group_uuid: z.object({ S: uuid('message_group_uuid_invalid') }) }),
  }),
});

/**
 * The conversation in which a stream record tells of a new message.
 * @returns undefined for a record of anything else; the event-source filter lets none through, but filters can be edited
 * @throws Error for what cannot be read: a record that is nobody's must end where somebody looks at it
 */
export function conversationOfNewMessage(record: unknown): Uuid | undefined {
  const { eventName, dynamodb } = read(anyRecord, record);
  if (eventName !== 'INSERT' || !dynamodb.Keys.pk.S.startsWith(messages('' as Uuid))) return undefined;
  return read(messageRecord, record).dynamodb.NewImage.message_group_uuid.S;
}

function read<Schema extends z.ZodType>(schema: Schema, record: unknown): z.output<Schema> {
  const result = schema.safeParse(record);
  if (result.success) return result.data;
  throw new Error(`a stream record without ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`);
}
