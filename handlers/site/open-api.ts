import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parse } from 'yaml';
import { http } from '../middleware/http.ts';
import { conditional } from './conditional.ts';
import { fileResponse, webFile } from './files.ts';

const yaml = readFileSync(resolve('docs/openapi.yaml'), 'utf8'); // packaged with the function; Lambda's working directory is the root of the package
const json = Buffer.from(JSON.stringify(parse(yaml)));
const document = webFile('application/json', json, { gzip: gzipSync(json) }); // brotli would take a cold start ten times as long

/** Serves docs/openapi.yaml as JSON, which every client can read. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(conditional())
  .use(http())
  .handler(async ({ headers }) => fileResponse(document, 'public, max-age=3600', headers));
