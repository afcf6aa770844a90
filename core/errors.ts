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
  | 'prefix_invalid'
  | 'idempotency_key_invalid'
  | 'person_invalid'
  // authentication
  | 'token_invalid'
  | 'session_over'
  | 'person_unknown'
  // unknown or not accessible to the caller: one code for both, so that a stranger cannot tell whether it exists
  | 'route_unknown'
  | 'handle_unknown'
  | 'message_group_unknown'
  | 'message_unknown'
  // well-formed, but refused
  | 'message_blank'
  | 'message_exceed_max_chars'
  | 'message_to_self'
  | 'recipient_missing'
  | 'idempotency_key_reused'
  | 'handle_taken'
  | 'identity_taken'
  // temporary: nothing was written, and the same request may succeed later
  | 'message_group_busy'
  | 'throttled';

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

/** Makes a domain error with one issue. */
export function domainError(code: ErrorCode, field?: string): DomainError {
  return new DomainError(field === undefined ? { code } : { code, field });
}
