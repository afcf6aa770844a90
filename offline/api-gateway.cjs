// Makes the local stack answer like an HTTP API of API Gateway where serverless-offline would answer differently. The steps are added
// to the hapi server of serverless-offline, which offline/token-check.cjs receives with the first route.
const { isUtf8 } = require('node:buffer');
const { STATUS_CODES } = require('node:http');

/** @typedef {{ headers: Record<string, any>, statusCode: number, source: unknown, isBoom?: boolean, output: any }} Answer */
/**
 * @typedef {{ path: string, method: string, payload: unknown, headers: Record<string, string | undefined>, response: Answer, info: {
 * received: number, acceptEncoding: string }, raw: { req: { url: string, rawHeaders: string[] } }, setUrl(url: string): void }} Request
 */

const integrationTimeoutMs = 30_000;
/** @type {WeakSet<object>} */
const emulated = new WeakSet();

/** @param {{ ext(event: string, method: (request: any, h: any) => unknown): void }} server hapi's; extended once */
function emulateApiGateway(server) {
  if (emulated.has(server)) return;
  emulated.add(server);
  server.ext('onRequest', route);
  server.ext('onRequest', leaveHeadersToFunctions);
  server.ext('onPostAuth', declareBody);
  server.ext('onPreResponse', answer);
  server.ext('onPreResponse', leaveCorsToHapi);
}

/**
 * As in API Gateway, a path with a slash at its end is another path, and HEAD has routes of its own (serverless.yml). hapi knows them by
 * GET only: those of the page and its files are the same, and under /api there is only unknownRoute, so this leads there.
 * @param {Request} request @param {any} h
 */
function route(request, h) {
  const [path = '/'] = request.raw.req.url.split('?');
  if (path.length > 1 && path.endsWith('/')) request.setUrl(request.raw.req.url); // hapi has removed the slash
  if (request.method === 'head' && request.path.startsWith('/api/')) request.setUrl('/api/unknown');
  return h.continue;
}

const validCookie = /^[\w!#$%&'*+.^`|~-]+=("?)[!#-+\--:<-[\]-~]*\1$/; // https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1

/**
 * Keeps hapi from acting on headers that only the function reads, which gets them from `rawHeaders`: hapi would compress and cut answers, and
 * refuse a media type or a cookie that it cannot parse. Cookies of other programs on localhost come with every request.
 * @param {Request} request @param {any} h
 */
function leaveHeadersToFunctions({ headers, info, raw }, h) {
  info.acceptEncoding = 'identity';
  delete headers.range;
  if (headers['content-type']) headers['content-type'] = 'application/octet-stream';
  if (headers.cookie)
    headers.cookie = headers.cookie
      .split(/; */)
      .filter((cookie) => validCookie.test(cookie))
      .join('; ');
  combineRepeated(raw.req.rawHeaders ?? []);
  return h.continue;
}

/** As API Gateway does; serverless-offline takes the last of them. @param {string[]} rawHeaders names and values in turn */
function combineRepeated(rawHeaders) {
  /** @type {Map<string, string>} */
  const values = new Map();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier}${name === 'cookie' ? '; ' : ','}${value}`);
  }
  rawHeaders.splice(0, rawHeaders.length, ...[...values].flat());
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
function answer({ response, info, method, headers }, h) {
  if (hasFailed(response)) {
    const isLate = Date.now() - info.received >= integrationTimeoutMs;
    return isLate
      ? h.response({ message: 'Service Unavailable' }).code(503)
      : h.response({ message: 'Internal Server Error' }).code(500);
  }
  if (method === 'options' && headers.origin !== undefined) return h.continue; // a preflight
  const status = refusalOf(response);
  if (!status) return h.continue;
  return h.response({ message: status === 413 ? 'Request Entity Too Large' : STATUS_CODES[status] }).code(status);
}

/** @param {Answer} response @returns {number | undefined} the status of an answer that no function gave */
function refusalOf({ isBoom, output, source }) {
  if (isBoom) return output.statusCode;
  const { error } = /** @type {{ error?: unknown }} */ (source ?? {});
  return typeof source === 'object' && String(error).startsWith('Serverless-offline: route not found')
    ? 404
    : undefined;
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
