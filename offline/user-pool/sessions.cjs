const { CognitoError, NotAuthorizedError } = require('cognito-local/lib/errors.js');
const { UserPoolServiceImpl } = require('cognito-local/lib/services/userPoolService.js');
const { claimsOf, hasExpired, isSigned } = require('./access-tokens.cjs');

/** @typedef {import('./operation.d.ts').Operation} Operation */
/** @typedef {import('./operation.d.ts').Operations} Operations */
/** @typedef {import('./operation.d.ts').User} User */
/** @typedef {import('./operation.d.ts').UserPool} UserPool */

/** A refresh token that has expired, or was exchanged for another one longer ago than the grace period, belongs to nobody. */
function ignoreEndedTokens() {
  const { getUserByRefreshToken } = UserPoolServiceImpl.prototype;
  UserPoolServiceImpl.prototype.getUserByRefreshToken = async function (context, token) {
    const user = /** @type {any} */ (await getUserByRefreshToken.call(this, context, token));
    return user && !hasExpired(claimsOf(token)) && !isRotatedOut(user, token) ? user : null;
  };
}

/** @param {User} user @param {string} refreshToken */
const isRotatedOut = ({ RotatedTokens = [] }, refreshToken) =>
  RotatedTokens.some(({ jti, until }) => jti === claimsOf(refreshToken).jti && until <= Date.now());

/**
 * Exchanges a refresh token for new tokens. With rotation, that includes a new refresh token, which expires when the old one would have,
 * and the old one is accepted for the grace period only:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
 * @type {Operation}
 */
const getTokensFromRefreshToken =
  (services) =>
  async (context, { ClientId, RefreshToken, ClientMetadata }) => {
    const pool = await services.cognito.getUserPoolForClientId(context, ClientId);
    const client = await services.cognito.getAppClient(context, ClientId);
    const user = await pool.getUserByRefreshToken(context, RefreshToken);
    if (!user || !client) throw await refusal(pool, context, RefreshToken);
    if (!user.Enabled) throw new NotAuthorizedError('User is disabled.');
    const groups = await pool.listUserGroupMembership(context, user);
    const seconds = Math.ceil(claimsOf(RefreshToken).exp - Date.now() / 1000);
    const sameEnd = {
      ...client,
      RefreshTokenValidity: seconds,
      TokenValidityUnits: { ...client.TokenValidityUnits, RefreshToken: 'seconds' },
    };
    const tokens = await services.tokenGenerator.generate(
      context,
      user,
      groups,
      sameEnd,
      ClientMetadata,
      'RefreshTokens',
    );
    const { exp, iat } = claimsOf(tokens.AccessToken);
    const result = {
      AccessToken: tokens.AccessToken,
      IdToken: tokens.IdToken,
      TokenType: 'Bearer',
      ExpiresIn: exp - iat,
    };
    const { Feature, RetryGracePeriodSeconds = 0 } = client.RefreshTokenRotation ?? { Feature: 'DISABLED' };
    if (Feature !== 'ENABLED') return { AuthenticationResult: result };
    // Read again: another request of the user may have been answered meanwhile.
    const current = await pool.getUserByRefreshToken(context, RefreshToken);
    if (!current) throw await refusal(pool, context, RefreshToken);
    await pool.saveUser(context, rotated(current, RefreshToken, tokens.RefreshToken, RetryGracePeriodSeconds));
    return { AuthenticationResult: { ...result, RefreshToken: tokens.RefreshToken } };
  };

/**
 * The error for a refresh token that is not accepted: it was exchanged too long ago, or its session has ended.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
 * @param {UserPool} pool @param {object} context @param {string} token
 */
async function refusal(pool, context, token) {
  const users = await pool.listUsers(context);
  return isSigned(token) && users.some((user) => isRotatedOut(user, token))
    ? new CognitoError('RefreshTokenReuseException', 'Refresh token has been rotated')
    : new NotAuthorizedError('Refresh Token has been revoked');
}

