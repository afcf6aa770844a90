import { resolve } from 'node:path';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { domainError } from '../../core/errors.ts';
import { http } from '../middleware/http.ts';
import { fileResponse, readWebFiles, type WebFile } from './files.ts';
import { securityHeaders } from './security-headers.ts';
import { signIn } from './settings.ts';

const files = readWebFiles(resolve('web/dist')); // travels with the function, which starts in its folder
const page = files.get('/index.html') as WebFile;

/**
 * The web client: its files, and its one page for every other path, since the client itself knows which paths there are. What is
 * under `/api` is never answered with a page: API Gateway sends none of it here.
 */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(securityHeaders(signIn.endpoint)) // the last that is done is named first: errors get them too
  .use(http())
  .handler(async ({ rawPath, headers }) => {
    if (/^\/api(\/|$)/.test(rawPath)) throw domainError('token_invalid'); // no token was looked at on the way here
    if (rawPath === '/sign-in.json') return signInSettings();
    const file = files.get(rawPath);
    if (!file && rawPath.startsWith('/assets/')) return missing(); // of a build that is gone: a page would be no script
    return fileResponse(file ?? page, cacheControl(file ?? page), headers['accept-encoding']);
  });

/** What the browser must know to sign in. Nothing of it is secret: it stands in every token. */
function signInSettings(): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ endpoint: signIn.endpoint, client_id: signIn.clientId }),
  };
}

function missing(): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: 'There is no such file.',
  };
}

function cacheControl(file: WebFile): string {
  if (file === page) return 'no-store'; // it names the files of this deployment
  return file.isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600';
}
