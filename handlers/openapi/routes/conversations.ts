import * as z from 'zod';
import { inputSchema as listMessagesInput } from '../../../core/list-messages.ts';
import { inputSchema as markReadInput } from '../../../core/mark-read.ts';
import { handlePattern } from '../../../core/model/user.ts';
import { keySchema } from '../../../core/receipts.ts';
import { inputSchema as sendMessageInput } from '../../../core/send-message.ts';
import {
  messageGroupSchema,
  messageGroupStateSchema,
  messageSchema,
  sentMessageSchema,
  unreadSchema,
} from '../../http/view-schemas.ts';
import { cursor, done, limit, ofBody, ofCaller, ok, page, type Route } from '../route.ts';
import { reef } from './users.ts';

// The examples show the seeded conversation, as the local stack returns it.
export const message_group_uuid = '5ae290ed-55d1-47a0-bc6d-fe2bc2700399';
const created_at = '2024-11-03T18:51:11.250731+00:00';
const { uuid: user_uuid, ...names } = reef;
export const message = {
  uuid: '00000000-0000-4000-8000-000000000048',
  user_uuid,
  ...names,
  message: 'Both cups.',
  created_at,
  seq: 48,
  sender_seq: 24,
  revision: 0,
};

export const inboxRow = {
  uuid: message_group_uuid,
  user_uuid,
  ...names,
  message: message.message,
  created_at,
  unread_count: 2,
  muted: false,
  marked_unread: false,
  revision: 12,
};

const group = listMessagesInput.shape.message_group_uuid;
const groupInUrl = group.check(z.meta({ param: { description: 'The conversation.' }, examples: [message_group_uuid] }));

// The core also accepts `null` for an absent recipient; the document omits that.
const newText = sendMessageInput.shape.message.check(
  z.meta({ description: 'Stored unchanged: neither trimmed nor normalized.', examples: ['Are you there?'] }),
);
const newMessage = z
  .union([
    z.object({ message: newText, message_group_uuid: group }),
    z.object({
      message: newText,
      handle: z.string().regex(handlePattern).meta({ description: 'In any case, with or without the `@`.' }),
    }),
  ])
  .meta({ id: 'NewMessage', description: 'A message for a conversation, or for a user.' });

const timeInUrl = markReadInput.shape.created_at.check(
  z.meta({
    param: { description: 'The `created_at` of the message, percent-encoded.' },
    format: 'date-time',
    examples: [created_at],
  }),
);
const ofChange: Route['errors'] = [
  'message_group_uuid_invalid',
  'created_at_invalid',
  'message_group_unknown',
  'message_unknown',
  'message_not_yours',
];

/** The body of a request that concerns a conversation up to and including a message. */
const upTo = (id: string, description: string): NonNullable<Route['body']> => ({
  schema: z
    .object({
      created_at: markReadInput.shape.created_at.check(
        z.meta({ description: 'The `created_at` of the message.', format: 'date-time', examples: [created_at] }),
      ),
    })
    .meta({ id, description }),
  examples: { 'up to a message': { created_at } },
});

/** A mark that the caller puts on a conversation for themselves. */
const mark = (operationId: string, summary: string, description: string, done_: string): Route => ({
  operationId,
  tag: 'Conversations',
  summary,
  description: `${description} The request needs no body.`,
  needsToken: true,
  params: { path: z.object({ message_group_uuid: groupInUrl }) },
  success: done(done_),
  errors: [...ofCaller, ...ofBody, 'message_group_uuid_invalid', 'message_group_unknown'],
});

