// One IAM role per function, with the least privileges. JavaScript, because the roles differ only in a few lines.

// test/table/permissions.test.ts compares these with the actions that each function really uses. IAM has no action for a
// transaction, only for its parts.
const tableActions = {
  listMessageGroups: ['BatchGetItem', 'GetItem', 'Query'],
  getMessageGroup: ['BatchGetItem', 'GetItem'],
  listMessages: ['BatchGetItem', 'GetItem', 'Query'],
  sendMessage: ['BatchGetItem', 'ConditionCheckItem', 'GetItem', 'PutItem', 'UpdateItem'],
  markRead: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
  editMessage: ['GetItem', 'UpdateItem'],
  deleteMessage: ['GetItem', 'UpdateItem'],
  clearMessageGroup: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
  muteMessageGroup: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
  unmuteMessageGroup: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
  markUnread: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
  blockUser: ['ConditionCheckItem', 'GetItem', 'PutItem', 'UpdateItem'],
  unblockUser: ['DeleteItem', 'GetItem', 'UpdateItem'],
  createReport: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
  listBlocks: ['BatchGetItem', 'GetItem', 'Query'],
  createTicket: ['GetItem', 'PutItem'],
  endConnections: ['DeleteItem', 'GetItem', 'Query', 'UpdateItem'],
  admitConnection: ['DeleteItem'],
  openConnection: ['ConditionCheckItem', 'DeleteItem', 'PutItem', 'Query'],
  closeConnection: ['DeleteItem'],
  answerFrame: ['DeleteItem'],
  relayTyping: ['BatchGetItem', 'DeleteItem', 'GetItem', 'Query'],
  pushEvents: ['BatchGetItem', 'DeleteItem', 'Query'],
  getLimits: ['GetItem'],
  countUnread: ['GetItem', 'Query'],
  findUser: ['GetItem'],
  findUsers: ['BatchGetItem', 'GetItem', 'Query'],
  whoAmI: ['GetItem'],
  exportUser: ['BatchGetItem', 'GetItem', 'Query'],
  updateProfile: ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
  createProfile: ['ConditionCheckItem', 'GetItem', 'PutItem'],
  eraseUser: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
  unknownRoute: [],
  page: [],
  openApi: [],
  renewSession: [],
  endSession: [],
  checkSignUp: ['BatchGetItem'],
  completeSignUp: ['ConditionCheckItem', 'GetItem', 'PutItem'],
  finishErasures: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
  projectInbox: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
};

// The kinds of items that each function reaches: the beginnings of their partition keys, as in core/table/items.ts. The test compares these
// too.
const itemKinds = {
  listMessageGroups: ['COGNITO', 'GRP', 'USR'],
  getMessageGroup: ['COGNITO', 'HEAD', 'MSG', 'USR'],
  listMessages: ['COGNITO', 'HEAD', 'MSG', 'USR'],
  sendMessage: ['COGNITO', 'GRP', 'HANDLE', 'HEAD', 'MSG', 'PAIR', 'SENT', 'USR'],
  markRead: ['COGNITO', 'GRP', 'HEAD', 'HIDDEN', 'MSG', 'USR'],
  editMessage: ['COGNITO', 'HEAD', 'MSG', 'USR'],
  deleteMessage: ['COGNITO', 'HEAD', 'MSG', 'USR'],
  clearMessageGroup: ['COGNITO', 'GRP', 'HEAD', 'HIDDEN', 'MSG', 'USR'],
  muteMessageGroup: ['COGNITO', 'GRP', 'HEAD', 'HIDDEN', 'MSG', 'USR'],
  unmuteMessageGroup: ['COGNITO', 'GRP', 'HEAD', 'HIDDEN', 'MSG', 'USR'],
  markUnread: ['COGNITO', 'GRP', 'HEAD', 'HIDDEN', 'MSG', 'USR'],
  blockUser: ['BLOCK', 'COGNITO', 'HEAD', 'PAIR', 'USR'],
  unblockUser: ['BLOCK', 'COGNITO', 'HEAD', 'PAIR', 'USR'],
  createReport: ['COGNITO', 'HEAD', 'MSG', 'REPORT', 'REPORTS', 'USR'],
  listBlocks: ['BLOCK', 'COGNITO', 'USR'],
  createTicket: ['COGNITO', 'TICKET', 'USR'],
  endConnections: ['COGNITO', 'CONN', 'USR'],
  admitConnection: ['TICKET'],
  openConnection: ['CONN', 'USR'],
  closeConnection: ['CONN'],
  answerFrame: ['CONN'],
  relayTyping: ['CONN', 'HEAD', 'USR'],
  pushEvents: ['CONN', 'HEAD', 'USR'],
  getLimits: ['COGNITO', 'USR'],
  countUnread: ['COGNITO', 'GRP', 'USR'],
  findUser: ['COGNITO', 'HANDLE', 'PAIR', 'USR'],
  findUsers: ['COGNITO', 'HANDLE', 'NAME', 'USR'],
  whoAmI: ['COGNITO', 'USR'],
  exportUser: ['BLOCK', 'COGNITO', 'GRP', 'HEAD', 'HIDDEN', 'MSG', 'REPORT', 'USR'],
  updateProfile: ['COGNITO', 'HANDLE', 'NAME', 'USR'],
  createProfile: ['COGNITO', 'HANDLE', 'NAME', 'RESERVED', 'USR'],
  eraseUser: ['COGNITO', 'CONN', 'ERASURE', 'HANDLE', 'NAME', 'RESERVED', 'USR'],
  checkSignUp: ['HANDLE', 'RESERVED'],
  completeSignUp: ['COGNITO', 'HANDLE', 'NAME', 'RESERVED', 'USR'],
  finishErasures: ['BLOCK', 'CONN', 'ERASURE', 'GRP', 'HEAD', 'HIDDEN', 'MSG', 'PAIR', 'REPORT', 'SENT', 'USR'],
  projectInbox: ['GRP', 'HEAD', 'HIDDEN', 'MSG', 'USR'],
};

