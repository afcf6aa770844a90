/**
 * The code of a domain error. The core does not know HTTP statuses or exit codes; handlers and commands choose them
 * by the code.
 */
export type ErrorCode =
  // malformed: it cannot be parsed
  | 'body_invalid'
  | 'body_too_large'
  | 'media_type_unsupported'
  | 'message_group_uuid_invalid'
  | 'created_at_invalid'
  | 'after_invalid'
  | 'limit_invalid'
  | 'cursor_invalid'
  | 'user_uuid_invalid'
  | 'prefix_invalid'
  | 'everywhere_invalid'
  | 'idempotency_key_invalid'
  | 'person_invalid'
  // authentication
  | 'token_invalid'
  | 'session_over'
  | 'person_unknown'
  | 'user_gone'
  | 'user_suspended'
  // unknown or not accessible to the caller: one code for both, so that a stranger cannot tell whether it exists
  | 'route_unknown'
  | 'action_unknown'
  | 'handle_unknown'
  | 'message_group_unknown'
  | 'message_unknown'
  | 'user_unknown'
  // well-formed, but refused
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
  // temporary: nothing was written, and the same request may succeed later
  | 'too_many_messages'
  | 'too_many_conversations'
  | 'too_many_searches'
  | 'too_many_reports'
  | 'message_group_busy'
  | 'throttled';

/**
 * What an error is about, unless its issue names another field: a parameter, a header, a field of the body, or the whole body or path.
 * Undefined if nothing in the input is wrong, or if the error is about the token.
 */
export const fieldOf: Record<ErrorCode, string | undefined> = {
  body_invalid: 'body',
  body_too_large: 'body',
  media_type_unsupported: 'Content-Type',
  message_group_uuid_invalid: 'message_group_uuid',
  created_at_invalid: 'created_at',
  after_invalid: 'after',
  limit_invalid: 'limit',
  cursor_invalid: 'cursor',
  user_uuid_invalid: 'user_uuid',
  prefix_invalid: 'prefix',
  everywhere_invalid: 'everywhere',
  idempotency_key_invalid: 'Idempotency-Key',
  person_invalid: 'handle',
  token_invalid: undefined,
  session_over: undefined,
  person_unknown: undefined,
  user_gone: undefined,
  user_suspended: undefined,
  route_unknown: 'path',
  action_unknown: 'action',
  handle_unknown: 'handle',
  message_group_unknown: 'message_group_uuid',
  message_unknown: 'created_at',
  user_unknown: 'user_uuid',
  message_blank: 'message',
  message_exceed_max_chars: 'message',
  message_to_self: 'handle',
  message_not_yours: 'created_at',
  message_deleted: 'created_at',
  edit_window_over: 'created_at',
  recipient_missing: 'handle', // or message_group_uuid: either is missing, or both are there
  recipient_unavailable: 'message_group_uuid', // or handle
  awaiting_reply: 'message',
  block_self: 'user_uuid',
  report_self: 'created_at',
  note_exceed_max_chars: 'note',
  prefix_too_short: 'prefix',
  idempotency_key_reused: 'Idempotency-Key',
  handle_taken: 'handle',
  handle_reserved: 'handle',
  display_name_misleading: 'display_name',
  identity_taken: 'cognito_user_id',
  email_unverified: 'email',
  too_many_messages: undefined,
  too_many_conversations: undefined,
  too_many_searches: undefined,
  too_many_reports: undefined,
  message_group_busy: undefined,
  throttled: undefined,
};

/** One violated rule, with the input field that it concerns, if any. */
export interface Issue {
  code: ErrorCode;
  field?: string;
}

/**
 * An expected error. It contains only codes and field names, so it may be logged and sent to the client. Any other
 * error is a bug or an outage.
 */
export class DomainError extends Error {
  readonly issues: readonly [Issue, ...Issue[]];
  /** After how many whole seconds the same request may succeed; undefined if that is unknown, or it cannot. */
  retryAfter?: number;

  constructor(issue: Issue, ...more: Issue[]) {
    super([issue, ...more].map(({ code }) => code).join(', '));
    this.name = 'DomainError';
    this.issues = [issue, ...more];
  }

  /** Whether one of the issues has this code. */
  is(code: ErrorCode): boolean {
    return this.issues.some((issue) => issue.code === code);
  }
}

/** @returns the issue with this code, about this field */
export function toIssue(code: ErrorCode, field = fieldOf[code]): Issue {
  return field === undefined ? { code } : { code, field };
}

/** Makes a domain error with one issue. */
export function domainError(code: ErrorCode, field?: string): DomainError {
  return new DomainError(toIssue(code, field));
}

/** Makes the error of a request that is over a limit. @param retryAfter see {@link DomainError} */
export function overLimit(code: ErrorCode, retryAfter: number): DomainError {
  return Object.assign(domainError(code), { retryAfter });
}
