import {
  exactly,
  type Json,
  list,
  ofType,
  type Rule,
  ref,
  service,
  theOne,
  unlike,
  webOrigins,
  when,
} from './template.ts';

// What the HTTP API lets in, how much of it, and what it writes down.

/** What an access log line may hold: no path (conversations and handles stand in it), no query, no header, no token. */
const noted =
  /^\$context\.(requestTime|requestId|identity\.sourceIp|authorizer\.claims\.sub|routeKey|status|responseLatency|error\.message)$/;

const isLimit = (limit: Json) => Number.isInteger(limit) && limit > 0;
const throttled = { ThrottlingRateLimit: isLimit, ThrottlingBurstLimit: isLimit };

/** What a browser asks for before it has a token, and what it gets one with. */
const open = ['DELETE /session', 'GET /', 'GET /{proxy+}', 'POST /session'];
const underApi = / \/api(\/|$)/;

interface Listed {
  events: { httpApi?: { method: string; path: string } }[];
}
const routesOf = (functions: Record<string, Listed>) =>
  Object.values(functions).flatMap(({ events }) =>
    events.flatMap(({ httpApi }) => (httpApi ? [`${httpApi.method} ${httpApi.path}`] : [])),
  );

export const http: Rule[] = [
  {
    name: 'the routes of serverless.yml: each under /api asks for a token, and of the others it is known that they do not',
    violations(template) {
      const routes = ofType(template, 'AWS::ApiGatewayV2::Route');
      return [
        ...unlike(
          'the routes',
          routes.map(({ Properties }) => Properties.RouteKey).toSorted(),
          routesOf(service.functions).toSorted(),
        ),
        ...routes
          .filter(({ Properties }) => !open.includes(Properties.RouteKey))
          .flatMap(({ id, Properties }) =>
            unlike(id, Properties, {
              RouteKey: (key: string) => underApi.test(key),
              AuthorizationType: 'JWT',
              AuthorizerId: ref('HttpApiAuthorizerSignedIn'),
            }),
          ),
        // Whatever the page's route would answer under /api, a narrower one answers first.
        ...when(
          !routes.some(({ Properties }) => Properties.RouteKey === 'GET /api/{proxy+}'),
          'the page answers under /api',
        ),
      ];
    },
  },
  {
    name: 'a token counts that this pool made for this client',
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
    name: 'browsers may call from the configured origin, if there is one, and no other',
    violations: (template, stage) =>
      theOne(template, 'AWS::ApiGatewayV2::Api', {
        Properties: {
          CorsConfiguration: webOrigins[stage] && {
            AllowOrigins: [webOrigins[stage]],
            AllowMethods: (methods: Json) => methods?.length > 0 && !methods.includes('*'),
            AllowHeaders: (headers: Json) => headers?.length > 0 && !headers.includes('*'),
            AllowCredentials: undefined, // the token is a header; the cookie is for pages of this origin
          },
        },
      }),
  },
  {
    name: 'the API takes so much a second and no more, some routes less; a route is there before its limit',
    violations(template) {
      const routes = ofType(template, 'AWS::ApiGatewayV2::Route');
      const idOf = (key: string) => routes.find(({ Properties }) => Properties.RouteKey === key)?.id;
      return ofType(template, 'AWS::ApiGatewayV2::Stage').flatMap(({ id, Properties, DependsOn = [] }) => {
        const { DefaultRouteSettings, RouteSettings = {} } = Properties;
        return [
          ...unlike(`${id}.DefaultRouteSettings`, DefaultRouteSettings, throttled),
          ...when(Object.keys(RouteSettings).length === 0, `${id} has no limit for a route`),
          ...Object.entries(RouteSettings).flatMap(([key, settings]) => [
            ...unlike(`${id}.RouteSettings.${key}`, settings, throttled),
            ...when(!idOf(key), `${id} limits ${key}, which there is not`),
            ...when(!list(DependsOn).includes(idOf(key) ?? ''), `${id} does not wait for ${key}`),
          ]),
        ];
      });
    },
  },
  {
    name: 'one stage, $default, that writes a line of JSON per request and in it nothing secret',
    violations(template) {
      const isQuiet = (format: string) => {
        try {
          return Object.values(JSON.parse(format)).every((value) => noted.test(value as string));
        } catch {
          return false;
        }
      };
      return theOne(template, 'AWS::ApiGatewayV2::Stage', {
        Properties: {
          StageName: '$default',
          AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': ['HttpApiLogGroup', 'Arn'] }, Format: isQuiet },
        },
      });
    },
  },
];
