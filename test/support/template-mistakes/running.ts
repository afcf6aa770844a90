import { type Mistake, properties } from './mistake.ts';

// How it runs and what is kept, and what AWS would not understand.

const schema = 'every resource is as AWS describes its type';
const outlive =
  'in prod the table and the pool outlive the stack and the table can be restored; elsewhere nothing stays';

export const running: Mistake[] = [
  {
    name: 'a table that anybody may delete',
    make: ({ MessagesTable }) => {
      properties(MessagesTable).DeletionProtectionEnabled = false;
    },
    found: [outlive],
  },
  {
    name: 'a pool that goes with the stack',
    make: ({ CognitoUserPoolPeople }) => {
      CognitoUserPoolPeople.DeletionPolicy = 'Delete';
    },
    found: [outlive],
  },
  {
    name: 'retries for ever',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      properties(source).MaximumRetryAttempts = -1;
    },
    found: ['it is tried again as often and as long as serverless.yml says, and that is not for ever'],
  },
  {
    name: 'failures that go nowhere',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      delete properties(source).DestinationConfig;
    },
    found: ['what is given up lies in the failure queue, encrypted, for two weeks'],
  },
  {
    name: 'a log for ever',
    make: ({ CreateProfileLogGroup }) => {
      delete properties(CreateProfileLogGroup).RetentionInDays;
    },
    found: ['every log is kept for a time and not for ever, and every function and the API have one'],
  },
  {
    name: 'an alarm that tells nobody',
    make: ({ SlowAlarm }) => {
      delete properties(SlowAlarm).AlarmActions;
    },
    found: ['prod is watched, other stages are not; alarms tell the one topic, when they begin and when they end'],
  },
  {
    name: 'an alarm by a metric that nobody writes',
    make: ({ GaveUpAlarm }) => {
      properties(GaveUpAlarm).MetricName = 'GivenUp';
    },
    found: [
      'what must not happen unnoticed has an alarm',
      'the dashboard can be read, and metrics of our own are ones that the handlers write',
    ],
  },
  {
    name: 'the switch of the local stack',
    make: ({ CreateProfileLambdaFunction }) => {
      properties(CreateProfileLambdaFunction).Environment.Variables.AWS_ENDPOINT_URL_DYNAMODB = 'http://localhost:8000';
    },
    found: [
      'functions are told their table and how they sign their logs, some where people sign in, and nothing else',
      'nothing of the local stack is left: no address of this machine, no endpoint',
    ],
  },
  {
    name: 'a property that there is not',
    make: ({ ProjectionFailures }) => {
      properties(ProjectionFailures).RetentionPeriod = 1209600;
    },
    found: [schema],
  },
  {
    name: 'a number that is text, deep inside',
    make: ({ HttpApiStage }) => {
      properties(HttpApiStage).DefaultRouteSettings.DetailedMetricsEnabled = 'yes';
    },
    found: [schema],
  },
  {
    name: 'a required property forgotten',
    make: ({ Operators }) => {
      delete properties(Operators).UserPoolId;
    },
    found: [schema],
  },
  {
    name: 'an attribute that there is not',
    make: ({ FlowLog }, { Outputs }) => {
      Outputs.FlowLog = { Value: { 'Fn::Sub': `\${FlowLogRole.Name} of ${FlowLog.Type}` } };
    },
    found: ['every reference leads to something'],
  },
  {
    name: 'receipts that stay',
    make: ({ MessagesTable }) => {
      properties(MessagesTable).TimeToLiveSpecification.Enabled = false;
    },
    found: ['the table: keys, both images in the stream, TTL, paid by use, encrypted'],
  },
  {
    name: 'a projector that hears of its own rows',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      delete properties(source).FilterCriteria;
    },
    found: ['the projector hears of every new message since the stream began, and of nothing else'],
  },
  {
    name: 'ten batches at once',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      properties(source).ParallelizationFactor = 10;
    },
    found: ['batches are as large, as soon and as many at once as serverless.yml says'],
  },
  {
    name: 'a message that fails its batch',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      delete properties(source).FunctionResponseTypes;
    },
    found: ['one message does not fail its batch, and a failed batch is halved'],
  },
  {
    name: 'a function that is not traced',
    make: ({ CreateProfileLambdaFunction }) => {
      properties(CreateProfileLambdaFunction).TracingConfig.Mode = 'PassThrough';
    },
    found: ['functions run on Node 24, and are traced'],
  },
  {
    name: 'an alarm without a word on what to do',
    make: ({ SlowAlarm }) => {
      properties(SlowAlarm).AlarmDescription = 'Slow';
    },
    found: ['the README’s runbook says of each alarm what to do'],
  },
];
