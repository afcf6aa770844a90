import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parse } from 'yaml';
import { http } from '../middleware/http.ts';
import { compressible, fileResponse } from './files.ts';

const yaml = readFileSync(resolve('docs/openapi.yaml'), 'utf8'); // packaged with the function; Lambda's working directory is the root of the package
const document = { type: 'application/json', ...compressible(Buffer.from(JSON.stringify(parse(yaml)))) };

/** Serves docs/openapi.yaml as JSON, which every client can read. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(http())
  .handler(async ({ headers }) => fileResponse(document, 'public, max-age=3600', headers['accept-encoding']));
