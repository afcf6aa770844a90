import * as z from 'zod';
import { messageGroupSchema, messageGroupStateSchema, messageSchema } from '../http/view-schemas.ts';

// The frames of the WebSocket API. docs/asyncapi.yaml is generated from these schemas. frames.ts imports only their types.

const uuid = messageSchema.shape.uuid;
const group = messageGroupSchema.shape.uuid.meta({ description: 'The conversation.' });

const messageCreated = z
  .object({ type: z.literal('message.created'), message_group_uuid: group, message: messageSchema })
  .meta({ id: 'MessageCreated', description: 'A message was sent.' });

const messageUpdated = z
  .object({ type: z.literal('message.updated'), message_group_uuid: group, message: messageSchema })
  .meta({ id: 'MessageUpdated', description: 'A message was edited or deleted: its `revision` has grown.' });

const messageGroupUpdated = z
  .object({
    type: z.literal('message_group.updated'),
    message_group: messageGroupSchema,
    hidden: z.literal(true).optional().meta({
      description: 'The user has cleared all of the conversation: no inbox lists it until a newer message is sent.',
    }),
  })
  .meta({
    id: 'MessageGroupUpdated',
    description: "The conversation's row in the user's inbox has changed: its `revision` has grown.",
  });

const messageGroupCleared = z
  .object({
    type: z.literal('message_group.cleared'),
    message_group_uuid: group,
    cleared: messageSchema.shape.created_at.meta({
      description: 'Up to this time the user sees no messages any more.',
    }),
  })
  .meta({
    id: 'MessageGroupCleared',
    description: 'The user has cleared the conversation, perhaps on another device.',
  });

const messageGroupRead = z
  .object({
    type: z.literal('message_group.read'),
    message_group_uuid: group,
    user_uuid: uuid.meta({ description: 'Who has read: the user themselves, or the other participant.' }),
    read: z.int().min(0).meta({
      description: "The number of the other one's messages that they have read: those with a `sender_seq` up to it.",
    }),
  })
  .meta({
    id: 'MessageGroupRead',
    description:
      "Somebody has read. The other participant's reading is told only if both show read receipts and neither blocks the other.",
  });

/** An event that the stream of the table has caused. */
export const eventSchema = z.discriminatedUnion('type', [
  messageCreated,
  messageUpdated,
  messageGroupUpdated,
  messageGroupCleared,
  messageGroupRead,
]);

const typing = z
  .object({
    type: z.literal('typing'),
    message_group_uuid: group,
    user_uuid: uuid.meta({ description: 'Who is writing.' }),
  })
  .meta({
    id: 'Typing',
    description:
      'The other participant is writing. Only if both show read receipts and neither blocks the other; a client shows it for four seconds.',
  });

const pong = z.object({ type: z.literal('pong') }).meta({ id: 'Pong', description: 'The answer to a ping.' });

const error = z
  .object({ type: z.literal('error'), code: z.string().meta({ examples: ['action_unknown'] }) })
  .meta({ id: 'Error', description: 'The answer to a frame that the service refuses. The connection stays open.' });

/** Every frame that a client gets. */
export const frameSchemas = { ...named(eventSchema.options), typing, pong, error };

/** Every frame that a client sends. */
export const requestSchemas = {
  ping: z
    .object({ action: z.literal('ping') })
    .meta({ id: 'Ping', description: 'Keeps the connection open: it ends after ten minutes without a frame.' }),
  typing: z
    .object({ action: z.literal('typing'), message_group_uuid: messageGroupStateSchema.shape.uuid })
    .meta({ id: 'TellTyping', description: 'The user is writing. At most one a second is told.' }),
};

function named(options: typeof eventSchema.options) {
  return Object.fromEntries(options.map((option) => [option.shape.type.value, option]));
}
