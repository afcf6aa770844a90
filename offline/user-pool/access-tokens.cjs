const { createPublicKey, createVerify } = require('node:crypto');
const { NotAuthorizedError } = require('cognito-local/lib/errors.js');
const { pem } = require('cognito-local/lib/keys/cognitoLocal.public.json');

const key = createPublicKey(pem);

/** @param {string} token @returns {Record<string, any>} its claims, not verified */
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** @param {string} token */
function isSigned(token) {
  const [header, payload, signature = ''] = token.split('.');
  return createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(key, signature, 'base64url');
}

/** @param {{ exp?: number }} claims */
const hasExpired = ({ exp = 0 }) => exp <= Date.now() / 1000;

/**
 * Verifies the access token of an operation that it authorizes, which cognito-local only decodes.
 * A token of an ended session is refused: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html
 * Tokens tell their time in seconds only, so one that is issued in the second of the sign-out is still accepted.
 * @param {import('./operation.d.ts').Operation} operation
 * @returns {import('./operation.d.ts').Operation}
 */
const requireAccessToken = (operation) => (services) => async (context, request) => {
  const token = request?.AccessToken;
  if (token !== undefined) {
    const claims = verifiedClaims(token);
    const pool = await services.cognito.getUserPoolForClientId(context, claims.client_id);
    const user = await pool.getUserByUsername(context, claims.sub);
    if (claims.iat < Math.floor((user?.SignedOutAt ?? 0) / 1000))
      throw new NotAuthorizedError('Access Token has been revoked');
  }
  return operation(services)(context, request);
};

/** @param {unknown} token */
function verifiedClaims(token) {
  const claims = typeof token === 'string' && isSigned(token) ? claimsOf(token) : undefined;
  if (claims?.token_use !== 'access') throw new NotAuthorizedError('Invalid Access Token');
  if (hasExpired(claims)) throw new NotAuthorizedError('Access Token has expired');
  return claims;
}

module.exports = { claimsOf, hasExpired, isSigned, requireAccessToken };
