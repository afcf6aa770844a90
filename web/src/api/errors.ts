/** What the API, API Gateway or the way there has to say against a request. `message` is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The API's own code, such as `message_blank`, where it named one. */
  readonly code: string | undefined;
  /** The field that is wrong, where there is one. */
  readonly field: string | undefined;
  /** In seconds, where the answer said so. */
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

  /** Whether the same request may well succeed later, unchanged. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** A refusal of Cognito, in words, with the field of the form that it is about. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  /** Cognito's name for it, or the API's code where the refusal is our own. */
  readonly code: string;
  readonly field: string | undefined;
  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** Nobody is signed in (any more). */
export class SignedOutError extends Error {
  override readonly name = 'SignedOutError';
  constructor() {
    super('Sign in to go on.');
  }
}

export const connectionError = () =>
  new ApiError('The service cannot be reached. Check the connection.', { status: 0, code: 'no_connection' });

// API Gateway's own answers are `{"message": "Too Many Requests"}`: no sentence for people.
const sentences: Record<number, string> = {
  401: 'Sign in to go on.',
  403: 'This is not allowed.',
  404: 'There is no such thing.',
  413: 'This is too large to be sent.',
  429: 'Too many requests just now. Try again in a moment.',
};
const otherwise = 'Something went wrong on our side. Try again.';

/**
 * Reads a refusal in either shape: problem+json (RFC 9457) of the API, `{message}` of API Gateway, or whatever a proxy says.
 * @param response one that is not ok; its body is read
 */
export async function toApiError(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  const body: unknown = await response.json().catch(() => undefined);
  const { detail, errors } = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  if (typeof detail !== 'string') return new ApiError(sentences[status] ?? otherwise, { status, retryAfter });
  const [first] = Array.isArray(errors) ? errors : [];
  return new ApiError(detail, { status, code: first?.code, field: first?.field, retryAfter });
}

interface Problem {
  detail: string;
  errors: { code: string; field?: string }[];
}
