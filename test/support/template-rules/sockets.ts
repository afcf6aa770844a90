import {
  actionsOf,
  allowedBy,
  exactly,
  functionsOf,
  getAtt,
  type Json,
  must,
  ofType,
  type Rule,
  ref,
  type Template,
  unlike,
  when,
} from './template.ts';

// The WebSocket API: who may connect, how often, and who may post to connections.

const isOfSockets = ({ Properties }: { Properties?: Json }) => exactly(ref('WebsocketsApi'))(Properties?.ApiId);

/** The template without the parts of the WebSocket API, for rules on the HTTP API, whose parts have the same types. */
export const withoutSockets = ({ Resources, ...rest }: Template): Template => ({
  ...rest,
  Resources: Object.fromEntries(
    Object.entries(Resources).filter(([id, resource]) => id !== 'WebsocketsApi' && !isOfSockets(resource)),
  ),
});

/** The functions that post to connections, or end them. */
export const posters = [
  'endConnections',
  'openConnection',
  'answerFrame',
  'relayTyping',
  'pushEvents',
  'eraseUser',
  'finishErasures',
];

const connectionsOf = (stage: string, method: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${WebsocketsApi}/${stage}/${method}/@connections/*`,
});

const isLimit = must('a positive integer', (limit) => Number.isInteger(limit) && limit > 0);

export const sockets: Rule[] = [
  {
    name: 'a WebSocket opens with a ticket, which the authorizer takes, and has four kinds of frames',
    violations(template) {
      const routes = ofType(template, 'AWS::ApiGatewayV2::Route').filter(isOfSockets);
      const authorizers = ofType(template, 'AWS::ApiGatewayV2::Authorizer').filter(isOfSockets);
      return [
        ...unlike('the list of socket routes', routes.map(({ Properties }) => Properties.RouteKey).toSorted(), [
          '$connect',
          '$default',
          '$disconnect',
          'ping',
          'typing',
        ]),
        ...routes
          .filter(({ Properties }) => Properties.RouteKey === '$connect')
          .flatMap(({ id, Properties }) =>
            unlike(id, Properties, {
              AuthorizationType: 'CUSTOM',
              AuthorizerId: ref('AdmitConnectionWebsocketsAuthorizer'),
            }),
          ),
        ...authorizers.flatMap(({ id, Properties }) =>
          unlike(id, Properties, {
            AuthorizerType: 'REQUEST',
            IdentitySource: ['route.request.querystring.ticket'],
            AuthorizerUri: must('the function admitConnection', (uri) =>
              JSON.stringify(uri).includes(JSON.stringify(getAtt('AdmitConnectionLambdaFunction', 'Arn'))),
            ),
          }),
        ),
      ];
    },
  },
  {
    name: 'the WebSocket API has a rate limit, and logs no addresses, which contain tickets',
    violations: (template) =>
      ofType(template, 'AWS::ApiGatewayV2::Stage')
        .filter(isOfSockets)
        .flatMap(({ id, Properties }) =>
          unlike(id, Properties, {
            DefaultRouteSettings: exactly({
              DetailedMetricsEnabled: true,
              ThrottlingRateLimit: Properties.DefaultRouteSettings?.ThrottlingRateLimit,
              ThrottlingBurstLimit: Properties.DefaultRouteSettings?.ThrottlingBurstLimit,
            }),
            AccessLogSettings: undefined,
          }).concat(
            unlike(`${id}.DefaultRouteSettings`, Properties.DefaultRouteSettings, {
              ThrottlingRateLimit: isLimit,
              ThrottlingBurstLimit: isLimit,
            }),
          ),
        ),
  },
  {
    name: 'only the functions that push or end connections may, those of this API alone',
    violations: (template, stage) =>
      functionsOf(template).flatMap(({ id, name, roleId = '' }) => {
        const allowed = allowedBy(template.Resources[roleId]).filter((it) =>
          actionsOf(it).some((action) => action.startsWith('execute-api:')),
        );
        if (!posters.includes(name))
          return when(allowed.length > 0, `${id} may manage connections, and has no need to`);
        const methods = ['relayTyping', 'pushEvents'].includes(name) ? ['DELETE', 'POST'] : ['DELETE'];
        return unlike(
          `${roleId}, connections`,
          allowed.map(({ Action, Resource }) => ({ Action, Resource })),
          exactly([
            {
              Action: ['execute-api:ManageConnections'],
              Resource: methods.map((method) => connectionsOf(stage, method)),
            },
          ]),
        );
      }),
  },
];
