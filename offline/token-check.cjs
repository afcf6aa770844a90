// Emulates API Gateway's JWT authorizer: the one of serverless-offline only decodes a token, so it accepts forged ones.
// serverless-offline loads this with require (custom.offline.customAuthenticationProvider). The issuer and the client come from
// the environment (offline/supervisor/environment.ts).
const { JwtVerifier } = require('aws-jwt-verify');
const { SimpleJwksCache } = require('aws-jwt-verify/jwk');
const { emulateApiGateway } = require('./api-gateway.cjs');

/** The header in which serverless-offline takes claims from any client, unchecked. Here it carries only verified claims to the function. */
const authorizerHeader = 'sls-offline-authorizer-override';

/** @typedef {import('aws-jwt-verify/jwt-model').JwtPayload} Claims */
/** @typedef {{ headers: Record<string, string | undefined>, raw: { req: { rawHeaders: string[] } } }} Request as hapi has it */

/**
 * Creates the check of an `Authorization` header.
 * @param {{ issuer: string, clientId: string, fetchKeys?: (uri: string) => Promise<ArrayBuffer> }} trust
 *   the issuer's keys are fetched once, and again for an unknown key at most every 10 s
 * @returns {(authorization: string | undefined) => Promise<Claims>} the claims of a valid token; throws for any other
 */
function tokenCheck({ issuer, clientId, fetchKeys = fetchOverHttp }) {
  const verifier = JwtVerifier.create(
    { issuer, audience: null, customJwtCheck: ({ payload }) => checkClaims(payload, clientId) },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchKeys } }) },
  );
  return async (authorization) => {
    const [, token] = /^(?:Bearer )?(\S+)$/i.exec(authorization ?? '') ?? []; // API Gateway takes a token without the prefix too
    if (!token) throw new Error('no token');
    return verifier.verify(token);
  };
}

/**
 * What API Gateway checks beside signature, issuer and time: the token must expire, and its `aud`, or without one its `client_id`,
 * must be our client. An id token has our client as its `aud` and passes: the functions themselves require an access token.
 * @param {Claims} claims @param {string} clientId
 */
function checkClaims({ aud, client_id, exp }, clientId) {
  if (typeof exp !== 'number') throw new Error('no expiry');
  if (![aud ?? client_id].flat().includes(clientId)) throw new Error('issued for another client');
}

/** aws-jwt-verify itself only fetches over HTTPS. @param {string} uri */
const fetchOverHttp = async (uri) => (await fetch(uri)).arrayBuffer();

/** As API Gateway passes claims to a function: every claim is a string. @param {Claims} claims */
const asApiGateway = (claims) =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );

/** @param {Request} request @param {object} authorizer */
const handOn = ({ raw }, authorizer) => raw.req.rawHeaders.push(authorizerHeader, JSON.stringify(authorizer));

/** @type {ReturnType<typeof tokenCheck> | undefined} one for all routes, so that keys are fetched once */
let check;

function checkOfThisStack() {
  const { SIGN_IN_ISSUER: issuer, SIGN_IN_CLIENT_ID: clientId } = process.env;
  if (!issuer || !clientId)
    throw new Error(
      'SIGN_IN_ISSUER and SIGN_IN_CLIENT_ID are not set: is offline/plugins/supervisor.mjs a plugin of the service?',
    );
  check ??= tokenCheck({ issuer, clientId });
  return check;
}

/**
 * Called by serverless-offline for every route.
 * @param {{ authorizer?: unknown }} endpoint @param {string} functionKey @param {string} method @param {string} path
 */
function provideAuthentication(endpoint, functionKey, method, path) {
  const name = `${functionKey} ${method} ${path}`;
  return {
    name,
    scheme: name,
    /** @param {any} [server] hapi's, which calls this as an authentication scheme */
    getAuthenticateFunction: (server) => {
      if (server) emulateApiGateway(server);
      return { authenticate: endpoint.authorizer ? signedIn : open };
    },
  };
}

/** A route without an authorizer gets no claims, as in AWS, even if a token is sent. @param {Request} request @param {any} h */
function open(request, h) {
  handOn(request, {});
  return h.authenticated({ credentials: {} });
}

/** A route with an authorizer. @param {Request} request @param {any} h */
async function signedIn(request, h) {
  try {
    if (request.headers[authorizerHeader] !== undefined) throw new Error('the client sent claims');
    const claims = await checkOfThisStack()(request.headers.authorization);
    handOn(request, { jwt: { claims: asApiGateway(claims), scopes: null } });
    return h.authenticated({ credentials: {} });
  } catch {
    const challenge = request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
    return h.response({ message: 'Unauthorized' }).code(401).header('www-authenticate', challenge).takeover();
  }
}

module.exports = Object.assign(provideAuthentication, { tokenCheck });