export const conversations: Record<string, Route> = {
  'GET /api/message_groups': {
    operationId: 'listMessageGroups',
    tag: 'Conversations',
    summary: 'List my conversations',
    description:
      'Most recent activity first. The first message to a user appears here at once, later ones a moment after they were sent.',
    needsToken: true,
    params: { query: z.object({ limit, cursor }) },
    success: page(z.array(messageGroupSchema), [inboxRow], 'A page of the inbox.'),
    errors: [...ofCaller, 'limit_invalid', 'cursor_invalid'],
  },

  'GET /api/message_groups/{message_group_uuid}': {
    operationId: 'getMessageGroup',
    tag: 'Conversations',
    summary: 'Get the state of a conversation',
    description:
      'The fields of the inbox, the number of the newest message, and how far the other participant has read.',
    needsToken: true,
    params: { path: z.object({ message_group_uuid: groupInUrl }) },
    success: ok(
      messageGroupStateSchema,
      { ...inboxRow, seq: message.seq, read: 23, version: 0, blocked: false },
      'The conversation.',
    ),
    errors: [...ofCaller, 'message_group_uuid_invalid', 'message_group_unknown'],
  },

  'GET /api/unread': {
    operationId: 'countUnread',
    tag: 'Conversations',
    summary: 'Count what I have not read',
    description:
      'Messages and conversations, over the 200 most recent conversations. Muted ones add nothing, and a mark as unread changes neither number. A message may take a moment to be counted.',
    needsToken: true,
    success: ok(unreadSchema, { unread_count: 3, message_groups: 2 }, 'The numbers.'),
    errors: ofCaller,
  },

  'GET /api/messages/{message_group_uuid}': {
    operationId: 'listMessages',
    tag: 'Conversations',
    summary: 'List the messages of a conversation',
    description:
      'Oldest first within a page. Without `after`, the first page has the newest messages and `Link` leads to older ones. With `after`, the first page has the messages that follow this time and `Link` leads to newer ones.',
    needsToken: true,
    params: {
      path: z.object({ message_group_uuid: groupInUrl }),
      query: z.object({
        limit,
        cursor,
        after: listMessagesInput.shape.after.check(
          z.meta({
            param: { description: 'The `created_at` of a message. Not together with `cursor`.' },
            format: 'date-time',
            examples: [created_at],
          }),
        ),
      }),
    },
    success: page(z.array(messageSchema), [message], 'A page of messages.'),
    errors: [
      ...ofCaller,
      'message_group_uuid_invalid',
      'after_invalid',
      'limit_invalid',
      'cursor_invalid',
      'message_group_unknown',
    ],
  },

  'POST /api/messages': {
    operationId: 'sendMessage',
    tag: 'Conversations',
    summary: 'Send a message',
    description:
      'To a conversation, or to a user by handle. With a handle, the message goes to the conversation of the caller and that user, which is created if there is none.',
    needsToken: true,
    params: {
      header: z.object({
        'Idempotency-Key': z.optional(keySchema).meta({
          param: {
            description:
              'For 30 days, the same request with the same key returns the message that was stored first. After a 429, a 5xx or no response, repeat the request with its key.',
          },
          examples: ['8a5c0b5e-3c2d-4c51-9d0f-6f0f1d0c2b7a'],
        }),
      }),
    },
    body: {
      schema: newMessage,
      examples: {
        'in a conversation': { message: 'Are you there?', message_group_uuid },
        'to a user': { message: 'Are you there?', handle: 'reef' },
      },
    },
    success: ok(sentMessageSchema, { ...message, message_group_uuid }, 'The stored message.'),
    errors: [
      ...ofCaller,
      ...ofBody,
      'message_group_uuid_invalid',
      'idempotency_key_invalid',
      'message_group_unknown',
      'handle_unknown',
      'message_blank',
      'message_exceed_max_chars',
      'recipient_missing',
      'message_to_self',
      'recipient_unavailable',
      'awaiting_reply',
      'idempotency_key_reused',
      'too_many_messages',
      'too_many_conversations',
    ],
    besideMalformed: ['message_blank', 'message_exceed_max_chars', 'recipient_missing'],
  },

  'PUT /api/message_groups/{message_group_uuid}/read': {
    operationId: 'markRead',
    tag: 'Conversations',
    summary: 'Mark a conversation as read',
    description: 'Up to and including one message. The read position never moves back.',
    needsToken: true,
    params: { path: z.object({ message_group_uuid: groupInUrl }) },
    body: upTo('ReadUpTo', 'The last message that was read.'),
    success: done('The conversation is marked as read.'),
    errors: [
      ...ofCaller,
      ...ofBody,
      'message_group_uuid_invalid',
      'created_at_invalid',
      'message_group_unknown',
      'message_unknown',
    ],
  },

  'PATCH /api/messages/{message_group_uuid}/{created_at}': {
    operationId: 'editMessage',
    tag: 'Conversations',
    summary: 'Edit a message of mine',
    description:
      'For 24 hours after it was sent. Its `revision` grows, and it carries `edited_at` from then on. The same text again changes nothing.',
    needsToken: true,
    params: { path: z.object({ message_group_uuid: groupInUrl, created_at: timeInUrl }) },
    body: {
      schema: z.object({ message: newText }).meta({ id: 'EditedMessage', description: 'The new text of a message.' }),
      examples: { 'another text': { message: 'Both cups, please.' } },
    },
    success: ok(
      sentMessageSchema,
      { ...message, message: 'Both cups, please.', revision: 1, edited_at: created_at, message_group_uuid },
      'The message as it is now.',
    ),
    errors: [
      ...ofCaller,
      ...ofBody,
      ...ofChange,
      'message_blank',
      'message_exceed_max_chars',
      'message_deleted',
      'edit_window_over',
      'recipient_unavailable',
      'too_many_messages',
    ],
    besideMalformed: ['message_blank', 'message_exceed_max_chars'],
  },

  'DELETE /api/messages/{message_group_uuid}/{created_at}': {
    operationId: 'deleteMessage',
    tag: 'Conversations',
    summary: 'Delete a message of mine',
    description:
      'For both participants: its text is removed, and its place stays, with `deleted_at`. It still counts as sent. Deleting it again changes nothing.',
    needsToken: true,
    params: { path: z.object({ message_group_uuid: groupInUrl, created_at: timeInUrl }) },
    success: done('The message is deleted.'),
    errors: [...ofCaller, ...ofBody, ...ofChange],
  },

  'PUT /api/message_groups/{message_group_uuid}/cleared': {
    operationId: 'clearMessageGroup',
    tag: 'Conversations',
    summary: 'Clear a conversation for myself',
    description:
      'Up to and including one message: the caller does not see these messages any more, and has read them. The inbox shows the conversation again when a newer message is sent. The other participant notices nothing. What is cleared stays so.',
    needsToken: true,
    params: { path: z.object({ message_group_uuid: groupInUrl }) },
    body: upTo('ClearUpTo', 'The last message that is cleared.'),
    success: done('The conversation is cleared.'),
    errors: [
      ...ofCaller,
      ...ofBody,
      'message_group_uuid_invalid',
      'created_at_invalid',
      'message_group_unknown',
      'message_unknown',
    ],
  },

  'PUT /api/message_groups/{message_group_uuid}/mute': mark(
    'muteMessageGroup',
    'Mute a conversation',
    'It counts in no total and notifies nobody. The other participant does not learn of it.',
    'The conversation is muted.',
  ),

  'DELETE /api/message_groups/{message_group_uuid}/mute': mark(
    'unmuteMessageGroup',
    'Unmute a conversation',
    'It counts again.',
    'The conversation is not muted.',
  ),

  'PUT /api/message_groups/{message_group_uuid}/unread': mark(
    'markUnread',
    'Mark a conversation as unread',
    'Until the caller reads it again. It shows in the inbox, and changes no count.',
    'The conversation is marked as unread.',
  ),
};