// Functions that call Cognito or API Gateway, which have no gateway endpoint, or no AWS service at all.
const outsideVpc = new Set([
  'createProfile',
  'eraseUser',
  'finishErasures',
  'completeSignUp',
  'endConnections',
  'openConnection',
  'answerFrame',
  'relayTyping',
  'pushEvents',
  'unknownRoute',
  'page',
  'openApi',
  'renewSession',
  'endSession',
]);

// The functions with a stream event, and the failure queue of each that has one.
const failureQueues = { projectInbox: 'ProjectionFailures', pushEvents: undefined };

// What each function does with connections of the WebSocket API: it posts to them, or ends them. The test compares these as well.
const connectionMethods = {
  endConnections: ['DELETE'],
  eraseUser: ['DELETE'],
  finishErasures: ['DELETE'],
  openConnection: ['DELETE'],
  answerFrame: ['DELETE'],
  relayTyping: ['DELETE', 'POST'],
  pushEvents: ['DELETE', 'POST'],
};

const getAtt = (resource, attribute) => ({ 'Fn::GetAtt': [resource, attribute] });
const capitalized = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const functionArn = (name) => ({
  // A reference would be circular, since the function refers to its role.
  'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:\${self:service}-\${sls:stage}-${name}`,
});

const onTable = (actions, kinds) => ({
  Effect: 'Allow',
  Action: actions.map((action) => `dynamodb:${action}`),
  Resource: getAtt('MessagesTable', 'Arn'),
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map((kind) => `${kind}#*`) } },
});

const writeLogs = (name) => ({
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: getAtt(`${capitalized(name)}LogGroup`, 'Arn'), // the ARN ends in `:*`: the group's streams, which Lambda names
});

// Neither action supports a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
const trace = { Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' };

// Lambda creates the function's network interfaces with the function's role and requires `*`. The Deny keeps the function's own code
// from using these actions: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
const interfaceActions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
const enterVpc = (name) => [
  { Effect: 'Allow', Action: interfaceActions, Resource: '*' },
  {
    Effect: 'Deny',
    Action: interfaceActions,
    Resource: '*',
    Condition: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn(name) } },
  },
];

const followStream = (failureQueue) => [
  {
    Effect: 'Allow',
    Action: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
    Resource: getAtt('MessagesTable', 'StreamArn'),
  },
  ...(failureQueue ? [{ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: getAtt(failureQueue, 'Arn') }] : []),
];

const manageConnections = (methods) => ({
  Effect: 'Allow',
  Action: ['execute-api:ManageConnections'],
  Resource: methods.map((method) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${WebsocketsApi}/\${sls:stage}/${method}/@connections/*`,
  })),
});

const role = (name, actions) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: name,
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            ...(actions.length > 0 ? [onTable(actions, itemKinds[name])] : []),
            writeLogs(name),
            trace,
            ...(outsideVpc.has(name) ? [] : enterVpc(name)),
            ...(name in failureQueues ? followStream(failureQueues[name]) : []),
            ...(connectionMethods[name] ? [manageConnections(connectionMethods[name])] : []),
          ],
        },
      },
    ],
  },
});

const Resources = Object.fromEntries(
  Object.entries(tableActions).map(([name, actions]) => [`${capitalized(name)}Role`, role(name, actions)]),
);

module.exports = { Resources, tableActions, itemKinds, connectionMethods };
