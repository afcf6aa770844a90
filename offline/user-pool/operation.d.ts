// The part of cognito-local that this folder relies on. Its own declarations would load those of the whole AWS SDK, version 2.

// biome-ignore lint/suspicious/noExplicitAny: a request or an answer of any operation of the Cognito API
type Json = any;
type Context = object;
type Attribute = { Name: string; Value?: string };

/** An operation of the Cognito API, as cognito-local lists them in `Targets`. */
export type Operation = (services: Services) => (context: Context, request: Json) => Promise<Json>;

type Name =
  | `${'' | 'Admin'}InitiateAuth`
  | 'SignUp'
  | 'ConfirmSignUp'
  | 'ResendConfirmationCode'
  | 'ForgotPassword'
  | 'ConfirmForgotPassword'
  | 'ChangePassword'
  | 'RespondToAuthChallenge'
  | 'UpdateUserAttributes'
  | 'GetTokensFromRefreshToken'
  | 'GlobalSignOut'
  | 'RevokeToken'
  | 'AdminCreateUser'
  | 'AdminSetUserPassword'
  | 'AdminUserGlobalSignOut';
export type Operations = Record<Name, Operation>;

export interface Services {
  cognito: {
    getUserPool(context: Context, id: string): Promise<UserPool>;
    getUserPoolForClientId(context: Context, id: string): Promise<UserPool>;
    getAppClient(context: Context, id: string): Promise<AppClient | null>;
  };
  messages: { deliver(...parts: unknown[]): Promise<void> };
  otp(): string;
  tokenGenerator: {
    generate(
      context: Context,
      user: User,
      groups: string[],
      client: AppClient,
      metadata: unknown,
      source: string,
    ): Promise<{ AccessToken: string; IdToken: string; RefreshToken: string }>;
  };
}

export interface UserPool {
  /** The properties of the user pool, from resources/sign-in.yml. */
  options: { Id: string; Policies: { PasswordPolicy: PasswordPolicy } };
  getUserByUsername(context: Context, name: string): Promise<User | null>;
  getUserByRefreshToken(context: Context, token: string): Promise<User | null>;
  listUsers(context: Context): Promise<User[]>;
  listUserGroupMembership(context: Context, user: User): Promise<string[]>;
  saveUser(context: Context, user: User): Promise<void>;
  storeRefreshToken(context: Context, token: string, user: User): Promise<void>;
}

export interface PasswordPolicy {
  MinimumLength: number;
  RequireLowercase: boolean;
  RequireUppercase: boolean;
  RequireNumbers: boolean;
  RequireSymbols: boolean;
}

/** The app client, with the properties of resources/sign-in.yml. */
export interface AppClient {
  ClientId: string;
  ExplicitAuthFlows: string[];
  WriteAttributes: string[];
  RefreshTokenValidity: number;
  RefreshTokenRotation?: { Feature: string; RetryGracePeriodSeconds?: number };
  TokenValidityUnits: Record<string, string>;
}

export interface User {
  Username: string;
  Password: string;
  Enabled: boolean;
  UserStatus: string;
  Attributes: Attribute[];
  ConfirmationCode?: string;
  RefreshTokens: string[];
  /** Added by this folder: the refresh tokens that were exchanged for a new one, and until when (in milliseconds) they are accepted. */
  RotatedTokens?: { jti: string; exp: number; until: number }[];
  /** Added by this folder: by the `jti` of a refresh token that replaced another, the `jti` of the first one of the session. */
  Origins?: Record<string, string>;
  /** Added by this folder: when all sessions of the user were ended, in milliseconds. */
  SignedOutAt?: number;
}
