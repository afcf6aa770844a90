/**
 * Every way in which the domain says no. What a code means to a caller (an HTTP status, an exit code) is decided by that
 * caller: the core knows nothing of either.
 */
export type ErrorCode =
  // malformed: it cannot be read
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
  // who is asking
  | 'token_invalid'
  | 'session_over'
  | 'person_unknown'
  // unknown, or not yours: the two are never told apart
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
  // not now: nothing was written, the same request may succeed later
  | 'message_group_busy'
  | 'throttled';

/** One thing that is wrong, and the field of the input that it is wrong with, where there is one. */
export interface Issue {
  code: ErrorCode;
  field?: string;
}

/** An expected refusal. Carries codes and field names only, so it is safe to log and to answer. Anything else thrown is a bug or an outage. */
export class DomainError extends Error {
  readonly issues: readonly [Issue, ...Issue[]];

  constructor(issue: Issue, ...more: Issue[]) {
    super([issue, ...more].map(({ code }) => code).join(', '));
    this.name = 'DomainError';
    this.issues = [issue, ...more];
  }

  /** Whether this is the refusal that the code names. */
  is(code: ErrorCode): boolean {
    return this.issues.some((issue) => issue.code === code);
  }
}

/** Makes a refusal with one issue. */
export function domainError(code: ErrorCode, field?: string): DomainError {
  return new DomainError(field === undefined ? { code } : { code, field });
}
