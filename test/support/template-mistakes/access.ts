import type { Json } from '../template-rules/template.ts';
import { allow, type Mistake, properties } from './mistake.ts';

// What may reach what.

const endpoint =
  'the endpoint lets through to the one table, and what the functions inside may do, no more and no less';
const named = 'a permission goes for named resources, but where AWS has nothing finer';
const inside = 'every function that touches the table is in the private subnets, but for createProfile; no other is';
const interfaces = 'network interfaces are Lambda’s to make: the function itself is refused';

export const access: Mistake[] = [
  {
    name: 'every action on the table',
    make: ({ FindUserRole }) => {
      allow(FindUserRole, 'dynamodb').Action = ['dynamodb:*'];
    },
    found: ['no permission names its actions by a wildcard, or by what is not in it', endpoint],
  },
  {
    name: 'reading from any table',
    make: ({ FindUserRole }) => {
      allow(FindUserRole, 'dynamodb').Resource = '*';
    },
    found: [named, 'items are read and written in the one table'],
  },
  {
    name: 'reading from any table of a name like ours',
    make: ({ CreateProfileRole }) => {
      allow(CreateProfileRole, 'dynamodb').Resource = {
        'Fn::Sub': 'arn:aws:dynamodb:us-east-1:123456789012:table/cruddur-*',
      };
    },
    found: [named, 'items are read and written in the one table'],
  },
  {
    name: 'deleting, that the endpoint does not let through',
    make: ({ DynamoDBEndpoint }) => {
      const [statement] = properties(DynamoDBEndpoint).PolicyDocument.Statement;
      statement.Action = statement.Action.filter((action: string) => action !== 'dynamodb:DeleteItem');
    },
    found: [endpoint],
  },
  {
    name: 'a second function with the same role',
    make: ({ FindUserLambdaFunction, FindUsersLambdaFunction }) => {
      properties(FindUserLambdaFunction).Role = properties(FindUsersLambdaFunction).Role;
    },
    // What the role says of one function does not fit the other.
    found: [
      'each function has a role of its own; no role is shared or lies about',
      interfaces,
      'a function writes to its own log',
    ],
  },
  {
    name: 'a function that may use network interfaces itself',
    make: ({ SendMessageRole }) => {
      const { PolicyDocument } = properties(SendMessageRole).Policies[0];
      PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Effect }: Json) => Effect === 'Allow');
    },
    found: [interfaces],
  },
  {
    name: 'a reader that puts into the failure queue',
    make: ({ ListMessagesRole, ProjectInboxRole }) => {
      properties(ListMessagesRole).Policies[0].PolicyDocument.Statement.push(allow(ProjectInboxRole, 'sqs'));
    },
    found: ['the stream and the failure queue are the projector’s alone'],
  },
  {
    name: 'a subnet without the way to the table',
    make: (resources) => {
      delete resources.PrivateSubnetBRoutes;
    },
    found: ['both subnets go by the route table that the endpoint writes its route into'],
  },
  {
    name: 'functions that may call the internet',
    make: ({ FunctionsSecurityGroup }) => {
      properties(FunctionsSecurityGroup).SecurityGroupEgress.push({ IpProtocol: '-1', CidrIp: '0.0.0.0/0' });
    },
    found: ['functions may call DynamoDB’s addresses over HTTPS, no other, and nobody calls them'],
  },
  {
    name: 'a door to the internet',
    make: (resources) => {
      resources.Gateway = { Type: 'AWS::EC2::InternetGateway', Properties: {} };
    },
    found: ['nothing leads out of the VPC but the endpoint: no gateway, no route, no peering'],
  },
  {
    name: 'a function outside the VPC',
    make: ({ WhoAmILambdaFunction }) => {
      delete properties(WhoAmILambdaFunction).VpcConfig;
    },
    found: [inside, interfaces],
  },
  {
    name: 'a page that reads the table',
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
    found: ['two private subnets of the one VPC, in two zones; names are resolved inside'],
  },
  {
    name: 'a flow log of what was refused only',
    make: ({ FlowLog }) => {
      properties(FlowLog).TrafficType = 'REJECT';
    },
    found: ['what goes through the VPC is noted, all of it'],
  },
  {
    name: 'a function that any API may call',
    make: ({ WhoAmILambdaPermissionHttpApi: permission }) => {
      delete properties(permission).SourceArn;
    },
    found: ['functions are called by this API and the pool, and have no address of their own'],
  },
];
