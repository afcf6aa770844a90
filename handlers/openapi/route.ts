import * as z from 'zod';
import type { ZodOpenApiOverrideMetaContext, ZodOpenApiParameters, ZodOpenApiResponseObject } from 'zod-openapi';
import type { ErrorCode } from '../../core/errors.ts';
import { limit as limitSchema } from '../../core/model/paging.ts';

/** A route of serverless.yml as the document describes it. */
export interface Route {
  /** The function's name in serverless.yml, where it has one route; else it begins with it. */
  operationId: string;
  tag: 'Conversations' | 'Users' | 'Browser' | 'Other';
  summary: string;
  description?: string;
  /** Whether API Gateway asks for an access token. */
  needsToken: boolean;
  params?: ZodOpenApiParameters;
  body?: { schema: z.ZodType; examples: Record<string, object> };
  /** The answer to a good request, if there is one. */
  success?: ZodOpenApiResponseObject & { status: 200 | 204 };
  /** Every domain error that it answers with. */
  errors: ErrorCode[];
  /** Those of a body that one answer may name beside a malformed field of it. */
  besideMalformed?: ErrorCode[];
  /** What a 404 of plain text means. */
  missing?: string;
}

export const ofCaller: ErrorCode[] = ['token_invalid', 'person_unknown', 'throttled'];
export const ofBody: ErrorCode[] = ['body_invalid', 'body_too_large', 'media_type_unsupported'];

// The schema takes digits out of a URL too; the document shows the number that they stand for.
const { $schema: _, ...limitOut } = z.toJSONSchema(limitSchema, { io: 'output' });
export const limit = limitSchema.meta({
  override: ({ jsonSchema }: ZodOpenApiOverrideMetaContext) => {
    delete jsonSchema.anyOf;
    Object.assign(jsonSchema, limitOut);
  },
  param: { description: 'How many to answer with.' },
});

export const noStore = { 'Cache-Control': z.literal('no-store') };

/** The answer `200` with a body. */
export const ok = (schema: z.ZodType, example: unknown, description: string) => ({
  status: 200 as const,
  description,
  headers: z.object(noStore),
  content: { 'application/json': { schema, example } },
});

/** The answer `200` with a page of a list. */
export const page = (schema: z.ZodType, example: unknown, description: string) => ({
  ...ok(schema, example, description),
  headers: z.object({
    ...noStore,
    Link: z
      .string()
      .regex(/^<\/[^<>]+>; rel="next"$/)
      .optional()
      .meta({
        header: { description: 'The next page (RFC 8288); not there when this is the last.' },
        examples: ['</api/message_groups?cursor=WyJt.iZIx8PSAbvoFY7rO&limit=20>; rel="next"'],
      }),
  }),
});

/** The answer `204`. */
export const done = (description: string) => ({
  status: 204 as const,
  description,
  headers: z.object(noStore),
});
