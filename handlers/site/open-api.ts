import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parse } from 'yaml';
import { http } from '../middleware/http.ts';
import { compressible, fileResponse } from './files.ts';

const yaml = readFileSync(resolve('docs/openapi.yaml'), 'utf8'); // travels with the function, which starts in its folder
const document = { type: 'application/json', ...compressible(Buffer.from(JSON.stringify(parse(yaml)))) };

/** The OpenAPI document of the API, as it is committed; JSON, because every client reads that. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(http())
  .handler(async ({ headers }) => fileResponse(document, 'public, max-age=3600', headers['accept-encoding']));
