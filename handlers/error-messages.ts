import type { ErrorCode, Issue } from '../core/errors.ts';

/** The message for users per code: what is wrong and what to do. */
export const errorMessages: Record<ErrorCode, string> = {
  body_invalid: 'The body is not valid for this route. Send the JSON object that its documentation describes.',
  body_too_large: 'The body is larger than 16 KB. Send a shorter one.',
  media_type_unsupported: 'The media type of the body is not supported. Send it as application/json.',
  message_group_uuid_invalid: 'message_group_uuid must be a UUID.',
  created_at_invalid:
    'created_at must have the form of the times in this API, such as 2023-03-24T09:45:01.561513+00:00.',
  after_invalid: 'after must have the form of the times in this API, such as 2023-03-24T09:45:01.561513+00:00.',
  limit_invalid: 'limit must be a whole number from 1 to 100, in a search for users to 10.',
  cursor_invalid:
    'The cursor is damaged, belongs to another list, or was sent together with after. Start again without it.',
  user_uuid_invalid: 'user_uuid must be a UUID.',
  prefix_invalid: 'prefix must be the beginning of a handle or of a name, in 80 characters at most.',
  everywhere_invalid: 'everywhere must be true, or left out to sign out in this browser only.',
  idempotency_key_invalid: 'Idempotency-Key must be 1 to 128 visible ASCII characters.',
  person_invalid:
    'The handle, the display name, the user id or the e-mail address is not valid. Correct it and try again.',
  token_invalid: 'The request has no valid access token. Sign in and send the access token.',
  session_over: 'The session has ended. Sign in again.',
  person_unknown: 'You have no profile yet. Create one first.',
  user_gone: 'This account was deleted.',
  user_suspended: 'This account is suspended. Ask the operator of this service.',
  action_unknown: 'This action does not exist. There are `ping` and `typing`.',
  route_unknown: 'This route does not exist. Check the method and the path.',
  handle_unknown: 'No user has this handle. Check the spelling.',
  message_group_unknown: 'There is no such conversation, or you are not part of it.',
  message_unknown: 'This conversation has no message with this created_at. Use the created_at of one of its messages.',
  user_unknown: 'There is no such user.',
  message_blank: 'The message has no visible character. Write something.',
  message_exceed_max_chars: 'The message is longer than 1024 characters. Shorten it.',
  message_to_self: 'You cannot send a message to yourself. Choose another user.',
  message_not_yours: 'Only its sender can change a message.',
  message_deleted: 'The message is deleted.',
  edit_window_over: 'A message can be edited for 24 hours. Send a new one.',
  recipient_missing: 'Send either handle or message_group_uuid, to say where the message goes.',
  recipient_unavailable: 'This user cannot be reached. Nothing was sent.',
  awaiting_reply: 'The other user has not answered yet. You can write again when they do.',
  block_self: 'You cannot block yourself. Choose another user.',
  report_self: 'This message is your own. Report a message of the other user.',
  note_exceed_max_chars: 'The note is longer than 1024 characters. Shorten it.',
  prefix_too_short: 'The search is too short. Write at least two letters or digits of a handle or a name.',
  idempotency_key_reused: 'This Idempotency-Key was used with another body. Use a new key.',
  handle_taken: 'Another user has this handle. Choose a different one.',
  handle_reserved: 'This handle is reserved for the service itself. Choose a different one.',
  display_name_misleading:
    'The display name has characters that show nothing, stacked accents, styled letters, or words that mix scripts. Write it in plain letters of one language.',
  identity_taken: 'This sign-in already belongs to a user with another handle.',
  email_unverified: 'Your e-mail address is not verified. Verify it first.',
  too_many_messages: 'Too many messages in a short time. Nothing was sent. Wait a little, then try again.',
  too_many_conversations: 'Too many new conversations in a short time. Nothing was sent. Try again later.',
  too_many_searches: 'Too many searches within a minute. Wait a moment, and search again.',
  too_many_reports: 'Too many reports within a day. Nothing was sent. Try again later.',
  message_group_busy: 'Too many writes to this conversation at once. Nothing was stored. Try again.',
  throttled: 'Too many requests at once. Nothing was stored. Try again.',
};

/** The messages of `person_invalid` by the field that it concerns. */
const personMessages: Record<string, string> = {
  handle: 'The handle must be 1 to 30 letters, digits and underscores. Correct it and try again.',
  display_name:
    'The display name must be 1 to 40 characters on one line, of which at least one is visible. Correct it and try again.',
  email: 'The e-mail address is not valid. Correct it and try again.',
};

/** @returns the message for users about an issue */
export function messageFor({ code, field = '' }: Issue): string {
  return (code === 'person_invalid' && personMessages[field]) || errorMessages[code];
}
