/** The settings of sign-in in the browser, from the environment variables that serverless.yml sets. */
export const signIn = {
  /** The id of the browser's user pool client. */
  clientId: required('COGNITO_CLIENT_ID'),
  /** The origin of the Cognito API, such as `https://cognito-idp.eu-west-1.amazonaws.com`. */
  endpoint: required('COGNITO_ENDPOINT'),
};

/** Where to report a vulnerability, as a URI: the parameter `securityContact` of serverless.yml. Undefined if it is not set. */
export const securityContact = process.env.SECURITY_CONTACT || undefined;

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: serverless.yml must set it for this function`);
  return value;
}
