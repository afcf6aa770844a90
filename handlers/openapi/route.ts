import * as z from 'zod';
import type { ZodOpenApiOverrideMetaContext, ZodOpenApiParameters, ZodOpenApiResponseObject } from 'zod-openapi';
import type { ErrorCode } from '../../core/errors.ts';
import { cursor as cursorSchema, limit as limitSchema } from '../../core/model/paging.ts';

/** The document's description of a route of serverless.yml. */
export interface Route {
  /** The function's name in serverless.yml; a suffix follows if the function has several routes. */
  operationId: string;
  tag: 'Conversations' | 'Users' | 'Realtime' | 'Browser' | 'Other';
  summary: string;
  description?: string;
  /** Whether API Gateway requires an access token. */
  needsToken: boolean;
  params?: ZodOpenApiParameters;
  body?: { schema: z.ZodType; examples: Record<string, object> };
  /** The response to a valid request; undefined if every request fails. */
  success?: ZodOpenApiResponseObject & { status: 200 | 201 | 202 | 204 };
  /** All domain errors that the route may answer. */
  errors: ErrorCode[];
  /**
   * A request with several faults gets one answer that lists all of them. These codes have the status 422, and a 400 may list them beside a
   * malformed field.
   */
  besideMalformed?: ErrorCode[];
  /** Whether a request may say which version the client has (`If-None-Match`), so that the answer may be a `304`. */
  isConditional?: true;
  /** The description of the 404 in plain text, if the route has one. */
  missing?: string;
}

export const ofCaller: ErrorCode[] = [
  'token_invalid',
  'person_unknown',
  'user_gone',
  'user_suspended',
  'throttled',
  'message_group_busy',
];
export const ofBody: ErrorCode[] = ['body_invalid', 'body_too_large', 'media_type_unsupported'];

/** The schema of a `limit` accepts a number and also the digits of a query string; the document shows the number only. */
export function limitParameter(schema: typeof limitSchema) {
  const { $schema: _, ...limitOut } = z.toJSONSchema(schema, { io: 'output' });
  return schema.check(
    z.meta({
      override: ({ jsonSchema }: ZodOpenApiOverrideMetaContext) => {
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, limitOut);
      },
      param: { description: 'The number of entries on a page.' },
    }),
  );
}
export const limit = limitParameter(limitSchema);

export const cursor = cursorSchema.check(
  z.meta({ param: { description: 'Opaque: taken from the `Link` header of the previous page.' } }),
);

const ifNoneMatch = z
  .string()
  .regex(/^[\x20-\x7e]*$/)
  .optional()
  .meta({ param: { description: 'The `ETag` of what the client has.' } });

/** @returns the route, which answers `304` to a client that has what it would answer; and its answers without a body, by `HEAD` */
export function file(name: string, route: Omit<Route, 'needsToken' | 'errors'>): Record<string, Route> {
  const { success, ...rest } = route;
  const common: Route = {
    ...rest,
    needsToken: false,
    errors: [],
    isConditional: true,
    params: { ...rest.params, header: z.object({ 'If-None-Match': ifNoneMatch }) },
  };
  const { content: _, ...withoutBody } = success ?? { status: 200, description: '' };
  return {
    [name]: { ...common, ...(success && { success }) },
    [name.replace('GET ', 'HEAD ')]: {
      ...common,
      operationId: `${rest.operationId}Head`,
      summary: `${rest.summary}: the headers only`,
      success: withoutBody,
    },
  };
}

/** The headers of a file. */
export const fileHeaders = {
  ETag: z.string().regex(/^W\/"[\w-]+"$/),
  Vary: z.string().regex(/^accept-encoding(,|$)/),
};

export const noStore = { 'Cache-Control': z.literal('no-store') };

/** @returns a response `200` with a JSON body */
export const ok = (schema: z.ZodType, example: unknown, description: string) => ({
  status: 200 as const,
  description,
  headers: z.object(noStore),
  content: { 'application/json': { schema, example } },
});

/** @returns a response `201` with a JSON body */
export const made = (schema: z.ZodType, example: unknown, description: string) => ({
  ...ok(schema, example, description),
  status: 201 as const,
});

/** @returns a response `200` with a page of a list */
export const page = (schema: z.ZodType, example: unknown, description: string) => ({
  ...ok(schema, example, description),
  headers: z.object({
    ...noStore,
    Link: z
      .string()
      .regex(/^<\/[^<>]+>; rel="next"$/)
      .optional()
      .meta({
        header: { description: 'The next page (RFC 8288); absent on the last page.' },
        examples: ['</api/message_groups?cursor=WyJt.iZIx8PSAbvoFY7rO&limit=20>; rel="next"'],
      }),
  }),
});

/** @returns a response `202` without a body */
export const accepted = (description: string) => ({
  status: 202 as const,
  description,
  headers: z.object(noStore),
});

/** @returns a response `200` with a page of JSON lines; the schema is that of one line, since OpenAPI 3.1 has none of several */
export const linesPage = (schema: z.ZodType, example: unknown, description: string) => ({
  ...page(schema, example, description),
  content: { 'application/x-ndjson': { schema, example } },
});

/** @returns a response `204` */
export const done = (description: string) => ({
  status: 204 as const,
  description,
  headers: z.object(noStore),
});
