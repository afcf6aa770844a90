import * as z from 'zod';
import { defaultLimits } from '../../../core/model/limits.ts';
import { limitsViewSchema } from '../../http/view-schemas.ts';
import { limitsView } from '../../http/views.ts';
import { file, fileHeaders, ofCaller, ok, type Route } from '../route.ts';

export const other: Record<string, Route> = {
  'GET /api/limits': {
    operationId: 'getLimits',
    tag: 'Other',
    summary: 'Get the limits of this service',
    description: 'A request that is over a limit is refused at once, and stores nothing.',
    needsToken: true,
    success: ok(limitsViewSchema, limitsView(defaultLimits), 'The limits.'),
    errors: ofCaller,
  },

  ...file('GET /openapi.json', {
    operationId: 'openApi',
    tag: 'Other',
    summary: 'Get this document',
    success: {
      status: 200,
      description: 'The OpenAPI document.',
      headers: z.object({ 'Cache-Control': z.literal('public, max-age=3600'), ...fileHeaders }),
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { openapi: { const: '3.1.1' }, info: { type: 'object' }, paths: { type: 'object' } },
            required: ['openapi', 'info', 'paths'],
          },
        },
      },
    },
  }),

  ...unknownRoutes(),
};

/** Answers every path under `/api` without a route. */
function unknownRoutes(): Record<string, Route> {
  const route = (operationId: string): Route => ({
    operationId,
    tag: 'Other',
    summary: 'Any other path of the API',
    description: 'This route does not exist. A request without an access token gets a `401`.',
    needsToken: true,
    errors: ['token_invalid', 'route_unknown'],
  });
  const params = { path: z.object({ path: z.string().meta({ examples: ['nothing'] }) }) };
  return {
    'GET /api': route('unknownRoute'),
    ...Object.fromEntries(
      ['Get', 'Head', 'Post', 'Put', 'Patch', 'Delete'].map((method) => [
        `${method.toUpperCase()} /api/{proxy+}`,
        { ...route(`unknownRoute${method}`), params },
      ]),
    ),
  };
}
