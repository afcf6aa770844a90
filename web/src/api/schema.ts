// Made by `npm run openapi` from docs/openapi.yaml.

/**
 * A message for a conversation, or for a user.
 */
export type NewMessage =
  | {
      /**
       * Stored unchanged: neither trimmed nor normalized.
       */
      message: string;
      message_group_uuid: string;
    }
  | {
      /**
       * Stored unchanged: neither trimmed nor normalized.
       */
      message: string;
      /**
       * In any case, with or without the `@`.
       */
      handle: string;
    };
/**
 * The display name, the settings, or both.
 */
export type ProfileChange =
  | {
      display_name: string;
      /**
       * Whether others see what the caller has read, and the caller what they have.
       */
      read_receipts?: boolean;
    }
  | {
      display_name?: string;
      /**
       * Whether others see what the caller has read, and the caller what they have.
       */
      read_receipts: boolean;
    };
/**
 * What is wrong, for clients. Codes are never renamed.
 */
export type ErrorCode =
  | 'body_invalid'
  | 'message_group_uuid_invalid'
  | 'created_at_invalid'
  | 'after_invalid'
  | 'limit_invalid'
  | 'cursor_invalid'
  | 'user_uuid_invalid'
  | 'prefix_invalid'
  | 'everywhere_invalid'
  | 'idempotency_key_invalid'
  | 'token_invalid'
  | 'session_over'
  | 'person_unknown'
  | 'user_gone'
  | 'user_suspended'
  | 'route_unknown'
  | 'action_unknown'
  | 'handle_unknown'
  | 'message_group_unknown'
  | 'message_unknown'
  | 'user_unknown'
  | 'body_too_large'
  | 'media_type_unsupported'
  | 'message_blank'
  | 'message_exceed_max_chars'
  | 'message_to_self'
  | 'message_not_yours'
  | 'message_deleted'
  | 'edit_window_over'
  | 'recipient_missing'
  | 'recipient_unavailable'
  | 'awaiting_reply'
  | 'block_self'
  | 'report_self'
  | 'note_exceed_max_chars'
  | 'prefix_too_short'
  | 'idempotency_key_reused'
  | 'handle_taken'
  | 'handle_reserved'
  | 'display_name_misleading'
  | 'identity_taken'
  | 'email_unverified'
  | 'person_invalid'
  | 'too_many_messages'
  | 'too_many_conversations'
  | 'too_many_searches'
  | 'too_many_reports'
  | 'throttled'
  | 'message_group_busy';
/**
 * One thing that the caller wrote or can read, on a line of its own.
 */
export type ExportLine = ExportedUser | ExportedBlock | ExportedMessageGroup | ExportedMessage | ExportedReport;

export interface Schemas {
  NewMessage: NewMessage;
  ReadUpTo: ReadUpTo;
  EditedMessage: EditedMessage;
  ClearUpTo: ClearUpTo;
  ProfileChange: ProfileChange;
  NewProfile: NewProfile;
  NewReport: NewReport;
  SessionRequest: SessionRequest;
  ErrorCode: ErrorCode;
  MessageGroup: MessageGroup;
  GatewayProblem: GatewayProblem;
  MessageGroupState: MessageGroupState;
  Unread: Unread;
  Message: Message;
  SentMessage: SentMessage;
  BlockedUser: BlockedUser;
  FoundUser: FoundUser;
  User: User;
  Me: Me;
  ExportLine: ExportLine;
  ExportedUser: ExportedUser;
  ExportedBlock: ExportedBlock;
  ExportedMessageGroup: ExportedMessageGroup;
  ExportedMessage: ExportedMessage;
  ExportedReport: ExportedReport;
  CreatedReport: CreatedReport;
  Ticket: Ticket;
  Session: Session;
  SignIn: SignIn;
  Limits: Limits;
  Problem: Problem;
}
/**
 * The last message that was read.
 */
export interface ReadUpTo {
  /**
   * The `created_at` of the message.
   */
  created_at: string;
}
/**
 * The new text of a message.
 */
export interface EditedMessage {
  /**
   * Stored unchanged: neither trimmed nor normalized.
   */
  message: string;
}
/**
 * The last message that is cleared.
 */
export interface ClearUpTo {
  /**
   * The `created_at` of the message.
   */
  created_at: string;
}
/**
 * The handle and the display name.
 */
