const { InvalidParameterError, NotAuthorizedError } = require('cognito-local/lib/errors.js');
const {
  UserPoolServiceImpl,
  attributeValue,
  attributesAppend,
} = require('cognito-local/lib/services/userPoolService.js');
const { claimsOf } = require('./access-tokens.cjs');

/** @typedef {import('./operation.d.ts').Operation} Operation */
/** @typedef {import('./operation.d.ts').Operations} Operations */

/**
 * An e-mail address names the same user in any case, and is stored as it was entered:
 * https://repost.aws/knowledge-center/cognito-signin-case-sensitivity
 */
function ignoreCaseOfAddresses() {
  const { getUserByUsername } = UserPoolServiceImpl.prototype;
  UserPoolServiceImpl.prototype.getUserByUsername = async function (context, name) {
    const user = await getUserByUsername.call(this, context, name);
    if (user || typeof name !== 'string') return user;
    const users = await this.listUsers(context);
    return users.find(({ Attributes }) => emailIn(Attributes)?.toLowerCase() === name.toLowerCase()) ?? null;
  };
}

/** @param {any} attributes @returns {string | undefined} */
const emailIn = (attributes) => attributeValue('email', attributes);

/**
 * A user may set only the attributes that the client may write, so neither `email_verified` nor `sub`:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 * @param {Operation} operation @returns {Operation}
 */
const withWriteAttributes = (operation) => (services) => async (context, request) => {
  const { ClientId, AccessToken, UserAttributes = [] } = request;
  const client = await services.cognito.getAppClient(context, ClientId ?? claimsOf(AccessToken).client_id);
  for (const { Name } of UserAttributes)
    if (client && !client.WriteAttributes.includes(Name))
      throw new NotAuthorizedError('A client attempted to write unauthorized attribute');
  return operation(services)(context, request);
};

/**
 * Confirming a sign-up verifies the address to which the code went, before the trigger is called:
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html
 * @param {Operation} operation @returns {Operation}
 */
const verifyingAddress = (operation) => (services) => async (context, request) => {
  const pool = await services.cognito.getUserPoolForClientId(context, request.ClientId);
  const user = await pool.getUserByUsername(context, request.Username);
  if (user && user.UserStatus !== 'UNCONFIRMED')
    throw new NotAuthorizedError(`User cannot be confirmed. Current status is ${user.UserStatus}`);
  if (user?.ConfirmationCode && user.ConfirmationCode === request.ConfirmationCode) {
    const Attributes = attributesAppend(/** @type {any} */ (user.Attributes), {
      Name: 'email_verified',
      Value: 'true',
    });
    await pool.saveUser(context, { ...user, Attributes });
  }
  return operation(services)(context, request);
};

/**
 * Sends the code of a sign-up again. An unknown address gets the same answer.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ResendConfirmationCode.html
 * @type {Operation}
 */
const resendConfirmationCode =
  ({ cognito, messages, otp }) =>
  async (context, { ClientId, Username, ClientMetadata }) => {
    const pool = await cognito.getUserPoolForClientId(context, ClientId);
    const user = await pool.getUserByUsername(context, Username);
    if (user && user.UserStatus !== 'UNCONFIRMED') throw new InvalidParameterError('User is already confirmed.');
    const CodeDeliveryDetails = deliveryTo(Username);
    if (user) {
      const ConfirmationCode = otp();
      await pool.saveUser(context, { ...user, ConfirmationCode });
      const parts = [user, ConfirmationCode, ClientMetadata, CodeDeliveryDetails];
      await messages.deliver(context, 'ResendCode', ClientId, pool.options.Id, ...parts);
    }
    return { CodeDeliveryDetails };
  };

/**
 * A code to set a new password goes only to a verified address of a known user. Otherwise the answer is the same and no code is sent:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
 * @param {Operation} operation @returns {Operation}
 */
const toVerifiedAddress = (operation) => (services) => async (context, request) => {
  const pool = await services.cognito.getUserPoolForClientId(context, request.ClientId);
  const user = await pool.getUserByUsername(context, request.Username);
  const isVerified = attributeValue('email_verified', /** @type {any} */ (user?.Attributes)) === 'true';
  return isVerified ? operation(services)(context, request) : { CodeDeliveryDetails: deliveryTo(request.Username) };
};

/** @param {string} Destination */
const deliveryTo = (Destination) => ({ AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination });

/** E-mail addresses and their verification. @param {Operations} original @returns {Partial<Operations>} */
const addresses = (original) => ({
  SignUp: withWriteAttributes(original.SignUp),
  UpdateUserAttributes: withWriteAttributes(original.UpdateUserAttributes),
  ConfirmSignUp: verifyingAddress(original.ConfirmSignUp),
  ResendConfirmationCode: resendConfirmationCode,
  ForgotPassword: toVerifiedAddress(original.ForgotPassword),
});

module.exports = { addresses, ignoreCaseOfAddresses };
