const { CognitoError, InvalidParameterError, NotAuthorizedError } = require('cognito-local/lib/errors.js');
const { claimsOf } = require('./access-tokens.cjs');

/** @typedef {import('./operation.d.ts').Operation} Operation */
/** @typedef {import('./operation.d.ts').Operations} Operations */
/** @typedef {import('./operation.d.ts').PasswordPolicy} PasswordPolicy */

/** Symbols that Cognito counts: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html */
const symbol = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|(?<=.) (?=.)/;

/**
 * The pattern and the length that each operation with a password has in the API reference, then the policy of the pool:
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
 * @param {unknown} password @param {PasswordPolicy} policy
 */
function checkPassword(password, policy) {
  if (typeof password !== 'string' || !/^\S(.*\S)?$/s.test(password) || password.length > 256)
    throw new InvalidParameterError(
      'The password is empty, begins or ends with a space, or has more than 256 characters',
    );
  const lacks = [
    password.length < policy.MinimumLength && 'Password not long enough',
    policy.RequireUppercase && !/[A-Z]/.test(password) && 'Password must have uppercase characters',
    policy.RequireLowercase && !/[a-z]/.test(password) && 'Password must have lowercase characters',
    policy.RequireNumbers && !/[0-9]/.test(password) && 'Password must have numeric characters',
    policy.RequireSymbols && !symbol.test(password) && 'Password must have symbol characters',
  ].find((text) => text !== false);
  if (lacks) throw new CognitoError('InvalidPasswordException', `Password did not conform with policy: ${lacks}`);
}

/**
 * Checks a new password before the operation. @param {Operation} operation
 * @param {(request: any) => unknown} passwordIn undefined if the request sets none
 * @returns {Operation}
 */
const withPolicy = (operation, passwordIn) => (services) => async (context, request) => {
  const password = passwordIn(request);
  if (password !== undefined)
    checkPassword(password, (await poolOf(services, context, request)).options.Policies.PasswordPolicy);
  return operation(services)(context, request);
};

/** @param {import('./operation.d.ts').Services} services @param {object} context @param {any} request */
function poolOf({ cognito }, context, { UserPoolId, ClientId, AccessToken }) {
  if (UserPoolId !== undefined) return cognito.getUserPool(context, UserPoolId);
  return cognito.getUserPoolForClientId(context, ClientId ?? claimsOf(AccessToken).client_id);
}

const wrong = 'Incorrect username or password.';

/**
 * Checks the password before anything else is answered: cognito-local asks a user with a temporary password for a new one whatever
 * password they send. A wrong password and an unknown user get the same answer, since the client has PreventUserExistenceErrors.
 * A disabled user is refused. https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
 * @param {Operation} operation @returns {Operation}
 */
const withPassword = (operation) => (services) => async (context, request) => {
  const { AuthFlow, AuthParameters = {}, ClientId } = request;
  const client = await services.cognito.getAppClient(context, ClientId);
  if (client && !client.ExplicitAuthFlows.includes(`ALLOW_${AuthFlow}`))
    throw new InvalidParameterError(`${AuthFlow} flow not enabled for this client`);
  if ('USERNAME' in AuthParameters) {
    const user = await (await poolOf(services, context, request)).getUserByUsername(context, AuthParameters.USERNAME);
    if (!user || (user.Password !== AuthParameters.PASSWORD && user.UserStatus !== 'RESET_REQUIRED'))
      throw new NotAuthorizedError(wrong);
    if (!user.Enabled) throw new NotAuthorizedError('User is disabled.');
  }
  return operation(services)(context, request);
};

/** @param {Operation} operation @returns {Operation} */
const changePassword = (operation) => (services) => async (context, request) => {
  const { client_id, username } = claimsOf(request.AccessToken);
  const user = await (await services.cognito.getUserPoolForClientId(context, client_id)).getUserByUsername(
    context,
    username,
  );
  if (user?.Password !== request.PreviousPassword) throw new NotAuthorizedError(wrong);
  return operation(services)(context, request);
};

/** Passwords: the policy of the pool for a new one, one error for a wrong one. @param {Operations} original @returns {Partial<Operations>} */
const passwords = (original) => ({
  SignUp: withPolicy(original.SignUp, ({ Password = '' }) => Password),
  ConfirmForgotPassword: withPolicy(original.ConfirmForgotPassword, ({ Password = '' }) => Password),
  ChangePassword: withPolicy(changePassword(original.ChangePassword), ({ ProposedPassword = '' }) => ProposedPassword),
  RespondToAuthChallenge: withPolicy(
    original.RespondToAuthChallenge,
    ({ ChallengeResponses }) => ChallengeResponses?.NEW_PASSWORD,
  ),
  AdminCreateUser: withPolicy(original.AdminCreateUser, ({ TemporaryPassword }) => TemporaryPassword),
  AdminSetUserPassword: withPolicy(original.AdminSetUserPassword, ({ Password = '' }) => Password),
  InitiateAuth: withPassword(original.InitiateAuth),
  AdminInitiateAuth: withPassword(original.AdminInitiateAuth),
});

module.exports = { passwords };
