import {
  CognitoIdentityProviderClient,
  GetUserCommand,
  InitiateAuthCommand,
  InvalidParameterException,
  NotAuthorizedException,
  RevokeTokenCommand,
  UnsupportedTokenTypeException,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';

/** What opens the API. */
export interface AccessToken {
  access_token: string;
  /** Seconds from now. */
  expires_in: number;
}

/** Where people sign in. */
export interface UserPool {
  /**
   * The e-mail address of whoever an access token is of.
   * @returns undefined when the pool does not take the token (any more)
   */
  addressOf(accessToken: string): Promise<string | undefined>;
  /**
   * A new access token of whoever a refresh token is of.
   * @param clientId the client that the refresh token was made for
   * @returns undefined when the pool does not take the refresh token (any more)
   */
  renew(clientId: string, refreshToken: string): Promise<AccessToken | undefined>;
  /** Ends what a refresh token is good for; one that is good for nothing already is no error. */
  revoke(clientId: string, refreshToken: string): Promise<void>;
}

/** Opens the user pool; the tokens say which. Region and a local endpoint come from the environment, as the SDK reads it. */
export function openUserPool(): UserPool {
  const client = new CognitoIdentityProviderClient({
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  return {
    // GetUser goes by the token alone and needs no permission:
    // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
    async addressOf(AccessToken) {
      try {
        const { UserAttributes = [] } = await client.send(new GetUserCommand({ AccessToken }));
        return UserAttributes.find(({ Name }) => Name === 'email')?.Value;
      } catch (error) {
        if (isNotAuthorized(error)) return undefined;
        throw error;
      }
    },
    // Neither of these two needs a permission: the token is what they go by.
    async renew(ClientId, REFRESH_TOKEN) {
      try {
        const { AuthenticationResult } = await client.send(
          new InitiateAuthCommand({
            AuthFlow: 'REFRESH_TOKEN_AUTH',
            ClientId,
            AuthParameters: { REFRESH_TOKEN },
          }),
        );
        const token = AuthenticationResult?.AccessToken;
        if (!token) throw new Error('the pool answered a refresh without an access token');
        return { access_token: token, expires_in: secondsLeft(token) };
      } catch (error) {
        if (isNotAuthorized(error)) return undefined;
        throw error;
      }
    },
    async revoke(ClientId, Token) {
      try {
        await client.send(new RevokeTokenCommand({ ClientId, Token }));
      } catch (error) {
        if (!isNotAuthorized(error) && !isNoToken(error)) throw error;
      }
    },
  };
}

const isNoToken = (error: unknown) =>
  error instanceof UnsupportedTokenTypeException || error instanceof InvalidParameterException;

const isNotAuthorized = (error: unknown) =>
  error instanceof NotAuthorizedException || error instanceof UserNotFoundException;

/** How long a token is good for. It comes from the pool itself: it is read, not verified. */
function secondsLeft(token: string): number {
  const [, payload = ''] = token.split('.');
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  return exp - Math.floor(Date.now() / 1000);
}
