/** How the browser signs in: `serverless.yml` says it to the functions that need it. */
export const signIn = {
  /** The client of the user pool that the browser is. */
  clientId: required('COGNITO_CLIENT_ID'),
  /** Where Cognito answers, as an origin: `https://cognito-idp.eu-west-1.amazonaws.com`. */
  endpoint: required('COGNITO_ENDPOINT'),
};

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: serverless.yml sets it`);
  return value;
}