export interface NewProfile {
  /**
   * In any case.
   */
  handle: string;
  /**
   * Default: the handle.
   */
  display_name?: string;
}
/**
 * A report of the other participant of a conversation.
 */
export interface NewReport {
  /**
   * The conversation.
   */
  message_group_uuid: string;
  /**
   * The `created_at` of the reported message. Without it, the conversation as a whole is reported.
   */
  created_at?: string;
  /**
   * What is wrong.
   */
  reason: 'spam' | 'harassment' | 'violence' | 'sexual' | 'impersonation' | 'other';
  /**
   * What else the operators should know, in at most 1024 code points.
   */
  note?: string;
}
/**
 * A refresh token, or an empty object to use the cookie.
 */
export interface SessionRequest {
  /**
   * From Cognito, right after sign-in.
   */
  refresh_token?: string;
}
/**
 * A conversation in the inbox of the caller.
 */
export interface MessageGroup {
  uuid: string;
  /**
   * The other participant.
   */
  user_uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  /**
   * The text of the last message.
   */
  message: string;
  /**
   * The time of the last message.
   */
  created_at: string;
  /**
   * The number of messages that the caller has not read.
   */
  unread_count: number;
  /**
   * Whether the caller muted the conversation: it counts in no total.
   */
  muted: boolean;
  /**
   * Whether the caller marked the conversation as unread, and has not read it since.
   */
  marked_unread: boolean;
  /**
   * Grows when what is shown here changes: of two states, the one with the higher number is the later one.
   */
  revision: number;
}
/**
 * An error that API Gateway answers itself: the request reached no function, or the function failed.
 */
export interface GatewayProblem {
  message: string;
}
/**
 * A conversation as it is now, whether or not the inbox shows it yet.
 */
export interface MessageGroupState {
  uuid: string;
  /**
   * The other participant.
   */
  user_uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  /**
   * The text of the last message.
   */
  message: string;
  /**
   * The time of the last message.
   */
  created_at: string;
  /**
   * The number of messages that the caller has not read.
   */
  unread_count: number;
  /**
   * Whether the caller muted the conversation: it counts in no total.
   */
  muted: boolean;
  /**
   * Whether the caller marked the conversation as unread, and has not read it since.
   */
  marked_unread: boolean;
  /**
   * Grows when what is shown here changes: of two states, the one with the higher number is the later one.
   */
  revision: number;
  /**
   * The number of the newest message.
   */
  seq: number;
  /**
   * The number of the caller's messages that the other participant has read. Absent if one of the two has switched read receipts off.
   */
  read?: number;
  /**
   * Grows with each edited or deleted message of the conversation.
   */
  version: number;
  /**
   * Whether the caller blocks the other participant.
   */
  blocked: boolean;
  /**
   * The time up to which the caller has cleared the conversation. `message` is empty as long as no newer message was sent. Absent if they never did.
   */
  cleared?: string;
}
/**
 * What the caller has not read.
 */
export interface Unread {
  /**
   * The number of messages that the caller has not read.
   */
  unread_count: number;
  /**
   * The number of conversations that they are in.
   */
  message_groups: number;
  /**
   * The caller has older conversations, which are not counted. Absent if not.
   */
  more?: true;
}
/**
 * A message and its sender.
 */
export interface Message {
  uuid: string;
  /**
   * The sender.
   */
  user_uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  /**
   * The display name of the sender.
   */
  display_name: string;
  /**
   * The text, exactly as it was sent or edited; empty if the message is deleted.
   */
  message: string;
  /**
   * Strictly increasing within a conversation.
   */
  created_at: string;
  /**
   * The number of the message in its conversation: 1, 2, 3 … without gaps.
   */
  seq: number;
  /**
   * The number of the message among those of its sender in the conversation: 1, 2, 3 … without gaps.
   */
  sender_seq: number;
  /**
   * How often the message was changed: of two states of it, the one with the higher number is the later one.
   */
  revision: number;
  /**
   * When the text was changed last. Absent if it never was.
   */
  edited_at?: string;
  /**
   * When the message was deleted. Absent if it is not.
   */
  deleted_at?: string;
  /**
   * Whether the other participant has read the message. Only in lists of messages and in events, and only the sender sees it; absent if one of the two has switched read receipts off.
   */
  seen?: boolean;
  /**
   * SHA-256 of the `Idempotency-Key` that the message was sent with, in lower-case hex. Only the sender sees it; absent if the request had no key.
   */
  idempotency_key_hash?: string;
}
/**
 * The stored message, with its conversation.
 */