/**
 * @param {User} user @param {string} old @param {string} fresh @param {number} graceSeconds
 * @returns {User} with the fresh token, and with the old one until its grace period ends
 */
function rotated(user, old, fresh, graceSeconds) {
  const known = (user.RotatedTokens ?? []).filter((token) => !hasExpired(token));
  const { jti, exp } = claimsOf(old);
  const isFirst = known.every((token) => token.jti !== jti);
  const RotatedTokens = isFirst ? [...known, { jti, exp, until: Date.now() + graceSeconds * 1000 }] : known;
  const RefreshTokens = user.RefreshTokens.filter((token) => !isRotatedOut({ ...user, RotatedTokens }, token));
  const Origins = { ...user.Origins, [claimsOf(fresh).jti]: originOf(user, old) };
  return { ...user, RotatedTokens, Origins, RefreshTokens: [...RefreshTokens, fresh] };
}

/** @param {User} user @param {string} refreshToken */
function originOf({ Origins = {} }, refreshToken) {
  const { jti } = claimsOf(refreshToken);
  return Origins[jti] ?? jti;
}

/**
 * Revokes a refresh token together with the others of its session, those in their grace period included: Cognito revokes by `origin_jti`.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
 * @param {Operation} operation @returns {Operation}
 */
const revokingSession = (operation) => (services) => async (context, request) => {
  const pool = await services.cognito.getUserPoolForClientId(context, request.ClientId);
  const user = await pool.getUserByRefreshToken(context, request.Token);
  if (!user) return operation(services)(context, request);
  const isOther = (/** @type {string} */ token) => originOf(user, token) !== originOf(user, request.Token);
  await pool.saveUser(context, { ...user, RefreshTokens: user.RefreshTokens.filter(isOther) });
  return {};
};

/**
 * Ends all sessions of a user. @param {UserPool} pool @param {object} context @param {string} name
 */
async function endSessions(pool, context, name) {
  const user = await pool.getUserByUsername(context, name);
  if (!user) throw new NotAuthorizedError();
  await pool.saveUser(context, { ...user, RefreshTokens: [], RotatedTokens: [], SignedOutAt: Date.now() });
  return {};
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html @type {Operation} */
const globalSignOut =
  ({ cognito }) =>
  async (context, { AccessToken }) => {
    const { client_id, sub } = claimsOf(AccessToken);
    return endSessions(await cognito.getUserPoolForClientId(context, client_id), context, sub);
  };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html @type {Operation} */
const adminUserGlobalSignOut =
  ({ cognito }) =>
  async (context, { UserPoolId, Username }) =>
    endSessions(await cognito.getUserPool(context, UserPoolId), context, Username);

/** Keeps the refresh token that ends a challenge, which cognito-local forgets. @param {Operation} operation @returns {Operation} */
const keepingRefreshToken = (operation) => (services) => async (context, request) => {
  const answer = await operation(services)(context, request);
  const token = answer.AuthenticationResult?.RefreshToken;
  if (token) {
    const pool = await services.cognito.getUserPoolForClientId(context, request.ClientId);
    const user = await pool.getUserByUsername(context, request.ChallengeResponses.USERNAME);
    if (user) await pool.storeRefreshToken(context, token, user);
  }
  return answer;
};

/** Sessions: rotation of refresh tokens, sign-out everywhere. @param {Operations} original @returns {Partial<Operations>} */
const sessions = (original) => ({
  GetTokensFromRefreshToken: getTokensFromRefreshToken,
  GlobalSignOut: globalSignOut,
  AdminUserGlobalSignOut: adminUserGlobalSignOut,
  RevokeToken: revokingSession(original.RevokeToken),
  RespondToAuthChallenge: keepingRefreshToken(original.RespondToAuthChallenge),
});

module.exports = { sessions, ignoreEndedTokens };
