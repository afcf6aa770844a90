import { STATUS_CODES } from 'node:http';
import { DomainError, type ErrorCode, type Issue } from '../../core/errors.ts';
import { messageFor } from '../error-messages.ts';

/** The HTTP status of each error code. A code without a status does not compile. */
export const statusOf: Record<ErrorCode, number> = {
  body_invalid: 400,
  message_group_uuid_invalid: 400,
  created_at_invalid: 400,
  after_invalid: 400,
  limit_invalid: 400,
  cursor_invalid: 400,
  user_uuid_invalid: 400,
  prefix_invalid: 400,
  everywhere_invalid: 400,
  idempotency_key_invalid: 400,
  token_invalid: 401,
  session_over: 401,
  person_unknown: 403,
  user_gone: 403,
  user_suspended: 403,
  route_unknown: 404,
  action_unknown: 404,
  handle_unknown: 404,
  message_group_unknown: 404,
  message_unknown: 404,
  user_unknown: 404,
  body_too_large: 413,
  media_type_unsupported: 415,
  message_blank: 422,
  message_exceed_max_chars: 422,
  message_to_self: 422,
  message_not_yours: 422,
  message_deleted: 422,
  edit_window_over: 422,
  recipient_missing: 422,
  recipient_unavailable: 422,
  awaiting_reply: 422,
  block_self: 422,
  report_self: 422,
  note_exceed_max_chars: 422,
  prefix_too_short: 422,
  idempotency_key_reused: 422,
  handle_taken: 422,
  handle_reserved: 422,
  display_name_misleading: 422,
  identity_taken: 422,
  email_unverified: 422,
  person_invalid: 422,
  too_many_messages: 429,
  too_many_conversations: 429,
  too_many_searches: 429,
  too_many_reports: 429,
  throttled: 429,
  message_group_busy: 503,
};

const retryAfterSeconds = 1; // by default

/** An answer in problem+json (RFC 9457), with its headers. */
export interface ProblemResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** @returns the response to an error: for a domain error with its codes, for any other error without details */
export function toProblem(error: unknown): ProblemResponse {
  const issues: readonly Issue[] = error instanceof DomainError ? error.issues : [];
  // If there are several issues, the lowest status is used, so that a malformed field (400) takes precedence over a
  // 422.
  const status = issues.length > 0 ? Math.min(...issues.map(({ code }) => statusOf[code])) : 500;
  const problem = {
    type: 'about:blank', // RFC 9457: the type says no more than the status does; the codes are in `errors`
    title: STATUS_CODES[status],
    status,
    detail:
      issues.length > 0
        ? issues.map(messageFor).join(' ')
        : 'Something went wrong on our side. The request may be sent again.',
    errors: issues,
  };
  const retryAfter = (error instanceof DomainError ? error.retryAfter : undefined) ?? retryAfterSeconds;
  const retryLater = status === 429 || status === 503;
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryLater && { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify(problem),
  };
}
