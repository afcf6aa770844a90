/** A request that failed: in the API, in API Gateway or on the network. The page shows `message`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status; 0 without a response. */
  readonly status: number;
  /** The API's error code, such as `message_blank`; undefined for errors of API Gateway, which have no code. */
  readonly code: string | undefined;
  /** The field of the request that is wrong. */
  readonly field: string | undefined;
  /** `Retry-After`, in seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    about: { status: number; code?: string | undefined; field?: string | undefined; retryAfter?: number | undefined },
  ) {
    super(message);
    this.status = about.status;
    this.code = about.code;
    this.field = about.field;
    this.retryAfter = about.retryAfter;
  }

  /** Whether the same request may succeed later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** An error of Cognito or of a sign-up trigger. The page shows `message` at the form's `field`. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  /** Cognito's exception name, or the error code of our sign-up trigger. */
  readonly code: string;
  readonly field: string | undefined;
  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** No user is signed in, or the session has ended. */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError';
  constructor() {
    super('Sign in to continue.');
  }
}

export const connectionError = () =>
  new ApiError('The service cannot be reached. Check your connection and try again.', {
    status: 0,
    code: 'no_connection',
  });

/** For a successful response with an unexpected body. It may come from a proxy before the service. */
export const unexpectedAnswer = () =>
  new ApiError('The service gave an unexpected answer. Try again.', { status: 502, code: 'unexpected_answer' });

// Messages for errors of API Gateway itself: its own texts, such as `{"message": "Too Many Requests"}`, do not say
// what to do next.
const statusMessages: Record<number, string> = {
  401: 'The service does not accept your session. Try again later.',
  403: 'You are not allowed to do this.',
  404: 'This does not exist. Check the address.',
  413: 'This is too large to send. Shorten it and try again.',
  429: 'Too many requests. Wait a moment and try again.',
};
const fallbackMessage = 'Something went wrong on our side. Try again.';

/**
 * Converts an error response: problem+json (RFC 9457) from the API, `{message}` from API Gateway, or any body from a
 * proxy.
 * @param response a response that is not ok; its body is consumed
 */
export async function toApiError(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  const body: unknown = await response.json().catch(() => undefined);
  const { detail, errors } = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  if (typeof detail !== 'string')
    return new ApiError(statusMessages[status] ?? fallbackMessage, { status, retryAfter });
  const [first] = Array.isArray(errors) ? errors : [];
  return new ApiError(detail, { status, code: first?.code, field: first?.field, retryAfter });
}

interface Problem {
  detail: string;
  errors: { code: string; field?: string }[];
}
