import { allow, type Mistake, properties } from './mistake.ts';

// Requests, tokens and sign-in.

const client =
  'the web client has no secret, does not reveal which users exist, and allows only the expected attributes and sign-in flows';
const sender =
  'codes come from the address of the parameter, by SES, or else from Cognito; the alarms of the other sender are off';
const failedEmails = 'e-mails that cannot be sent are logged with masked addresses, counted, and watched';
const firewall =
  'with a limit by address, a firewall before the pool counts exactly what browsers call, and blocks no other request';
const cors = 'CORS allows only the configured origin, if any, and the methods of the API’s routes';
const ticket = 'a WebSocket opens with a ticket, which the authorizer takes, and has four kinds of frames';
const connections = 'only the functions that push or end connections may, those of this API alone';
const rateLimits =
  'the API has a rate limit; large answers have a lower one, and no route that a signed-in user needs has';
const routes = 'every route under /api requires a token; the others are listed as open';

export const doors: Mistake[] = [
  {
    name: 'a route under /api that requires no token',
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
    name: 'an unknown path of one method that unknownRoute does not get',
    make: (resources) => {
      delete resources.HttpApiRouteHeadApiProxyVar;
    },
    found: [routes],
  },
  {
    name: 'preflights that reach the authorizer',
    make: ({ HttpApiRouteGetApiProxyVar }) => {
      properties(HttpApiRouteGetApiProxyVar).RouteKey = 'ANY /api/{proxy+}';
    },
    found: [routes],
  },
  {
    name: 'tokens of another client',
    make: ({ HttpApiAuthorizerSignedIn }) => {
      properties(HttpApiAuthorizerSignedIn).JwtConfiguration.Audience.push('another-client');
    },
    found: ['the authorizer accepts only tokens of this user pool for this client'],
  },
  {
    name: 'CORS for any origin',
    make: ({ HttpApi }) => {
      properties(HttpApi).CorsConfiguration.AllowOrigins = ['*'];
    },
    found: [cors],
  },
  {
    name: 'CORS for a method that no route has',
    make: ({ HttpApi }) => {
      properties(HttpApi).CorsConfiguration.AllowMethods.push('TRACE');
    },
    found: [cors],
  },
  {
    name: 'a token in the access log',
    make: ({ HttpApiStage }) => {
      properties(HttpApiStage).AccessLogSettings.Format = '{"token":"$context.authorizer.token"}';
    },
    found: ['the one stage, $default, logs a line of JSON per request, without secrets'],
  },
  {
    name: 'a rate limit of one route that signed-in users need',
    make: ({ HttpApiStage }) => {
      properties(HttpApiStage).RouteSettings['POST /session'] = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };
    },
    found: [rateLimits],
  },
  {
    name: 'a large answer without a rate limit of its own',
    make: ({ HttpApiStage }) => {
      delete properties(HttpApiStage).RouteSettings['GET /assets/{file}'];
    },
    found: [rateLimits],
  },
  {
    name: 'a rate limit that may be created before its route',
    make: ({ HttpApiStage }) => {
      HttpApiStage.DependsOn = ['HttpApiLogGroup'];
    },
    found: [rateLimits],
  },
  {
    name: 'a WebSocket that opens without a ticket',
    make: ({ SconnectWebsocketsRoute }) => {
      properties(SconnectWebsocketsRoute).AuthorizationType = 'NONE';
    },
    found: [ticket],
  },
  {
    name: 'a WebSocket API without a rate limit',
    make: ({ WebsocketsDeploymentStage }) => {
      delete properties(WebsocketsDeploymentStage).DefaultRouteSettings;
    },
    found: ['the WebSocket API has a rate limit, and logs no addresses, which contain tickets'],
  },
  {
    name: 'a function that may end the connections of another API',
    make: ({ AnswerFrameRole }) => {
      allow(AnswerFrameRole, 'execute-api').Resource = [
        'arn:aws:execute-api:us-east-1:123456789012:another/prod/DELETE/@connections/*',
      ];
    },
    found: [connections],
  },
  {
    name: 'another API that may call a function of the WebSocket API',
    make: ({ OpenConnectionLambdaPermissionWebsockets }) => {
      delete properties(OpenConnectionLambdaPermissionWebsockets).SourceArn;
    },
    found: ['only these two APIs, the user pool and the schedule may call functions; functions have no URL'],
  },
  {
    name: 'a client secret',
    make: ({ WebClient }) => {
      properties(WebClient).GenerateSecret = true;
    },
    found: [client],
  },
  {
    name: 'a client that may write every attribute',
    make: ({ WebClient }) => {
      delete properties(WebClient).WriteAttributes;
    },
    found: [client],
  },
  {
    name: 'an unexpected sign-in flow',
    make: ({ WebClient }) => {
      properties(WebClient).ExplicitAuthFlows.push('ALLOW_CUSTOM_AUTH');
    },
    found: [client],
  },
  {
    name: 'a renewal that leaves the old refresh token valid',
    make: ({ WebClient }) => {
      properties(WebClient).RefreshTokenRotation.Feature = 'DISABLED';
    },
    found: ['a renewed session gets a new refresh token; other tabs may use the old one for a minute'],
  },
  {
    name: 'a trigger that may sign out users of other pools',
    make: ({ EndSessions }) => {
      properties(EndSessions).PolicyDocument.Statement[0].Resource = {
        'Fn::Sub': 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/another',
      };
    },
    found: [
      'the function that is told of a new password may end the sessions of this pool’s users, and nothing else of the pool',
    ],
  },
  {
    name: 'a refresh token that is valid for ten years',
    make: ({ WebClient }) => {
      properties(WebClient).RefreshTokenValidity = 3650;
    },
    found: ['access and ID tokens are valid for at most an hour, refresh tokens for thirty days'],
  },
  {
    name: 'a trigger that any user pool may call',
    make: ({ CheckSignUpLambdaPermissionCognitoUserPoolPeopleTriggerSourcePreSignUp: permission }) => {
      delete properties(permission).SourceArn;
    },
    found: ['only this user pool may call the two sign-up functions'],
  },
  {
    name: 'two users with one e-mail address',
    make: ({ CognitoUserPoolPeople }) => {
      properties(CognitoUserPoolPeople).UsernameConfiguration.CaseSensitive = true;
    },
    found: ['users sign in with their e-mail address, in any case; a changed address must be verified'],
  },
  {
    name: 'a short password',
    make: ({ CognitoUserPoolPeople }) => {
      properties(CognitoUserPoolPeople).Policies.PasswordPolicy.MinimumLength = 8;
    },
    found: ['a password has at least twelve characters, of all four kinds'],
  },
  {
    name: 'no second factor',
    make: ({ CognitoUserPoolPeople }) => {
      properties(CognitoUserPoolPeople).MfaConfiguration = 'OFF';
    },
    found: ['the second factor is optional: an authenticator app, not a text message'],
  },
  {
    name: 'a pool that sends from another domain than its own',
    make: ({ CognitoUserPoolPeople }) => {
      properties(CognitoUserPoolPeople).EmailConfiguration.From = 'hello@example.org';
    },
    found: [sender],
  },
  {
    name: 'an alarm for Cognito’s e-mails in a stage that sends by SES',
    make: ({ EmailsRunningOutAlarm }) => {
      EmailsRunningOutAlarm.Condition = 'IsWatched';
    },
    found: [sender],
  },
  {
    name: 'addresses in the log of failed e-mails',
    make: ({ EmailErrors }) => {
      properties(EmailErrors).DataProtectionPolicy.Statement.pop();
    },
    found: [failedEmails],
  },
  {
    name: 'failed e-mails that nobody counts',
    make: (resources) => {
      delete resources.EmailErrorsCounted;
    },
    found: [
      failedEmails,
      'every metric of AWS that an alarm or the dashboard uses exists, for a resource of the template',
    ],
  },
  {
    name: 'a firewall that counts what our functions call for all users',
    make: ({ SignInFirewall }) => {
      const { RateBasedStatement } = properties(SignInFirewall).Rules[0].Statement;
      const { RegexMatchStatement } = RateBasedStatement.ScopeDownStatement;
      RegexMatchStatement.RegexString = RegexMatchStatement.RegexString.replace(
        'SignUp|',
        'SignUp|GetTokensFromRefreshToken|',
      );
    },
    found: [firewall],
  },
  {
    name: 'a firewall of no pool',
    make: (resources) => {
      delete resources.SignInFirewallOfPool;
    },
    found: [firewall],
  },
  {
    name: 'an alarm for a firewall of another name',
    make: ({ SignInsBlockedAlarm }) => {
      properties(SignInsBlockedAlarm).Dimensions[0].Value = 'another-firewall';
    },
    found: ['every metric of AWS that an alarm or the dashboard uses exists, for a resource of the template'],
  },
];
