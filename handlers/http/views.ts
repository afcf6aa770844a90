import type * as z from 'zod/mini';
import type { Unread } from '../../core/count-unread.ts';
import type { IssuedTicket } from '../../core/create-ticket.ts';
import type { ExportEntry } from '../../core/export-user.ts';
import type { MessageGroup } from '../../core/get-message-group.ts';
import type { BlocksPage } from '../../core/list-blocks.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { InboxRow } from '../../core/model/inbox.ts';
import { editWindow, type Limits } from '../../core/model/limits.ts';
import type { Message } from '../../core/model/message.ts';
import { isSeen } from '../../core/model/seen.ts';
import { maxCodePoints } from '../../core/model/text.ts';
import type { User, UserWithSettings } from '../../core/model/user.ts';
import type {
  blockedUserSchema,
  createdReportSchema,
  exportLineSchema,
  foundUserSchema,
  limitsViewSchema,
  meSchema,
  messageGroupSchema,
  messageGroupStateSchema,
  messageSchema,
  sentMessageSchema,
  ticketSchema,
  unreadSchema,
  userSchema,
} from './view-schemas.ts';

// The existing web client determines the field names. The types make sure that a view and its schema have the same
// fields.

export const userView = ({ user_uuid, handle, display_name }: User): z.output<typeof userSchema> => ({
  uuid: user_uuid,
  handle,
  display_name,
});

export const meView = (me: UserWithSettings): z.output<typeof meSchema> => ({
  ...userView(me),
  read_receipts: me.read_receipts,
});

export const foundUserView = ({
  user,
  message_group_uuid,
}: {
  user: User;
  message_group_uuid?: Uuid;
}): z.output<typeof foundUserSchema> => ({ ...userView(user), ...(message_group_uuid && { message_group_uuid }) });

/**
 * @param me the caller, who gets the hash of an idempotency key only if they are the sender
 * @param seen how many of their messages the other participant has read; undefined if they may not know
 */
export const messageView = (
  { message_uuid, sender, message, created_at, seq, sender_seq, revision, edited_at, deleted_at, ...rest }: Message,
  me: User,
  seen?: number,
): z.output<typeof messageSchema> => ({
  uuid: message_uuid,
  user_uuid: sender.user_uuid,
  handle: sender.handle,
  display_name: sender.display_name,
  message,
  created_at,
  seq,
  sender_seq,
  revision: revision ?? 0,
  ...(edited_at && { edited_at }),
  ...(deleted_at && { deleted_at }),
  seen: isSeen({ sender, sender_seq }, me, seen),
  ...(rest.idempotency_key_hash &&
    sender.user_uuid === me.user_uuid && { idempotency_key_hash: rest.idempotency_key_hash }),
});

export const sentMessageView = (message: Message, me: User): z.output<typeof sentMessageSchema> => {
  const { uuid, ...view } = messageView(message, me);
  return { uuid, message_group_uuid: message.message_group_uuid, ...view };
};

export const messageGroupView = ({
  message_group_uuid,
  other,
  message,
  last_message_at,
  unread_count,
  rows_rev,
  muted,
  marked_unread,
}: InboxRow): z.output<typeof messageGroupSchema> => ({
  uuid: message_group_uuid,
  user_uuid: other.user_uuid,
  handle: other.handle,
  display_name: other.display_name,
  message,
  created_at: last_message_at,
  unread_count,
  muted: muted === true,
  marked_unread: marked_unread === true,
  revision: rows_rev ?? 0,
});

export const messageGroupStateView = ({
  row,
  seq,
  read,
  version,
  blocked,
  cleared,
}: MessageGroup): z.output<typeof messageGroupStateSchema> => ({
  ...messageGroupView(row),
  seq,
  version,
  blocked,
  ...(read !== undefined && { read }),
  ...(cleared && { cleared }),
});

export const unreadView = ({ unread_count, message_groups, more }: Unread): z.output<typeof unreadSchema> => ({
  unread_count,
  message_groups,
  ...(more && { more }),
});

export const blockView = ({ user, blocked_at }: BlocksPage['blocks'][number]): z.output<typeof blockedUserSchema> => ({
  ...userView(user),
  blocked_at,
});

export const reportView = (report: Uuid): z.output<typeof createdReportSchema> => ({ uuid: report });

export const ticketView = (url: string, { ticket, expires_in }: IssuedTicket): z.output<typeof ticketSchema> => ({
  url,
  ticket,
  expires_in,
});

export const limitsView = ({
  messages,
  messages_before_reply,
  conversations,
  reports,
  searches_per_minute,
}: Limits): z.output<typeof limitsViewSchema> => ({
  messages,
  messages_before_reply,
  conversations,
  reports,
  searches_per_minute,
  message_length: maxCodePoints,
  edit_window_s: editWindow,
});

/** A line of an export. @param me the user whose export it is */
export function exportLineView(entry: ExportEntry, me: User): z.output<typeof exportLineSchema> {
  const { type } = entry;
  switch (type) {
    case 'user': {
      const { email, signed_out_at, suspended_at, ...user } = entry.user;
      return {
        type,
        ...meView(user),
        email,
        ...(signed_out_at && { signed_out_at }),
        ...(suspended_at && { suspended_at }),
      };
    }
    case 'block':
      return { type, ...blockView(entry.block) };
    case 'message_group':
      return { type, ...messageGroupStateView(entry.group) };
    case 'message': {
      const { message_group_uuid } = entry.message;
      return { type, message_group_uuid, ...messageView(entry.message, me, entry.seen) };
    }
    case 'report': {
      const { report_uuid, message_group_uuid, user_uuid, reported_at, message_created_at, reason, note } =
        entry.report;
      return {
        type,
        uuid: report_uuid,
        message_group_uuid,
        user_uuid,
        reported_at,
        ...(message_created_at && { created_at: message_created_at }),
        reason,
        ...(note !== undefined && { note }),
      };
    }
  }
}
