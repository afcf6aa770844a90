import { STATUS_CODES } from 'node:http';
import { DomainError, type ErrorCode, type Issue } from '../../core/errors.ts';

/** What each refusal of the core is in HTTP. A code without a status does not compile. */
const statusOf: Record<ErrorCode, number> = {
  body_invalid: 400,
  message_group_uuid_invalid: 400,
  created_at_invalid: 400,
  after_invalid: 400,
  limit_invalid: 400,
  cursor_invalid: 400,
  prefix_invalid: 400,
  idempotency_key_invalid: 400,
  token_invalid: 401,
  person_unknown: 403,
  handle_unknown: 404,
  message_group_unknown: 404,
  message_unknown: 404,
  body_too_large: 413,
  media_type_unsupported: 415,
  message_blank: 422,
  message_exceed_max_chars: 422,
  message_to_self: 422,
  recipient_missing: 422,
  idempotency_key_reused: 422,
  handle_taken: 422,
  identity_taken: 422,
  person_invalid: 422,
  throttled: 429,
  message_group_busy: 503,
};

const retryAfterSeconds = 1;

/** An answer in problem+json (RFC 9457), and the headers that go with it. */
export interface ProblemResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** Turns whatever was thrown into an answer: a refusal says what is wrong, anything else says no more than that it went wrong. */
export function toProblem(error: unknown): ProblemResponse {
  const issues: readonly Issue[] = error instanceof DomainError ? error.issues : [];
  // Of several issues a malformed one decides: 400 before 422.
  const status = issues.length > 0 ? Math.min(...issues.map(({ code }) => statusOf[code])) : 500;
  const problem = {
    type: 'about:blank', // RFC 9457: the status says it all; the codes are in `errors`
    title: STATUS_CODES[status],
    status,
    detail:
      issues.length > 0
        ? issues.map(sentence).join(' ')
        : 'Something went wrong on our side. The request may be sent again.',
    errors: issues,
  };
  const retryLater = status === 429 || status === 503;
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryLater && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(problem),
  };
}

const sentences: Record<ErrorCode, string> = {
  body_invalid: 'The body is not the JSON that this route takes.',
  body_too_large: 'The body is larger than 16 KB.',
  media_type_unsupported: 'The body must be sent as application/json.',
  message_group_uuid_invalid: 'message_group_uuid is not a UUID.',
  created_at_invalid: 'created_at is not a time as this service writes it (2023-03-24T09:45:01.561513+00:00).',
  after_invalid: 'after is not a time as this service writes it (2023-03-24T09:45:01.561513+00:00).',
  limit_invalid: 'limit must be a whole number from 1 to 100.',
  cursor_invalid: 'The cursor is damaged, was made for another list, or came together with after.',
  prefix_invalid: 'prefix must be the beginning of a handle: 1 to 30 of a–z, 0–9 and _.',
  idempotency_key_invalid: 'Idempotency-Key must be 1 to 128 visible ASCII characters.',
  person_invalid: 'The handle, the display name, the id or the e-mail address of the person is not valid.',
  token_invalid: 'An access token is needed.',
  person_unknown: 'The token is good, but belongs to nobody here.',
  handle_unknown: 'Nobody has this handle.',
  message_group_unknown: 'There is no such conversation, or you are not part of it.',
  message_unknown: 'No message of this conversation has this time.',
  message_blank: 'The message has no visible character.',
  message_exceed_max_chars: 'The message is longer than 1024 characters.',
  message_to_self: 'A message goes to somebody else.',
  recipient_missing: 'Either handle or message_group_uuid must say where the message goes.',
  idempotency_key_reused: 'This Idempotency-Key came before with another body.',
  handle_taken: 'Somebody else has this handle.',
  identity_taken: 'This sign-in belongs to somebody else.',
  message_group_busy: 'Too many people write to this conversation at once. Nothing was stored: try again.',
  throttled: 'Too many requests at once. Nothing was stored: try again.',
};

function sentence({ code }: Issue): string {
  return sentences[code];
}