export interface SentMessage {
  uuid: string;
  /**
   * The sender.
   */
  user_uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  /**
   * The display name of the sender.
   */
  display_name: string;
  /**
   * The text, exactly as it was sent or edited; empty if the message is deleted.
   */
  message: string;
  /**
   * Strictly increasing within a conversation.
   */
  created_at: string;
  /**
   * The number of the message in its conversation: 1, 2, 3 … without gaps.
   */
  seq: number;
  /**
   * The number of the message among those of its sender in the conversation: 1, 2, 3 … without gaps.
   */
  sender_seq: number;
  /**
   * How often the message was changed: of two states of it, the one with the higher number is the later one.
   */
  revision: number;
  /**
   * When the text was changed last. Absent if it never was.
   */
  edited_at?: string;
  /**
   * When the message was deleted. Absent if it is not.
   */
  deleted_at?: string;
  /**
   * SHA-256 of the `Idempotency-Key` that the message was sent with, in lower-case hex. Only the sender sees it; absent if the request had no key.
   */
  idempotency_key_hash?: string;
  /**
   * The conversation of the message.
   */
  message_group_uuid: string;
}
/**
 * A user whom the caller blocks.
 */
export interface BlockedUser {
  uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  /**
   * When the caller blocked this user.
   */
  blocked_at: string;
}
/**
 * A user, and the conversation that the caller has with them.
 */
export interface FoundUser {
  uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  /**
   * The conversation of the caller and this user. Absent if they have none.
   */
  message_group_uuid?: string;
}
/**
 * A user.
 */
export interface User {
  uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
}
/**
 * The caller, with their settings.
 */
export interface Me {
  uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  /**
   * Whether the caller shows others what they have read, and sees what others have read.
   */
  read_receipts: boolean;
}
/**
 * The caller: the first line.
 */
export interface ExportedUser {
  uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  type: 'user';
  email: string;
  /**
   * Whether the caller shows others what they have read, and sees what others have read.
   */
  read_receipts: boolean;
  /**
   * When the caller signed out everywhere last.
   */
  signed_out_at?: string;
  /**
   * When an operator suspended the user.
   */
  suspended_at?: string;
}
/**
 * A user whom the caller blocks.
 */
export interface ExportedBlock {
  uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  /**
   * When the caller blocked this user.
   */
  blocked_at: string;
  type: 'block';
}
/**
 * A conversation. Its messages and reports follow.
 */
export interface ExportedMessageGroup {
  uuid: string;
  /**
   * The other participant.
   */
  user_uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  display_name: string;
  /**
   * The text of the last message.
   */
  message: string;
  /**
   * The time of the last message.
   */
  created_at: string;
  /**
   * The number of messages that the caller has not read.
   */
  unread_count: number;
  /**
   * Whether the caller muted the conversation: it counts in no total.
   */
  muted: boolean;
  /**
   * Whether the caller marked the conversation as unread, and has not read it since.
   */
  marked_unread: boolean;
  /**
   * Grows when what is shown here changes: of two states, the one with the higher number is the later one.
   */
  revision: number;
  /**
   * The number of the newest message.
   */
  seq: number;
  /**
   * The number of the caller's messages that the other participant has read. Absent if one of the two has switched read receipts off.
   */
  read?: number;
  /**
   * Grows with each edited or deleted message of the conversation.
   */
  version: number;
  /**
   * Whether the caller blocks the other participant.
   */
  blocked: boolean;
  /**
   * The time up to which the caller has cleared the conversation. `message` is empty as long as no newer message was sent. Absent if they never did.
   */
  cleared?: string;
  type: 'message_group';
}
/**
 * A message: one that the caller sent, or can read.
 */
