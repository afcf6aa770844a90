import { type Mistake, properties } from './mistake.ts';

// Who is let in.

const client = 'the web client has no secret, does not tell who exists, and signs in as it is known to';
const routes =
  'the routes of serverless.yml: each under /api asks for a token, and of the others it is known that they do not';

export const doors: Mistake[] = [
  {
    name: 'a route that asks for no token',
    make: ({ HttpApiRouteGetApiUsers }) => {
      properties(HttpApiRouteGetApiUsers).AuthorizationType = 'NONE';
      delete properties(HttpApiRouteGetApiUsers).AuthorizerId;
    },
    found: [routes],
  },
  {
    name: 'a page that answers under /api',
    make: (resources) => {
      delete resources.HttpApiRouteGetApiProxyVar;
    },
    found: [routes],
  },
  {
    name: 'tokens of any client',
    make: ({ HttpApiAuthorizerSignedIn }) => {
      properties(HttpApiAuthorizerSignedIn).JwtConfiguration.Audience.push('another-client');
    },
    found: ['a token counts that this pool made for this client'],
  },
  {
    name: 'any origin',
    make: ({ HttpApi }) => {
      properties(HttpApi).CorsConfiguration.AllowOrigins = ['*'];
    },
    found: ['browsers may call from the configured origin, if there is one, and no other'],
  },
  {
    name: 'the token in the access log',
    make: ({ HttpApiStage }) => {
      properties(HttpApiStage).AccessLogSettings.Format = '{"token":"$context.authorizer.token"}';
    },
    found: ['one stage, $default, that writes a line of JSON per request and in it nothing secret'],
  },
  {
    name: 'a limit that does not wait for its route',
    make: ({ HttpApiStage }) => {
      HttpApiStage.DependsOn = ['HttpApiLogGroup'];
    },
    found: ['the API takes so much a second and no more, some routes less; a route is there before its limit'],
  },
  {
    name: 'a client secret',
    make: ({ WebClient }) => {
      properties(WebClient).GenerateSecret = true;
    },
    found: [client],
  },
  {
    name: 'a way to sign in that nobody has looked at',
    make: ({ WebClient }) => {
      properties(WebClient).ExplicitAuthFlows.push('ALLOW_CUSTOM_AUTH');
    },
    found: [client],
  },
  {
    name: 'a refresh token for ten years',
    make: ({ WebClient }) => {
      properties(WebClient).RefreshTokenValidity = 3650;
    },
    found: ['access and ID tokens live an hour at most, refresh tokens thirty days'],
  },
  {
    name: 'a trigger that any pool may call',
    make: ({ CheckSignUpLambdaPermissionCognitoUserPoolPeopleTriggerSourcePreSignUp: permission }) => {
      delete properties(permission).SourceArn;
    },
    found: ['the pool calls the two sign-up functions, and no other pool may'],
  },
  {
    name: 'two people of one address',
    make: ({ CognitoUserPoolPeople }) => {
      properties(CognitoUserPoolPeople).UsernameConfiguration.CaseSensitive = true;
    },
    found: ['people sign in by their e-mail address, whatever its case, and a changed one counts when it is verified'],
  },
  {
    name: 'a short password',
    make: ({ CognitoUserPoolPeople }) => {
      properties(CognitoUserPoolPeople).Policies.PasswordPolicy.MinimumLength = 8;
    },
    found: ['a password has twelve characters of all four kinds'],
  },
  {
    name: 'no second factor',
    make: ({ CognitoUserPoolPeople }) => {
      properties(CognitoUserPoolPeople).MfaConfiguration = 'OFF';
    },
    found: ['a second factor is offered: an app, not a text message'],
  },
];
