// How the user pool sends e-mail, by the parameters `email` and `emailIdentity`. JavaScript, because an address alone names both its sender
// and, by its domain, the SES identity.

/** @typedef {{ resolveVariable(variable: string): Promise<string> }} Osls */

/** @param {Osls} osls */
const addressOf = async ({ resolveVariable }) => {
  const email = await resolveVariable('param:email');
  return email.includes('@') ? email : undefined;
};

/** @param {Osls} osls @returns {Promise<'ses' | 'cognito'>} */
const sender = async (osls) => ((await addressOf(osls)) ? 'ses' : 'cognito');

/** @param {Osls} osls @returns {Promise<object>} `EmailConfiguration` of the pool */
async function configuration(osls) {
  const address = await addressOf(osls);
  // Said outright: leaving it out would leave a pool that sends by SES as it is.
  if (!address) return { EmailSendingAccount: 'COGNITO_DEFAULT' };
  const identity = await osls.resolveVariable("param:emailIdentity, ''");
  const domain = address.slice(address.indexOf('@') + 1);
  const ofDomain = {
    'Fn::Sub': `arn:\${AWS::Partition}:ses:\${AWS::Region}:\${AWS::AccountId}:identity/${domain}`,
  };
  return { EmailSendingAccount: 'DEVELOPER', From: address, SourceArn: identity || ofDomain };
}

module.exports = { configuration, sender };
