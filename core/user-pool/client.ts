import {
  CognitoIdentityProviderClient,
  GetUserCommand,
  NotAuthorizedException,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';

/** Where people sign in. */
export interface UserPool {
  /**
   * The e-mail address of whoever an access token is of.
   * @returns undefined when the pool does not take the token (any more)
   */
  addressOf(accessToken: string): Promise<string | undefined>;
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
        if (error instanceof NotAuthorizedException || error instanceof UserNotFoundException) return undefined;
        throw error;
      }
    },
  };
}
