import {
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  DeleteUserCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InvalidParameterException,
  NotAuthorizedException,
  RefreshTokenReuseException,
  RevokeTokenCommand,
  UnsupportedTokenTypeException,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';

/** A token that authorizes requests to the API. */
export interface AccessToken {
  access_token: string;
  /** Seconds from now. */
  expires_in: number;
}

/** A signed-in session of a browser, which lasts as long as its refresh token. */
export interface Session extends AccessToken {
  refresh_token: string;
}

/** The Cognito user pool, as far as this service calls it. */
export interface UserPool {
  /**
   * The e-mail address of the user of an access token, and whether the pool has verified it: an unverified one may be another user's.
   * @returns undefined when the pool rejects the token
   */
  emailOf(accessToken: string): Promise<{ email: string | undefined; isVerified: boolean } | undefined>;
  /**
   * Exchanges a refresh token for a new access token and a new refresh token. The pool then accepts the old one for a minute only.
   * @param clientId the app client that the refresh token was issued to
   * @returns undefined when the pool rejects the refresh token
   */
  renew(clientId: string, refreshToken: string): Promise<Session | undefined>;
  /** Revokes a refresh token. A token that is already invalid causes no error. */
  revoke(clientId: string, refreshToken: string): Promise<void>;
  /** Revokes all tokens of the user of an access token. An access token that is already invalid causes no error. */
  revokeAll(accessToken: string): Promise<void>;
  /**
   * Deletes the user of an access token.
   * @returns false when the pool rejects the token; true when the user is not in the pool any more
   */
  deleteUser(accessToken: string): Promise<boolean>;
  /** Revokes all tokens of a user of a pool. Needs the permission `cognito-idp:AdminUserGlobalSignOut`; the other methods need none. */
  revokeAllOf(userPoolId: string, username: string): Promise<void>;
}

/**
 * Opens the user pool. It needs no pool id, since each call passes a token and Cognito knows the pool that issued it.
 * The SDK reads the region and a local endpoint from the environment.
 * @param options.maxAttempts how often a call that gets no answer, or a temporary error, is made at most
 */
export function openUserPool({ maxAttempts = 3 } = {}): UserPool {
  const client = new CognitoIdentityProviderClient({
    maxAttempts,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  return {
    // GetUser is authorized by the token alone and needs no IAM permission:
    // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
    async emailOf(AccessToken) {
      try {
        const { UserAttributes = [] } = await client.send(new GetUserCommand({ AccessToken }));
        const value = (name: string) => UserAttributes.find(({ Name }) => Name === name)?.Value;
        return { email: value('email'), isVerified: value('email_verified') === 'true' };
      } catch (error) {
        if (isNotAuthorized(error)) return undefined;
        throw error;
      }
    },
    // The token alone authorizes the next calls as well; they need no IAM permission either.
    async renew(ClientId, RefreshToken) {
      try {
        const { AuthenticationResult } = await client.send(
          new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken }),
        );
        const token = AuthenticationResult?.AccessToken;
        if (!token) throw new Error('the user pool renewed a session without an access token');
        // No new refresh token comes while a deployment has not switched the client to rotation yet.
        const refresh_token = AuthenticationResult.RefreshToken ?? RefreshToken;
        return { access_token: token, expires_in: secondsLeft(token), refresh_token };
      } catch (error) {
        if (isNotAuthorized(error) || error instanceof RefreshTokenReuseException) return undefined;
        throw error;
      }
    },
    async revoke(ClientId, Token) {
      try {
        await client.send(new RevokeTokenCommand({ ClientId, Token }));
      } catch (error) {
        if (!isNotAuthorized(error) && !isNotRefreshToken(error)) throw error;
      }
    },
    async deleteUser(AccessToken) {
      try {
        await client.send(new DeleteUserCommand({ AccessToken }));
      } catch (error) {
        if (error instanceof UserNotFoundException) return true;
        if (error instanceof NotAuthorizedException) return false;
        throw error;
      }
      return true;
    },
    async revokeAllOf(UserPoolId, Username) {
      await client.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username }));
    },
    async revokeAll(AccessToken) {
      try {
        await client.send(new GlobalSignOutCommand({ AccessToken }));
      } catch (error) {
        if (!isNotAuthorized(error)) throw error;
      }
    },
  };
}

const isNotRefreshToken = (error: unknown) =>
  error instanceof UnsupportedTokenTypeException || error instanceof InvalidParameterException;

const isNotAuthorized = (error: unknown) =>
  error instanceof NotAuthorizedException || error instanceof UserNotFoundException;

/** @returns the seconds until the token expires. Its signature is not verified: the token comes directly from the pool. */
function secondsLeft(token: string): number {
  const [, payload = ''] = token.split('.');
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  return exp - Math.floor(Date.now() / 1000);
}
