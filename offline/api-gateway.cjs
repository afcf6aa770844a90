// Makes the local stack answer like an HTTP API of API Gateway where serverless-offline would answer differently. The steps are added
// to the hapi server of serverless-offline, which offline/token-check.cjs receives with the first route.
const { isUtf8 } = require('node:buffer');

/** @typedef {{ headers: Record<string, any>, statusCode: number, source: unknown, isBoom?: boolean, output: any }} Answer */
/**
 * @typedef {{ path: string, method: string, payload: unknown, headers: Record<string, string | undefined>, response: Answer, info: {
 * received: number }, raw: { req: { url: string, rawHeaders: string[] } }, setUrl(url: string): void }} Request
 */

const integrationTimeoutMs = 30_000;
/** @type {WeakSet<object>} */
const emulated = new WeakSet();

/** @param {{ ext(event: string, method: (request: any, h: any) => unknown): void }} server hapi's; extended once */
function emulateApiGateway(server) {
  if (emulated.has(server)) return;
  emulated.add(server);
  server.ext('onRequest', route);
  server.ext('onPostAuth', declareBody);
  server.ext('onPreResponse', answer);
  server.ext('onPreResponse', leaveCorsToHapi);
}

/**
 * As in API Gateway, a path with a slash at its end is another path, and GET routes do not answer HEAD.
 * @param {Request} request @param {any} h
 */
function route(request, h) {
  const [path = '/'] = request.raw.req.url.split('?');
  if (path.length > 1 && path.endsWith('/')) request.setUrl(request.raw.req.url); // hapi has removed the slash
  if (request.method === 'head' && !request.path.startsWith('/api/'))
    return h.response({ message: 'Not Found' }).code(404).takeover();
  return h.continue;
}

/**
 * serverless-offline treats a body without a media type as JSON, so this declares such a body as binary. serverless-offline also
 * replaces bytes that are not UTF-8; functions notice that by a `content-length` that does not fit (handlers/middleware/json-body.ts).
 * Sometimes it would fit, and a chunked request has none, so this declares a length of 0 for every body that is not UTF-8.
 * @param {Request} request @param {any} h
 */
function declareBody({ payload, headers, raw }, h) {
  if (!Buffer.isBuffer(payload) || payload.length === 0) return h.continue;
  if (!headers['content-type']) setHeader(raw.req.rawHeaders, 'content-type', 'application/octet-stream');
  if (!isUtf8(payload)) setHeader(raw.req.rawHeaders, 'content-length', '0');
  return h.continue;
}

/** @param {string[]} rawHeaders names and values in turn @param {string} name @param {string} value */
function setHeader(rawHeaders, name, value) {
  for (let i = rawHeaders.length - 2; i >= 0; i -= 2)
    if (rawHeaders[i]?.toLowerCase() === name) rawHeaders.splice(i, 2);
  rawHeaders.push(name, value);
}

/** @param {Request} request @param {any} h */
function answer({ response, info }, h) {
  if (!hasFailed(response)) return h.continue;
  const isLate = Date.now() - info.received >= integrationTimeoutMs;
  return isLate
    ? h.response({ message: 'Service Unavailable' }).code(503)
    : h.response({ message: 'Internal Server Error' }).code(500);
}

/**
 * On any answer but a preflight's, serverless-offline adds CORS headers for every origin. hapi adds them as well, from the same
 * configuration and, as API Gateway does, only for an allowed origin: without this, Access-Control-Expose-Headers is sent twice.
 * @param {Request} request @param {any} h
 */
function leaveCorsToHapi({ method, response }, h) {
  if (method === 'options') return h.continue;
  const { headers } = response.isBoom ? response.output : response;
  for (const name of Object.keys(headers)) if (name.startsWith('access-control-')) delete headers[name];
  return h.continue;
}

/**
 * Whether the function threw, timed out or could not be loaded. serverless-offline answers that with 200 and the error.
 * @param {Answer} response
 */
function hasFailed(response) {
  if (response.isBoom) return response.output.statusCode >= 500;
  if (typeof response.source !== 'string' || !response.source.startsWith('{"errorMessage":')) return false;
  const { errorMessage, errorType, stackTrace } = JSON.parse(response.source);
  return [errorMessage, errorType, stackTrace].every((part) => part !== undefined);
}

module.exports = { emulateApiGateway };
