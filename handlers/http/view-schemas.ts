import * as z from 'zod';
import { reportReasons } from '../../core/model/report.ts';
import { maxCodePoints } from '../../core/model/text.ts';
import { timestampPattern } from '../../core/model/time.ts';
import { registeredUserSchema } from '../../core/model/user.ts';

// The response bodies of the API. docs/openapi.yaml is generated from these schemas. views.ts imports only their types, so that the
// bundles do not contain them.

const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  .meta({ format: 'uuid', examples: ['5ae290ed-55d1-47a0-bc6d-fe2bc2700399'] });
const handle = z
  .string()
  .regex(/^[a-z0-9_]{1,30}$/)
  .meta({ description: 'A unique name in lower case.', examples: ['reef'] });
const displayName = registeredUserSchema.shape.display_name.check(z.meta({ examples: ['Wriggle Reef'] }));
const shownText = z.string().max(maxCodePoints);
const time = z
  .string()
  .regex(timestampPattern)
  .meta({ format: 'date-time', examples: ['2024-11-03T18:51:11.250731+00:00'] });

export const userSchema = z
  .object({ uuid, handle, display_name: displayName })
  .meta({ id: 'User', description: 'A user.' });

export const meSchema = userSchema
  .extend({
    read_receipts: z.boolean().meta({
      description: 'Whether the caller shows others what they have read, and sees what others have read.',
      examples: [true],
    }),
  })
  .meta({ id: 'Me', description: 'The caller, with their settings.' });

export const foundUserSchema = userSchema
  .extend({
    message_group_uuid: uuid.optional().meta({
      description: 'The conversation of the caller and this user. Absent if they have none.',
    }),
  })
  .meta({ id: 'FoundUser', description: 'A user, and the conversation that the caller has with them.' });

export const messageSchema = z
  .object({
    uuid,
    user_uuid: uuid.meta({ description: 'The sender.' }),
    handle,
    display_name: displayName.check(z.meta({ description: 'The display name of the sender.' })),
    message: shownText.check(
      z.meta({
        description: 'The text, exactly as it was sent or edited; empty if the message is deleted.',
        examples: ['Are you there?'],
      }),
    ),
    created_at: time.meta({ description: 'Strictly increasing within a conversation.' }),
    seq: z
      .int()
      .min(1)
      .meta({ description: 'The number of the message in its conversation: 1, 2, 3 … without gaps.', examples: [48] }),
    sender_seq: z
      .int()
      .min(1)
      .meta({
        description: 'The number of the message among those of its sender in the conversation: 1, 2, 3 … without gaps.',
        examples: [24],
      }),
    revision: z
      .int()
      .min(0)
      .meta({
        description:
          'How often the message was changed: of two states of it, the one with the higher number is the later one.',
        examples: [0],
      }),
    edited_at: time.optional().meta({ description: 'When the text was changed last. Absent if it never was.' }),
    deleted_at: time.optional().meta({ description: 'When the message was deleted. Absent if it is not.' }),
    seen: z.boolean().optional().meta({
      description:
        'Whether the other participant has read the message. Only in lists of messages and in events, and only the sender sees it; absent if one of the two has switched read receipts off.',
    }),
    idempotency_key_hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({
        description:
          'SHA-256 of the `Idempotency-Key` that the message was sent with, in lower-case hex. Only the sender sees it; absent if the request had no key.',
      }),
  })
  .meta({ id: 'Message', description: 'A message and its sender.' });

export const sentMessageSchema = messageSchema
  .omit({ seen: true })
  .extend({ message_group_uuid: uuid.meta({ description: 'The conversation of the message.' }) })
  .meta({ id: 'SentMessage', description: 'The stored message, with its conversation.' });

export const messageGroupSchema = z
  .object({
    uuid,
    user_uuid: uuid.meta({ description: 'The other participant.' }),
    handle,
    display_name: displayName,
    message: shownText.check(z.meta({ description: 'The text of the last message.' })),
    created_at: time.meta({ description: 'The time of the last message.' }),
    unread_count: z
      .int()
      .min(0)
      .meta({ description: 'The number of messages that the caller has not read.', examples: [2] }),
    muted: z.boolean().meta({ description: 'Whether the caller muted the conversation: it counts in no total.' }),
    marked_unread: z
      .boolean()
      .meta({ description: 'Whether the caller marked the conversation as unread, and has not read it since.' }),
    revision: z
      .int()
      .min(0)
      .meta({
        description:
          'Grows when what is shown here changes: of two states, the one with the higher number is the later one.',
        examples: [7],
      }),
  })
  .meta({ id: 'MessageGroup', description: 'A conversation in the inbox of the caller.' });

export const messageGroupStateSchema = messageGroupSchema
  .extend({
    seq: z
      .int()
      .min(1)
      .meta({ description: 'The number of the newest message.', examples: [48] }),
    read: z
      .int()
      .min(0)
      .optional()
      .meta({
        description:
          "The number of the caller's messages that the other participant has read. Absent if one of the two has switched read receipts off.",
        examples: [23],
      }),
    version: z
      .int()
      .min(0)
      .meta({ description: 'Grows with each edited or deleted message of the conversation.', examples: [0] }),
    blocked: z.boolean().meta({ description: 'Whether the caller blocks the other participant.' }),
    cleared: time.optional().meta({
      description:
        'The time up to which the caller has cleared the conversation. `message` is empty as long as no newer message was sent. Absent if they never did.',
    }),
  })
  .meta({
    id: 'MessageGroupState',
    description: 'A conversation as it is now, whether or not the inbox shows it yet.',
  });

