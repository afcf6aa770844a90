import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import type { oas31, ZodOpenApiResponseObject } from 'zod-openapi';
import { domainError, type ErrorCode, fieldOf } from '../../core/errors.ts';
import { errorMessages } from '../error-messages.ts';
import { statusOf, toProblem } from '../middleware/problem.ts';

// The error responses in the OpenAPI document: those that the functions return, and those that API Gateway returns
// before it calls a function.

export const errorCode = z.enum(Object.keys(statusOf) as [ErrorCode, ...ErrorCode[]]).meta({
  id: 'ErrorCode',
  description: 'What is wrong, for clients. Codes are never renamed.',
});

export const problem = z
  .object({
    type: z.literal('about:blank').meta({ description: 'Always `about:blank`: the codes are in `errors`.' }),
    title: z.string().meta({ description: 'The name of the status.' }),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is wrong and what to do next. The wording may change.' }),
    errors: z
      .array(
        z.object({
          code: errorCode,
          field: z.string().optional().meta({
            description:
              'What is wrong: a parameter, a header, a field of the body, or the whole `body` or `path`. Absent if the request itself is right.',
          }),
        }),
      )
      .meta({ description: 'One per error in the request; empty if the fault is on our side.' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' });

const gatewayProblem = z.object({ message: z.string() }).meta({
  id: 'GatewayProblem',
  description: 'An error that API Gateway answers itself: the request reached no function, or the function failed.',
});

/** By status: API Gateway's own message. */
const gatewayMessages: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

interface Problems {
  /** The domain errors of the route. */
  errors: ErrorCode[];
  /**
   * A request with several faults gets one answer that lists all of them. These codes have the status 422, and a 400 may list them beside a
   * malformed field.
   */
  besideMalformed?: ErrorCode[];
  /** The statuses that API Gateway may answer itself. */
  gateway: number[];
}

/** @returns a route's error responses, by status */
export function problemResponses({ errors, besideMalformed = [], gateway }: Problems) {
  const statuses = [...new Set([...errors.map((code) => statusOf[code]), ...gateway, 500])].toSorted();
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = errors.filter((code) => statusOf[code] === status);
      const beside = status === 400 ? besideMalformed : [];
      return [status, problemResponse({ status, codes, beside, fromGateway: gateway.includes(status) })];
    }),
  );
}

interface ProblemKind {
  status: number;
  codes: ErrorCode[];
  beside: ErrorCode[];
  fromGateway: boolean;
}

/**
 * The responses made so far. Routes with equal responses share one object, so that it becomes one component of the
 * document.
 */
const responses = new Map<string, ZodOpenApiResponseObject>();

function problemResponse(kind: ProblemKind): ZodOpenApiResponseObject {
  const key = JSON.stringify(kind);
  const response = responses.get(key) ?? newProblemResponse(kind);
  responses.set(key, response);
  return response;
}

function newProblemResponse({ status, codes, beside, fromGateway }: ProblemKind): ZodOpenApiResponseObject {
  const examples = codes.length > 0 ? codes.map((code) => example(code)) : status === 500 ? [example()] : [];
  const gatewayMessage = gatewayMessages[status];
  return {
    ...(codes.length < 2 && beside.length === 0 && { id: pascal(codes[0] ?? String(STATUS_CODES[status])) }),
    description: [
      ...examples.map(({ errors: [first], detail }) =>
        first ? `\`${first.code}\`: ${errorMessages[first.code]}` : detail,
      ),
      ...(fromGateway ? [`API Gateway itself: ${gatewayMessage}.`] : []),
    ].join('\n\n'),
    ...headersOf(status, codes, fromGateway),
    content: {
      ...(examples.length > 0 && {
        'application/problem+json': {
          schema: problemSchemaOf(status, codes, beside),
          examples: Object.fromEntries(examples.map((value) => [value.errors[0]?.code ?? 'unexpected', { value }])),
        },
      }),
      ...(fromGateway && {
        'application/json': {
          schema: gatewayProblem,
          examples: { gateway: { value: { message: gatewayMessage } } },
        },
      }),
    },
  };
}

function headersOf(status: number, codes: ErrorCode[], fromGateway: boolean): { headers?: oas31.HeadersObject } {
  if (status === 401 && fromGateway) return { headers: { 'WWW-Authenticate': { schema: { type: 'string' } } } };
  if (codes.includes('session_over')) {
    const schema = { type: 'string' as const, pattern: '^__Host-session=;' };
    return { headers: { 'Set-Cookie': { description: 'An empty cookie that has expired.', required: true, schema } } };
  }
  if (!codes.some((code) => [429, 503].includes(statusOf[code]))) return {};
  const schema = { type: 'integer' as const, minimum: 1, examples: [1] };
  return { headers: { 'Retry-After': { description: 'The wait before the next attempt, in seconds.', schema } } };
}

/** @returns the schema of a problem response, restricted to this status and these codes */
function problemSchemaOf(status: number, codes: ErrorCode[], beside: ErrorCode[]) {
  const withCode = (...of: ErrorCode[]) => {
    const code = { enum: of };
    if (!of.every((each) => fieldOf[each])) return { properties: { code } };
    return { properties: { code, field: { type: 'string' as const } }, required: ['field'] };
  };
  const errors =
    codes.length > 0
      ? {
          minItems: 1,
          items: withCode(...codes, ...beside),
          ...(beside.length > 0 && { contains: withCode(...codes) }),
        }
      : { maxItems: 0 };
  return { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { status: { const: status }, errors } }] };
}

/** @returns the body of the response to this code; without a code, of the response to an unexpected error */
function example(code?: ErrorCode): z.output<typeof problem> {
  return JSON.parse(toProblem(code && domainError(code)).body);
}

const pascal = (words: string) =>
  words
    .split(/[_ ]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
