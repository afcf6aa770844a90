import type * as z from 'zod';
import type { InboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import type { User } from '../../core/model/user.ts';
import type { messageGroupSchema, messageSchema, sentMessageSchema, userSchema } from './view-schemas.ts';

// The field names are those of the existing web client. A field that is missing in a view or in its schema does not compile.

export const userView = ({ user_uuid, handle, display_name }: User): z.output<typeof userSchema> => ({
  uuid: user_uuid,
  handle,
  display_name,
});

export const messageView = ({
  message_uuid,
  sender,
  message,
  created_at,
  seq,
}: Message): z.output<typeof messageSchema> => ({
  uuid: message_uuid,
  user_uuid: sender.user_uuid,
  handle: sender.handle,
  display_name: sender.display_name,
  message,
  created_at,
  seq,
});

export const sentMessageView = (message: Message): z.output<typeof sentMessageSchema> => {
  const { uuid, ...view } = messageView(message);
  return { uuid, message_group_uuid: message.message_group_uuid, ...view };
};

export const messageGroupView = ({
  message_group_uuid,
  other,
  message,
  last_message_at,
  unread_count,
}: InboxRow): z.output<typeof messageGroupSchema> => ({
  uuid: message_group_uuid,
  user_uuid: other.user_uuid,
  handle: other.handle,
  display_name: other.display_name,
  message,
  created_at: last_message_at,
  unread_count,
});
