import type { Json } from '../template-rules/template.ts';
import { allow, type Mistake, properties } from './mistake.ts';

// Permissions and network.

const endpoint = 'the endpoint allows exactly the table’s actions that the roles of the functions in the VPC allow';
const follows =
  'only functions with a stream event may read the stream, and each may send only to its own failure queue';
const unwatched = 'each consumer of the stream has an alarm that fires when messages are sent and it is not invoked';
const named = 'a permission names its resources, unless its action requires *';
const inside =
  'functions that use the table run in the private subnets, except those that call Cognito or post to connections; other functions do not';
const interfaces = 'Lambda may manage the network interfaces of functions in the VPC; the functions’ code may not';

export const access: Mistake[] = [
  {
    name: 'a role with every action on the table',
    make: ({ FindUserRole }) => {
      allow(FindUserRole, 'dynamodb').Action = ['dynamodb:*'];
    },
    found: ['no permission has an action with a wildcard, NotAction or NotResource', endpoint],
  },
  {
    name: 'a role that may read any table',
    make: ({ FindUserRole }) => {
      allow(FindUserRole, 'dynamodb').Resource = '*';
    },
    found: [named, 'permissions on items are on the one table'],
  },
  {
    name: 'a role that may write to any table with a similar name',
    make: ({ CreateProfileRole }) => {
      allow(CreateProfileRole, 'dynamodb').Resource = {
        'Fn::Sub': 'arn:aws:dynamodb:us-east-1:123456789012:table/cruddur-*',
      };
    },
    found: [named, 'permissions on items are on the one table'],
  },
  {
    name: 'a role that may read users and messages',
    make: ({ FindUserRole }) => {
      delete allow(FindUserRole, 'dynamodb').Condition;
    },
    found: ['permissions on items name the kinds of items'],
  },
  {
    name: 'an endpoint that does not allow DeleteItem',
    make: ({ DynamoDBEndpoint }) => {
      const [statement] = properties(DynamoDBEndpoint).PolicyDocument.Statement;
      statement.Action = statement.Action.filter((action: string) => action !== 'dynamodb:DeleteItem');
    },
    found: [endpoint],
  },
  {
    name: 'two functions with the same role',
    make: ({ FindUserLambdaFunction, FindUsersLambdaFunction }) => {
      properties(FindUserLambdaFunction).Role = properties(FindUsersLambdaFunction).Role;
    },
    // The role names the other function’s log and ARN.
    found: [
      'each function has a role of its own; no role is shared or unused',
      interfaces,
      'a function may write only to its own log',
    ],
  },
  {
    name: 'a function whose code may use network interfaces',
    make: ({ SendMessageRole }) => {
      const { PolicyDocument } = properties(SendMessageRole).Policies[0];
      PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Effect }: Json) => Effect === 'Allow');
    },
    found: [interfaces],
  },
  {
    name: 'a reader that may send to the failure queue',
    make: ({ ListMessagesRole, ProjectInboxRole }) => {
      properties(ListMessagesRole).Policies[0].PolicyDocument.Statement.push(allow(ProjectInboxRole, 'sqs'));
    },
    found: [follows],
  },
  {
    name: 'a second stream function whose role cannot read the stream',
    make: (resources) => {
      const source = structuredClone(resources.ProjectInboxEventSourceMappingDynamodbMessagesTable);
      properties(source).FunctionName = { 'Fn::GetAtt': ['FindUsersLambdaFunction', 'Arn'] };
      resources.FindUsersEventSourceMappingDynamodbMessagesTable = source;
    },
    found: [follows, unwatched],
  },
  {
    name: 'a subnet without a route to the table',
    make: (resources) => {
      delete resources.PrivateSubnetBRoutes;
    },
    found: ['both subnets use the route table of the endpoint'],
  },
  {
    name: 'a security group that allows calls to the internet',
    make: ({ FunctionsSecurityGroup }) => {
      properties(FunctionsSecurityGroup).SecurityGroupEgress.push({ IpProtocol: '-1', CidrIp: '0.0.0.0/0' });
    },
    found: ['the security group allows outgoing HTTPS to DynamoDB only, and nothing incoming'],
  },
  {
    name: 'an internet gateway',
    make: (resources) => {
      resources.Gateway = { Type: 'AWS::EC2::InternetGateway', Properties: {} };
    },
    found: ['the VPC’s only exit is the endpoint: no gateway, no route, no peering'],
  },
  {
    name: 'a function that uses the table, outside the VPC',
    make: ({ WhoAmILambdaFunction }) => {
      delete properties(WhoAmILambdaFunction).VpcConfig;
    },
    found: [inside, interfaces],
  },
  {
    name: 'a page that may read the table',
    make: ({ PageRole, FindUserRole }) => {
      properties(PageRole).Policies[0].PolicyDocument.Statement.push(allow(FindUserRole, 'dynamodb'));
    },
    found: [inside],
  },
  {
    name: 'both subnets in one zone',
    make: ({ PrivateSubnetA, PrivateSubnetB }) => {
      properties(PrivateSubnetB).AvailabilityZone = properties(PrivateSubnetA).AvailabilityZone;
    },
    found: ['the VPC has two private subnets, in two zones, and resolves DNS names'],
  },
  {
    name: 'a flow log of rejected traffic only',
    make: ({ FlowLog }) => {
      properties(FlowLog).TrafficType = 'REJECT';
    },
    found: ['all traffic of the VPC is logged'],
  },
  {
    name: 'a function that any API may call',
    make: ({ WhoAmILambdaPermissionHttpApi: permission }) => {
      delete properties(permission).SourceArn;
    },
    found: ['only these two APIs, the user pool and the schedule may call functions; functions have no URL'],
  },
  {
    name: 'a schedule that runs once an hour',
    make: ({ FinishErasuresEventsRuleSchedule1: rule }) => {
      properties(rule).ScheduleExpression = 'rate(1 hour)';
    },
    found: ['only finishErasures runs by a schedule, once a minute'],
  },
  {
    name: 'a function that any schedule may call',
    make: ({ FinishErasuresLambdaPermissionEventsRuleSchedule1: permission }) => {
      delete properties(permission).SourceArn;
    },
    found: ['only finishErasures runs by a schedule, once a minute'],
  },
];
