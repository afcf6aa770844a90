import * as z from 'zod';
import type { ErrorCode } from '../../core/errors.ts';
import { messageGroupSchema, messageSchema } from '../http/view-schemas.ts';

// The frames of the WebSocket API. docs/asyncapi.yaml is generated from these schemas. frames.ts imports only their types, so that the
// bundles do not contain them.

const { uuid, created_at: time } = messageSchema.shape;
const group = uuid.meta({ description: 'The conversation.' });

const messageCreated = z
  .object({ type: z.literal('message.created'), message_group_uuid: group, message: messageSchema })
  .meta({ id: 'MessageCreated', description: 'One of the two participants has sent a message.' });

const messageUpdated = z
  .object({ type: z.literal('message.updated'), message_group_uuid: group, message: messageSchema })
  .meta({ id: 'MessageUpdated', description: 'The sender has edited or deleted a message: its `revision` has grown.' });

const messageGroupUpdated = z
  .object({
    type: z.literal('message_group.updated'),
    message_group: messageGroupSchema,
    hidden: z.literal(true).optional().meta({
      description:
        'The user has cleared all of the conversation: its `message` is empty, and no inbox lists it until one of the two sends a newer message. Absent if the inbox lists it.',
    }),
  })
  .meta({
    id: 'MessageGroupUpdated',
    description: "The row of the conversation in the user's inbox has changed: its `revision` has grown.",
  });

const messageGroupCleared = z
  .object({
    type: z.literal('message_group.cleared'),
    message_group_uuid: group,
    cleared: time.meta({ description: 'The user sees no message up to and including this time any more.' }),
  })
  .meta({
    id: 'MessageGroupCleared',
    description:
      'The user has cleared the conversation, on this device or another one. The other user gets no such event.',
  });

const messageGroupRead = z
  .object({
    type: z.literal('message_group.read'),
    message_group_uuid: group,
    user_uuid: uuid.meta({ description: 'The participant who has read: the user, or the other participant.' }),
    read: z
      .int()
      .min(0)
      .meta({
        description:
          "How many of the other participant's messages `user_uuid` has read: those with a `sender_seq` up to this number. It only grows.",
        examples: [24],
      }),
  })
  .meta({
    id: 'MessageGroupRead',
    description:
      "A participant has read messages. Every device of that participant gets the event. The other participant's devices get it only if both show read receipts and neither blocks the other.",
  });

/** An event that a change of the table has caused. */
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
    user_uuid: uuid.meta({ description: 'The other participant.' }),
  })
  .meta({
    id: 'Typing',
    description:
      'The other participant is writing. A client shows it for four seconds, or until their message arrives. It is told only if both show read receipts and neither blocks the other.',
  });

const pong = z.object({ type: z.literal('pong') }).meta({ id: 'Pong', description: 'The answer to a ping.' });

/** What an error frame says of each code, for developers of clients. */
export const frameErrors = {
  body_invalid: 'The frame is no JSON object.',
  action_unknown: 'There is no such action.',
  message_group_uuid_invalid: '`message_group_uuid` is no UUID.',
  message_group_unknown: 'There is no such conversation, or the user is not part of it.',
  throttled: 'The table is too busy. The frame had no effect.',
  message_group_busy: 'The table is too busy. The frame had no effect.',
  unexpected: 'The fault is on the side of the service.',
} satisfies Partial<Record<ErrorCode | 'unexpected', string>>;

const error = z
  .object({
    type: z.literal('error'),
    code: z.enum(Object.keys(frameErrors) as [keyof typeof frameErrors]).meta({
      description: Object.entries(frameErrors)
        .map(([code, says]) => `- \`${code}\`: ${says}`)
        .join('\n'),
      examples: ['action_unknown'],
    }),
  })
  .meta({ id: 'Error', description: 'The answer to a frame that had no effect. The connection stays open.' });

/** Every frame that a client gets. */
export const frameSchemas = [...eventSchema.options, typing, pong, error] as const;

/** A frame that a client gets. */
export type Frame = z.output<(typeof frameSchemas)[number]>;

const ping = z.object({ action: z.literal('ping') }).meta({
  id: 'Ping',
  description:
    'Keeps the connection open, which ends after ten minutes without a frame, and finds out whether it still is.',
});

const tellTyping = z.object({ action: z.literal('typing'), message_group_uuid: group }).meta({
  id: 'TellTyping',
  description:
    'The user is writing. At most one frame a second is passed on; send one every three seconds while the user types.',
});

/** Every frame that a client sends. */
export const requestSchemas = [ping, tellTyping] as const;
