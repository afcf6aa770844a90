import type * as z from 'zod';
import { inboxRow, message, message_group_uuid } from '../openapi/routes/conversations.ts';
import type { Frame, requestSchemas } from '../socket/frame-schemas.ts';

const { user_uuid } = message;

type Examples = Record<string, Frame | z.output<(typeof requestSchemas)[number]>>;

/** A frame of each kind, by the id of its schema. They concern the seeded conversation. */
export const frameExamples: Examples = {
  MessageCreated: { type: 'message.created', message_group_uuid, message },
  MessageUpdated: {
    type: 'message.updated',
    message_group_uuid,
    message: { ...message, message: 'Both cups!', revision: 1, edited_at: '2024-11-03T18:52:40.118402+00:00' },
  },
  MessageGroupUpdated: { type: 'message_group.updated', message_group: inboxRow },
  MessageGroupCleared: { type: 'message_group.cleared', message_group_uuid, cleared: message.created_at },
  MessageGroupRead: { type: 'message_group.read', message_group_uuid, user_uuid, read: 24 },
  Typing: { type: 'typing', message_group_uuid, user_uuid },
  Pong: { type: 'pong' },
  Error: { type: 'error', code: 'action_unknown' },
  Ping: { action: 'ping' },
  TellTyping: { action: 'typing', message_group_uuid },
};
