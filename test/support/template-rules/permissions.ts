import {
  actionsOf,
  allowedBy,
  exactly,
  functionsOf,
  getAtt,
  type Json,
  ofType,
  type Rule,
  statementsIn,
  type Template,
  unlike,
  when,
} from './template.ts';

// Who may do what.

const rolesOf = (template: Template) => ofType(template, 'AWS::IAM::Role');

/** What the functions' roles allow, a line for each that is not as it should be. */
const eachAllowed =
  (wrong: (action: string, resource: Json, role: string) => boolean): Rule['violations'] =>
  (template) =>
    rolesOf(template).flatMap((role) =>
      allowedBy(role).flatMap((statement) =>
        actionsOf(statement).flatMap((action) =>
          when(
            wrong(action, statement.Resource, role.id),
            `${role.id}: ${action} on ${JSON.stringify(statement.Resource)}`,
          ),
        ),
      ),
    );

const interfaceActions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
/** For these AWS has no finer grain, or Lambda asks for all. */
const ofNothingFiner = (action: string, role: string) =>
  role === 'FlowLogRole'
    ? action === 'logs:DescribeLogGroups'
    : ['xray:PutTelemetryRecords', 'xray:PutTraceSegments', ...interfaceActions].includes(action);

const isStreamAction = (action: string) => /^dynamodb:(\w*Stream\w*|GetRecords|GetShardIterator)$/.test(action);

export const permissions: Rule[] = [
  {
    name: 'each function has a role of its own; no role is shared or lies about',
    violations(template) {
      const users = [...functionsOf(template).map(({ id, roleId }) => [id, roleId]), ['FlowLog', 'FlowLogRole']];
      const lambda = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
      return [
        ...rolesOf(template).flatMap(({ id, Properties }) => {
          const of = users.flatMap(([user, role]) => (role === id ? [user] : []));
          return [
            ...when(of.length !== 1, `${id} is the role of ${of.join(', ') || 'nobody'}`),
            ...when(Properties.ManagedPolicyArns !== undefined, `${id} has a policy that was not written for it`),
            ...(id === 'FlowLogRole'
              ? []
              : unlike(`${id}.Assume…`, statementsIn(Properties.AssumeRolePolicyDocument), [lambda])),
          ];
        }),
        ...users.flatMap(([user, role = '']) => when(!template.Resources[role], `${user} has no role`)),
        ...Object.entries(template.Resources).flatMap(([id, { Type }]) =>
          when(/^AWS::IAM::(?!Role$)/.test(Type), `${id} is ${Type}: a permission outside the roles`),
        ),
      ];
    },
  },
  {
    name: 'no permission names its actions by a wildcard, or by what is not in it',
    violations: ({ Resources }) =>
      Object.entries(Resources).flatMap(([id, { Properties }]) =>
        statementsIn(Properties).flatMap((statement) =>
          when(
            statement.Effect === 'Allow' &&
              (actionsOf(statement).some((action) => action.includes('*')) ||
                'NotAction' in statement ||
                'NotResource' in statement),
            `${id} allows ${JSON.stringify(statement)}`,
          ),
        ),
      ),
  },
  {
    name: 'a permission goes for named resources, but where AWS has nothing finer',
    violations: eachAllowed(
      (action, resource, role) => /\*/.test(JSON.stringify(resource ?? '*')) && !ofNothingFiner(action, role),
    ),
  },
  {
    name: 'network interfaces are Lambda’s to make: the function itself is refused',
    violations: (template) =>
      functionsOf(template).flatMap(({ id, roleId = '', Properties }) => {
        const statements = statementsIn(template.Resources[roleId]?.Properties.Policies);
        const about = (effect: string) =>
          statements.filter((it) => it.Effect === effect && actionsOf(it).some((action) => action.startsWith('ec2:')));
        const actions = (effect: string) => about(effect).flatMap(actionsOf).toSorted();
        const needed = Properties.VpcConfig ? interfaceActions : [];
        const arn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${Properties.FunctionName}`;
        return [
          ...unlike(`${id}, allowed`, actions('Allow'), needed),
          ...unlike(`${id}, denied`, actions('Deny'), needed),
          ...about('Deny').flatMap(({ Resource, Condition }) => [
            ...unlike(`${id}, denied`, Resource, '*'),
            ...unlike(
              `${id}, denied`,
              Condition,
              exactly({ ArnEquals: { 'lambda:SourceFunctionArn': { 'Fn::Sub': arn } } }),
            ),
          ]),
        ];
      }),
  },
  {
    name: 'items are read and written in the one table',
    violations: eachAllowed(
      (action, resource) =>
        action.startsWith('dynamodb:') && !isStreamAction(action) && !exactly(getAtt('MessagesTable', 'Arn'))(resource),
    ),
  },
  {
    name: 'the stream and the failure queue are the projector’s alone',
    violations(template, stage) {
      const needs: [action: string, resource: Json][] = [
        ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action): [string, Json] => [
          `dynamodb:${action}`,
          getAtt('MessagesTable', 'StreamArn'),
        ]),
        ['sqs:SendMessage', getAtt('ProjectionFailures', 'Arn')],
      ];
      const has = allowedBy(template.Resources.ProjectInboxRole);
      return [
        ...eachAllowed(
          (action, resource, role) =>
            (isStreamAction(action) || /^(sqs|sns):/.test(action)) &&
            !(role === 'ProjectInboxRole' && needs.some(exactly([action, resource]))),
        )(template, stage),
        ...needs.flatMap(([action, resource]) =>
          when(
            !has.some((it) => actionsOf(it).includes(action) && exactly(resource)(it.Resource)),
            `the projector may not ${action}`,
          ),
        ),
      ];
    },
  },
  {
    name: 'a function writes to its own log',
    violations: (template) =>
      functionsOf(template).flatMap(({ roleId = '', Properties }) => {
        const logs = allowedBy(template.Resources[roleId]).filter((it) =>
          actionsOf(it).some((action) => action.startsWith('logs:')),
        );
        const conversation = logs[0]?.Resource?.['Fn::GetAtt']?.[0] as string;
        return [
          ...unlike(`${roleId}, logs`, logs.flatMap(actionsOf), ['logs:CreateLogStream', 'logs:PutLogEvents']),
          ...unlike(
            `${roleId}, its log`,
            template.Resources[conversation]?.Properties.LogGroupName,
            `/aws/lambda/${Properties.FunctionName}`,
          ),
        ];
      }),
  },
  {
    name: 'functions are called by this API and the pool, and have no address of their own',
    violations: (template) => [
      ...ofType(template, 'AWS::Lambda::Url').map(({ id }) => `${id} is an address that anybody may call`),
      ...ofType(template, 'AWS::Lambda::Permission')
        .filter(({ Properties }) => Properties.Principal !== 'cognito-idp.amazonaws.com') // sign-in.ts
        .flatMap(({ id, Properties }) =>
          unlike(id, Properties, {
            Action: 'lambda:InvokeFunction',
            Principal: 'apigateway.amazonaws.com',
            SourceArn: (arn: Json) => JSON.stringify(arn ?? '').includes('{"Ref":"HttpApi"},"/*"'),
          }),
        ),
    ],
  },
];
