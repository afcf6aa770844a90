import {
  actionsOf,
  allowedBy,
  consumersOf,
  exactly,
  functionsOf,
  getAtt,
  type Json,
  must,
  ofType,
  type Rule,
  statementsIn,
  type Template,
  unlike,
  when,
} from './template.ts';

// Roles and permissions.

const rolesOf = (template: Template) => ofType(template, 'AWS::IAM::Role');

/** A rule for each allowed action. */
const eachAllowed =
  (wrong: (action: string, resource: Json, role: string) => boolean): Rule['violations'] =>
  (template) =>
    rolesOf(template).flatMap((role) =>
      allowedBy(role).flatMap((statement) =>
        actionsOf(statement).flatMap((action) =>
          when(
            wrong(action, statement.Resource, role.id),
            `${role.id} must not allow ${action} on ${JSON.stringify(statement.Resource)}`,
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
/** Actions that support no resource, or that Lambda requires for all. */
const requiresAll = (action: string, role: string) =>
  role === 'FlowLogRole'
    ? action === 'logs:DescribeLogGroups'
    : ['xray:PutTelemetryRecords', 'xray:PutTraceSegments', ...interfaceActions].includes(action);

const streamActions = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((it) => `dynamodb:${it}`);
const isStreamAction = (action: string) => /^dynamodb:(\w*Stream\w*|GetRecords|GetShardIterator)$/.test(action);

const isListOfKinds = must(
  'a list like ["USR#*"]. Add the function to itemKinds in resources/roles.cjs',
  (patterns) => Array.isArray(patterns) && patterns.length > 0 && patterns.every((it) => /^[A-Z]+#\*$/.test(it)),
);

export const permissions: Rule[] = [
  {
    name: 'each function has a role of its own; no role is shared or unused',
    violations(template) {
      const owners = [...functionsOf(template).map(({ id, roleId }) => [id, roleId]), ['FlowLog', 'FlowLogRole']];
      const lambda = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
      return [
        ...rolesOf(template).flatMap(({ id, Properties }) => {
          const owned = owners.flatMap(([owner, role]) => (role === id ? [owner] : []));
          return [
            ...when(
              owned.length !== 1,
              `${id} is the role of ${owned.join(' and ') || 'no function'}. Give each function its own role`,
            ),
            ...when(
              Properties.ManagedPolicyArns !== undefined,
              `${id} has a managed policy. List its permissions in resources/roles.cjs instead`,
            ),
            ...(id === 'FlowLogRole'
              ? []
              : unlike(`${id}, trust policy`, statementsIn(Properties.AssumeRolePolicyDocument), [lambda])),
          ];
        }),
        ...owners.flatMap(([owner, role = '']) =>
          when(!template.Resources[role], `${owner} has no role. Give it one in serverless.yml`),
        ),
        ...Object.entries(template.Resources).flatMap(([id, { Type }]) =>
          when(
            /^AWS::IAM::(?!Role$)/.test(Type) && id !== 'EndSessions', // sign-in.ts
            `${id}, of type ${Type}, gives permissions outside the roles. Move them to resources/roles.cjs`,
          ),
        ),
      ];
    },
  },
  {
    name: 'no permission has an action with a wildcard, NotAction or NotResource',
    violations: ({ Resources }) =>
      Object.entries(Resources).flatMap(([id, { Properties }]) =>
        statementsIn(Properties).flatMap((statement) =>
          when(
            statement.Effect === 'Allow' &&
              (actionsOf(statement).some((action) => action.includes('*')) ||
                'NotAction' in statement ||
                'NotResource' in statement),
            `${id} allows ${JSON.stringify(statement)}. Name the actions and resources`,
          ),
        ),
      ),
  },
  {
    name: 'a permission names its resources, unless its action requires *',
    violations: eachAllowed(
      (action, resource, role) =>
        /\*/.test(JSON.stringify(resource ?? '*').replaceAll('/@connections/*', '')) && !requiresAll(action, role),
    ),
  },
  {
    name: 'Lambda may manage the network interfaces of functions in the VPC; the functions’ code may not',
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
    name: 'permissions on items are on the one table',
    violations: eachAllowed(
      (action, resource) =>
        action.startsWith('dynamodb:') && !isStreamAction(action) && !exactly(getAtt('MessagesTable', 'Arn'))(resource),
    ),
  },
  {
    name: 'permissions on items name the kinds of items',
    violations: (template) =>
      rolesOf(template).flatMap((role) =>
        allowedBy(role)
          .filter((it) => actionsOf(it).some((action) => action.startsWith('dynamodb:') && !isStreamAction(action)))
          .flatMap(({ Condition }) =>
            unlike(
              `${role.id}, condition`,
              Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'],
              isListOfKinds,
            ),
          ),
      ),
  },
  {
    name: 'only functions with a stream event may read the stream, and each may send only to its own failure queue',
    violations(template, stage) {
      const consumers = consumersOf(template).map(({ source, roleId = '', stream, failures }) => ({
        id: source.id,
        roleId,
        needs: [
          ...streamActions.map((action): [string, Json] => [action, stream]),
          ...(failures ? [['sqs:SendMessage', failures] as [string, Json]] : []),
        ],
      }));
      return [
        ...eachAllowed(
          (action, resource, role) =>
            (isStreamAction(action) || /^(sqs|sns):/.test(action)) &&
            !consumers.some(({ roleId, needs }) => roleId === role && needs.some(exactly([action, resource]))),
        )(template, stage),
        ...consumers.flatMap(({ id, roleId, needs }) =>
          needs.flatMap(([action, resource]) =>
            when(
              !allowedBy(template.Resources[roleId]).some(
                (it) => actionsOf(it).includes(action) && exactly(resource)(it.Resource),
              ),
              `${id} needs ${action} on ${JSON.stringify(resource)}, which ${roleId} lacks. Add it in resources/roles.cjs`,
            ),
          ),
        ),
      ];
    },
  },
  {
    name: 'a function may write only to its own log',
    violations: (template) =>
      functionsOf(template).flatMap(({ roleId = '', Properties }) => {
        const logs = allowedBy(template.Resources[roleId]).filter((it) =>
          actionsOf(it).some((action) => action.startsWith('logs:')),
        );
        const group = logs[0]?.Resource?.['Fn::GetAtt']?.[0] as string;
        return [
          ...unlike(`${roleId}, logs`, logs.flatMap(actionsOf), ['logs:CreateLogStream', 'logs:PutLogEvents']),
          ...unlike(
            `${roleId}, its log`,
            template.Resources[group]?.Properties.LogGroupName,
            `/aws/lambda/${Properties.FunctionName}`,
          ),
        ];
      }),
  },
  {
    name: 'only these two APIs, the user pool and the schedule may call functions; functions have no URL',
    violations: (template) => [
      ...ofType(template, 'AWS::Lambda::Url').map(({ id }) => `${id} is a public URL of a function. Remove it`),
      ...ofType(template, 'AWS::Lambda::Permission')
        .filter(({ Properties }) => Properties.Principal !== 'cognito-idp.amazonaws.com') // sign-in.ts
        .filter(({ Properties }) => Properties.Principal !== 'events.amazonaws.com') // the rule of schedules
        .flatMap(({ id, Properties }) =>
          unlike(id, Properties, {
            Action: 'lambda:InvokeFunction',
            Principal: 'apigateway.amazonaws.com',
            SourceArn: must('an ARN of HttpApi or WebsocketsApi', (arn) =>
              /\{"Ref":"HttpApi"\},"\/\*"|\$\{WebsocketsApi\}\/\*"/.test(JSON.stringify(arn ?? '')),
            ),
          }),
        ),
    ],
  },
  {
    name: 'only finishErasures runs by a schedule, once a minute',
    violations: (template) => {
      const rules = ofType(template, 'AWS::Events::Rule');
      const target = { 'Fn::GetAtt': ['FinishErasuresLambdaFunction', 'Arn'] };
      const called = ofType(template, 'AWS::Lambda::Permission').filter(
        ({ Properties }) => Properties.Principal === 'events.amazonaws.com',
      );
      return [
        ...unlike(
          'schedules',
          rules.map(({ Properties }) => [
            Properties.ScheduleExpression,
            Properties.State,
            Properties.Targets?.[0]?.Arn,
          ]),
          exactly([['rate(1 minute)', 'ENABLED', target]]),
        ),
        ...unlike(
          'permissions of schedules',
          called.map(({ Properties }) => [Properties.FunctionName, Properties.SourceArn]),
          exactly([[target, { 'Fn::GetAtt': [rules[0]?.id, 'Arn'] }]]),
        ),
      ];
    },
  },
];