export const unreadSchema = z
  .object({
    unread_count: z
      .int()
      .min(0)
      .meta({ description: 'The number of messages that the caller has not read.', examples: [3] }),
    message_groups: z
      .int()
      .min(0)
      .meta({ description: 'The number of conversations that they are in.', examples: [2] }),
    more: z
      .literal(true)
      .optional()
      .meta({ description: 'The caller has older conversations, which are not counted. Absent if not.' }),
  })
  .meta({ id: 'Unread', description: 'What the caller has not read.' });

export const blockedUserSchema = userSchema
  .extend({ blocked_at: time.meta({ description: 'When the caller blocked this user.' }) })
  .meta({ id: 'BlockedUser', description: 'A user whom the caller blocks.' });

export const createdReportSchema = z
  .object({ uuid: uuid.meta({ description: 'The report: an operator finds it by this.' }) })
  .meta({ id: 'CreatedReport', description: 'The report that was made.' });

export const ticketSchema = z
  .object({
    url: z.url({ protocol: /^wss?$/ }).meta({
      description: 'The address of the WebSocket API. Connect to it with the ticket as the query parameter `ticket`.',
      examples: ['wss://abcdef.execute-api.eu-west-1.amazonaws.com/dev'],
    }),
    ticket: z
      .string()
      .min(1)
      .meta({
        description: 'Opens one connection. Keep it out of logs.',
        examples: ['0b6f4a52-8bb1-4d0c-9d5f-9d4f8b6d0f3e'],
      }),
    expires_in: z
      .int()
      .min(1)
      .meta({ description: 'For so many seconds.', examples: [60] }),
  })
  .meta({ id: 'Ticket', description: 'What opens a WebSocket, once.' });

const whole = z.int().min(1);
const rate = (description: string) =>
  z
    .object({
      burst: whole.meta({ description: 'So many at once.' }),
      interval_ms: whole.meta({ description: 'Then one in each interval of so many milliseconds.' }),
    })
    .meta({ description });

export const limitsViewSchema = z
  .object({
    messages: rate('Messages and edits of a user in one conversation. Beyond: `429 too_many_messages`.'),
    messages_before_reply: whole.meta({
      description: 'Messages to a user who has not answered yet. Beyond: `422 awaiting_reply`.',
      examples: [20],
    }),
    conversations: rate('Conversations that a user starts. Beyond: `429 too_many_conversations`.'),
    reports: rate('Reports that a user makes. Beyond: `429 too_many_reports`.'),
    searches_per_minute: whole.meta({
      description:
        'Searches for users in a minute, as each process of the function counts them. Beyond: `429 too_many_searches`.',
      examples: [30],
    }),
    message_length: whole.meta({ description: 'Code points of a message.', examples: [1024] }),
    edit_window_s: whole.meta({
      description: 'For so many seconds after it was sent, a message may be edited.',
      examples: [86_400],
    }),
  })
  .meta({
    id: 'Limits',
    description: 'The limits of this service. `Retry-After` tells when a request is within them again.',
  });

export const exportLineSchema = z
  .discriminatedUnion('type', [
    userSchema
      .extend({
        type: z.literal('user'),
        email: z.string().meta({ format: 'email', examples: ['reef@example.com'] }),
        read_receipts: meSchema.shape.read_receipts,
        signed_out_at: time.optional().meta({ description: 'When the caller signed out everywhere last.' }),
        suspended_at: time.optional().meta({ description: 'When an operator suspended the user.' }),
      })
      .meta({ id: 'ExportedUser', description: 'The caller: the first line.' }),
    blockedUserSchema
      .extend({ type: z.literal('block') })
      .meta({ id: 'ExportedBlock', description: 'A user whom the caller blocks.' }),
    messageGroupStateSchema
      .extend({ type: z.literal('message_group') })
      .meta({ id: 'ExportedMessageGroup', description: 'A conversation. Its messages and reports follow.' }),
    messageSchema
      .extend({ type: z.literal('message'), message_group_uuid: uuid })
      .meta({ id: 'ExportedMessage', description: 'A message: one that the caller sent, or can read.' }),
    z
      .object({
        type: z.literal('report'),
        uuid,
        message_group_uuid: uuid,
        user_uuid: uuid.meta({ description: 'The user whom it is about.' }),
        reported_at: time,
        created_at: time.optional().meta({
          description: 'The `created_at` of the reported message. Absent if the conversation as a whole is reported.',
        }),
        reason: z.enum(reportReasons).meta({ examples: ['harassment'] }),
        note: shownText.optional().check(z.meta({ examples: ['It began yesterday.'] })),
      })
      .meta({ id: 'ExportedReport', description: 'A report that the caller made within the last 180 days.' }),
  ])
  .meta({ id: 'ExportLine', description: 'One thing that the caller wrote or can read, on a line of its own.' });
