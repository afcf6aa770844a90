import { resolve } from 'node:path';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { domainError } from '../../core/errors.ts';
import { http } from '../middleware/http.ts';
import { fileResponse, readWebFiles, type WebFile } from './files.ts';
import { pageHeaders } from './page-headers.ts';
import { signIn } from './settings.ts';

const files = readWebFiles(resolve('web/dist')); // packaged with the function; Lambda's working directory is the root of the package
const page = files.get('/index.html') as WebFile;

/**
 * Serves the web client: its files, and its page for every other path, since the client does its own routing. Paths under `/api` never
 * get the page; API Gateway routes them to other functions.
 */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(pageHeaders(signIn.endpoint)) // first, so that middy runs it last and error responses get the headers too
  .use(http())
  .handler(async ({ rawPath, headers }) => {
    if (/^\/api(\/|$)/.test(rawPath)) throw domainError('token_invalid'); // this route has no authorizer
    if (rawPath === '/sign-in.json') return signInSettings();
    const file = files.get(rawPath);
    // A file of an earlier build: if it got the page instead, the browser would run HTML as a script.
    if (!file && rawPath.startsWith('/assets/')) return fileNotFound();
    return fileResponse(file ?? page, cacheControl(file ?? page), headers['accept-encoding']);
  });

/** The settings that the browser needs to sign in. Not secret: every token contains them. */
function signInSettings(): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ endpoint: signIn.endpoint, client_id: signIn.clientId }),
  };
}

function fileNotFound(): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: 'This file does not exist. Reload the page.',
  };
}

function cacheControl(file: WebFile): string {
  // The page must always be fetched, since it names the files of this deployment.
  if (file === page) return 'no-store';
  return file.isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600';
}
