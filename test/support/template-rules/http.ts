import { isDeepStrictEqual } from 'node:util';
import { withoutSockets } from './sockets.ts';
import { exactly, list, must, ofType, type Rule, ref, service, theOne, unlike, webOrigins, when } from './template.ts';

// The HTTP API: routes, CORS, rate limits, access log.

/** The values that an access log line contains: no path (it contains conversations and handles), query, header or token. */
const loggable = [
  ...['requestTime', 'requestId', 'identity.sourceIp', 'authorizer.claims.sub', 'routeKey', 'status'],
  ...['responseLatency', 'integrationLatency', 'error.message'],
].map((name) => `$context.${name}`);

const isLimit = must('a positive integer', (limit) => Number.isInteger(limit) && limit > 0);
const throttled = { ThrottlingRateLimit: isLimit, ThrottlingBurstLimit: isLimit };

/** The routes that need no token: the client’s page and files, the API’s document, and the session that makes tokens. */
const open = ['GET', 'HEAD']
  .flatMap((method) => ['/', '/assets/{file}', '/openapi.json', '/{proxy+}'].map((path) => `${method} ${path}`))
  .concat('DELETE /session', 'POST /session');
/** The routes with a rate limit of their own: those of large answers, and HEAD, which browsers do not use. */
const limited = [
  'GET /assets/{file}',
  'GET /openapi.json',
  'HEAD /',
  'HEAD /assets/{file}',
  'HEAD /openapi.json',
  'HEAD /{proxy+}',
];
const underApi = / \/api(\/|$)/;

/** The methods of HTTP APIs, without OPTIONS (serverless.yml, unknownRoute, says why). */
const methods = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'];

interface Listed {
  events: { httpApi?: { method: string; path: string } }[];
}
const routes = Object.values<Listed>(service.functions).flatMap(({ events }) =>
  events.flatMap(({ httpApi }) => (httpApi ? [`${httpApi.method} ${httpApi.path}`] : [])),
);

/** The methods that pages of another origin need: those of the API’s routes, without unknownRoute’s. */
const corsMethods = new Set(
  routes.flatMap((route) => (underApi.test(route) && !route.endsWith('{proxy+}') ? [route.split(' ')[0]] : [])),
);

const rules: Rule[] = [
  {
    name: 'every route under /api requires a token; the others are listed as open',
    violations(template) {
      const deployed = ofType(template, 'AWS::ApiGatewayV2::Route');
      const keys = deployed.map(({ Properties }) => Properties.RouteKey as string);
      return [
        ...unlike('the list of routes', keys.toSorted(), routes.toSorted()),
        ...deployed
          .filter(({ Properties }) => !open.includes(Properties.RouteKey))
          .flatMap(({ id, Properties }) =>
            unlike(id, Properties, {
              RouteKey: must('a path under /api, or be listed in `open` of template-rules/http.ts', (key) =>
                underApi.test(key),
              ),
              AuthorizationType: 'JWT',
              AuthorizerId: ref('HttpApiAuthorizerSignedIn'),
            }),
          ),
        ...methods.flatMap((method) =>
          when(
            !keys.includes(`${method} /api/{proxy+}`),
            `an unknown path under /api does not reach unknownRoute. Add ${method} /api/{proxy+} to its events`,
          ),
        ),
        ...keys
          .filter((key) => /^(ANY|OPTIONS) /.test(key))
          .map((key) => `${key} takes CORS preflights from API Gateway. Declare a route for each method instead`),
      ];
    },
  },
  {
    name: 'the authorizer accepts only tokens of this user pool for this client',
    violations: (template) =>
      theOne(template, 'AWS::ApiGatewayV2::Authorizer', {
        id: 'HttpApiAuthorizerSignedIn',
        Properties: {
          AuthorizerType: 'JWT',
          IdentitySource: ['$request.header.Authorization'],
          JwtConfiguration: exactly({
            Audience: [ref('WebClient')],
            Issuer: { 'Fn::Sub': `https://cognito-idp.\${AWS::Region}.amazonaws.com/\${CognitoUserPoolPeople}` },
          }),
        },
      }),
  },
  {
    name: 'CORS allows only the configured origin, if any, and the methods of the API’s routes',
    violations: (template, stage) =>
      theOne(template, 'AWS::ApiGatewayV2::Api', {
        Properties: {
          CorsConfiguration: webOrigins[stage] && {
            AllowOrigins: [webOrigins[stage]],
            AllowMethods: exactly([...corsMethods].sort()),
            AllowHeaders: must(
              'a list of headers without *',
              (headers) => headers?.length > 0 && !headers.includes('*'),
            ),
            AllowCredentials: undefined, // the token is a header; the cookie is only for pages of this origin
          },
        },
      }),
  },
  {
    name: 'the API has a rate limit; large answers have a lower one, and no route that a signed-in user needs has',
    violations(template) {
      const deployed = ofType(template, 'AWS::ApiGatewayV2::Route');
      const idOf = (key: string) => deployed.find(({ Properties }) => Properties.RouteKey === key)?.id;
      return ofType(template, 'AWS::ApiGatewayV2::Stage').flatMap(({ id, Properties, DependsOn = [] }) => {
        const { DefaultRouteSettings, RouteSettings = {} } = Properties;
        const file = 'resources/throttling.yml';
        return [
          ...unlike(`${id}.DefaultRouteSettings`, DefaultRouteSettings, throttled),
          ...unlike(`the routes of ${id}.RouteSettings`, Object.keys(RouteSettings).toSorted(), limited),
          ...Object.entries(RouteSettings).flatMap(([key, settings]) => [
            ...unlike(`${id}.RouteSettings.${key}`, settings, throttled),
            ...when(
              !list(DependsOn).includes(idOf(key) ?? ''),
              `${id} may be created before ${key}. Add the route’s id to DependsOn in ${file}`,
            ),
          ]),
        ];
      });
    },
  },
  {
    name: 'the one stage, $default, logs a line of JSON per request, without secrets',
    violations(template) {
      const isSafe = must('JSON of the values in `loggable` of template-rules/http.ts', (format) => {
        try {
          return isDeepStrictEqual(Object.values(JSON.parse(format)), loggable);
        } catch {
          return false;
        }
      });
      return theOne(template, 'AWS::ApiGatewayV2::Stage', {
        Properties: {
          StageName: '$default',
          AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': ['HttpApiLogGroup', 'Arn'] }, Format: isSafe },
        },
      });
    },
  },
];

/** They see the template without the WebSocket API, whose parts have the same types. */
export const http: Rule[] = rules.map(({ name, violations }) => ({
  name,
  violations: (template, stage) => violations(withoutSockets(template), stage),
}));
