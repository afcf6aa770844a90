import { resolve } from 'node:path';
import middy from '@middy/core';
import type {
  APIGatewayProxyEventHeaders,
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { domainError } from '../../core/errors.ts';
import { http } from '../middleware/http.ts';
import { realtimeUrl } from '../realtime-url.ts';
import { conditional } from './conditional.ts';
import { type ClientFile, fileResponse, readWebFiles, webFile } from './files.ts';
import { pageHeaders } from './page-headers.ts';
import { securityTxt } from './security-txt.ts';
import { securityContact, signIn } from './settings.ts';

const files = readWebFiles(resolve('web/dist')); // packaged with the function; Lambda's working directory is the root of the package
const briefly = 'public, max-age=3600';
const page = files.get('/index.html') as ClientFile;

/**
 * Serves the web client: its files, and its page for every other path without a dot, since the client does its own routing. Paths under
 * `/api` never get the page; API Gateway routes them to other functions.
 */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(conditional())
  .use(pageHeaders([signIn.endpoint, ...(realtimeUrl ? [realtimeUrl] : [])])) // before the error handler, so that middy runs it later and error responses get the headers too
  .use(http())
  .handler(async ({ rawPath, routeKey, headers }) => {
    if (/^\/api(\/|$)/.test(rawPath)) throw domainError('token_invalid'); // this route has no authorizer
    if (rawPath === '/sign-in.json') return signInSettings();
    if (rawPath === '/.well-known/security.txt' && securityContact)
      return securityContactFile(securityContact, headers);
    // An encoded path must not lead to a large file past the rate limit of its own route (resources/throttling.yml).
    const file = isAsset(rawPath) === isAsset(routeKey) ? files.get(rawPath) : undefined;
    if (!file && isOfFile(rawPath)) return fileNotFound();
    return fileResponse(file ?? page, cacheControl(file ?? page), headers);
  });

/** The settings that the browser needs to sign in and to connect. Not secret: every token contains the first two. */
function signInSettings(): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({
      endpoint: signIn.endpoint,
      client_id: signIn.clientId,
      ...(realtimeUrl && { realtime_url: realtimeUrl }),
    }),
  };
}

function securityContactFile(contact: string, headers: APIGatewayProxyEventHeaders): APIGatewayProxyStructuredResultV2 {
  const content = Buffer.from(securityTxt(contact, new Date()));
  return fileResponse(webFile('text/plain; charset=utf-8', content), briefly, headers);
}

const isAsset = (route: string) => route.includes('/assets/');

/**
 * Whether a path names a file: the client's own paths have no dot. A missing file must not get the page instead: a browser would run the
 * page of a newer build as a script of its own, and scanners would take it for what they look for.
 */
const isOfFile = (path: string) => path.startsWith('/assets/') || /\.|%2e/i.test(path);

function fileNotFound(): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: 'This file does not exist. If a page needs it, reload that page.',
  };
}

function cacheControl(file: ClientFile): string {
  // The page names the files of this deployment, so a browser must ask each time whether the one that it has is still right.
  if (file === page) return 'no-cache';
  return file.isHashed ? 'public, max-age=31536000, immutable' : briefly;
}