export interface ExportedMessage {
  uuid: string;
  /**
   * The sender.
   */
  user_uuid: string;
  /**
   * A unique name in lower case.
   */
  handle: string;
  /**
   * The display name of the sender.
   */
  display_name: string;
  /**
   * The text, exactly as it was sent or edited; empty if the message is deleted.
   */
  message: string;
  /**
   * Strictly increasing within a conversation.
   */
  created_at: string;
  /**
   * The number of the message in its conversation: 1, 2, 3 … without gaps.
   */
  seq: number;
  /**
   * The number of the message among those of its sender in the conversation: 1, 2, 3 … without gaps.
   */
  sender_seq: number;
  /**
   * How often the message was changed: of two states of it, the one with the higher number is the later one.
   */
  revision: number;
  /**
   * When the text was changed last. Absent if it never was.
   */
  edited_at?: string;
  /**
   * When the message was deleted. Absent if it is not.
   */
  deleted_at?: string;
  /**
   * Whether the other participant has read the message. Only in lists of messages and in events, and only the sender sees it; absent if one of the two has switched read receipts off.
   */
  seen?: boolean;
  /**
   * SHA-256 of the `Idempotency-Key` that the message was sent with, in lower-case hex. Only the sender sees it; absent if the request had no key.
   */
  idempotency_key_hash?: string;
  type: 'message';
  message_group_uuid: string;
}
/**
 * A report that the caller made within the last 180 days.
 */
export interface ExportedReport {
  type: 'report';
  uuid: string;
  message_group_uuid: string;
  /**
   * The user whom it is about.
   */
  user_uuid: string;
  reported_at: string;
  /**
   * The `created_at` of the reported message. Absent if the conversation as a whole is reported.
   */
  created_at?: string;
  reason: 'spam' | 'harassment' | 'violence' | 'sexual' | 'impersonation' | 'other';
  note?: string;
}
/**
 * The report that was made.
 */
export interface CreatedReport {
  /**
   * The report: an operator finds it by this.
   */
  uuid: string;
}
/**
 * What opens a WebSocket, once.
 */
export interface Ticket {
  /**
   * The address of the WebSocket API. Connect to it with the ticket as the query parameter `ticket`.
   */
  url: string;
  /**
   * Opens one connection. Keep it out of logs.
   */
  ticket: string;
  /**
   * For so many seconds.
   */
  expires_in: number;
}
/**
 * An access token.
 */
export interface Session {
  access_token: string;
  /**
   * In seconds.
   */
  expires_in: number;
}
/**
 * The settings of sign-in in the browser.
 */
export interface SignIn {
  /**
   * The origin of Cognito.
   */
  endpoint: string;
  /**
   * The client of the user pool.
   */
  client_id: string;
  /**
   * The address of the WebSocket API. Absent if this service has none: then clients poll.
   */
  realtime_url?: string;
}
/**
 * The limits of this service. `Retry-After` tells when a request is within them again.
 */
export interface Limits {
  /**
   * Messages and edits of a user in one conversation. Beyond: `429 too_many_messages`.
   */
  messages: {
    /**
     * So many at once.
     */
    burst: number;
    /**
     * Then one in each interval of so many milliseconds.
     */
    interval_ms: number;
  };
  /**
   * Messages to a user who has not answered yet. Beyond: `422 awaiting_reply`.
   */
  messages_before_reply: number;
  /**
   * Conversations that a user starts. Beyond: `429 too_many_conversations`.
   */
  conversations: {
    /**
     * So many at once.
     */
    burst: number;
    /**
     * Then one in each interval of so many milliseconds.
     */
    interval_ms: number;
  };
  /**
   * Reports that a user makes. Beyond: `429 too_many_reports`.
   */
  reports: {
    /**
     * So many at once.
     */
    burst: number;
    /**
     * Then one in each interval of so many milliseconds.
     */
    interval_ms: number;
  };
  /**
   * Searches for users in a minute, as each process of the function counts them. Beyond: `429 too_many_searches`.
   */
  searches_per_minute: number;
  /**
   * Code points of a message.
   */
  message_length: number;
  /**
   * For so many seconds after it was sent, a message may be edited.
   */
  edit_window_s: number;
}
/**
 * Problem details (RFC 9457).
 */
export interface Problem {
  /**
   * Always `about:blank`: the codes are in `errors`.
   */
  type: 'about:blank';
  /**
   * The name of the status.
   */
  title: string;
  status: number;
  /**
   * What is wrong and what to do next. The wording may change.
   */
  detail: string;
  /**
   * One per error in the request; empty if the fault is on our side.
   */
  errors: {
    code: ErrorCode;
    /**
     * What is wrong: a parameter, a header, a field of the body, or the whole `body` or `path`. Absent if the request itself is right.
     */
    field?: string;
  }[];
}
