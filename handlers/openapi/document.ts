import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverrideContext,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import { errorCode, problem, problemResponses } from './problems.ts';
import { fileHeaders, type Route } from './route.ts';
import { routes } from './routes.ts';

/** What applies to all routes. */
const description = `Direct messages between two users.

- Every route under \`/api\` requires an access token of the user pool: \`Authorization: Bearer …\`. Id tokens are rejected.
- Bodies are JSON, at most 16 KB. A message has at most 1024 code points.
- Lists come in pages: \`limit\` is 1 to 100, default 20, and \`Link: <…>; rel="next"\` (RFC 8288) leads to the next page.
- Errors are \`application/problem+json\` (RFC 9457), with a code and the field. Errors that API Gateway answers itself are \`{"message": …}\`.
- After a 429 or 503 nothing was stored: repeat the request after \`Retry-After\` seconds.
- New fields may be added to any object: ignore fields that you do not know.`;

/** @returns the OpenAPI document of the HTTP API, made from its routes and from the schemas that validate their input */
export function openApiDocument() {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Cruddur messages',
        version: packageJson.version,
        description,
        license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'The origin that serves this document.' }],
      tags: [
        { name: 'Conversations', description: 'Messages, and the inbox.' },
        { name: 'Users', description: 'The caller and other users.' },
        { name: 'Realtime', description: 'What opens and ends WebSockets.' },
        { name: 'Browser', description: 'The web client, and its session.' },
        { name: 'Other', description: 'This document, and paths without a route.' },
      ],
      components: {
        schemas: { Problem: problem, ErrorCode: errorCode },
        securitySchemes: {
          accessToken: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'An access token of the user pool, valid for one hour.',
          },
        },
      },
      paths: pathsOf(routes),
    },
    { override: withoutIntegerMaximum },
  );
}

/** Removes the maximum that Zod sets on every integer. */
export const withoutIntegerMaximum = ({ jsonSchema }: ZodOpenApiOverrideContext): void => {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};

function pathsOf(all: Record<string, Route>): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries(all)) {
    const [method = '', path = ''] = documented(name).split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(route) };
  }
  return paths;
}

/** @returns the path of a route in the document: OpenAPI has no path parameter that spans several segments */
export const documented = (route: string) => route.replace('{proxy+}', '{path}');

function operation(route: Route): ZodOpenApiOperationObject {
  const { operationId, tag, summary, needsToken, params, body, success, isConditional, missing } = route;
  const gateway = [
    ...(needsToken ? [401, 403] : []),
    ...(route.errors.includes('body_too_large') ? [413] : []),
    429,
    500,
    503,
  ];
  const responses = problemResponses({ ...route, gateway });
  if (isConditional)
    responses[304] = {
      description: 'The client has it already.',
      headers: z.object({ ...fileHeaders, 'Cache-Control': z.string() }),
    };
  if (missing) responses[404] = { description: missing, content: { 'text/plain': { schema: { type: 'string' } } } };
  const { status, ...answer } = success ?? {};
  return {
    operationId,
    tags: [tag],
    summary,
    ...(route.description && { description: route.description }),
    security: needsToken ? [{ accessToken: [] }] : [],
    ...(params && { requestParams: params }),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: body.schema,
            examples: Object.fromEntries(Object.entries(body.examples).map(([name, value]) => [name, { value }])),
          },
        },
      },
    }),
    responses: { ...(status && { [status]: answer as Required<typeof answer> }), ...responses },
  };
}
