import { type Mistake, properties } from './mistake.ts';

// Data, stream, operations, and what AWS’s schemas reject.

const schema = 'every resource conforms to AWS’s schema of its type';
const outlive =
  'in prod, deleting the stack keeps the table and the user pool, and the table can be restored; other stages keep nothing';

const budget =
  'a budget notifies the topic at 80 % and of a forecast above it, and the topic lets alarms and budgets of this account publish';

export const running: Mistake[] = [
  {
    name: 'a table without deletion protection',
    make: ({ MessagesTable }) => {
      properties(MessagesTable).DeletionProtectionEnabled = false;
    },
    found: [outlive],
  },
  {
    name: 'a user pool that is deleted with the stack',
    make: ({ CognitoUserPoolPeople }) => {
      CognitoUserPoolPeople.DeletionPolicy = 'Delete';
    },
    found: [outlive],
  },
  {
    name: 'a table that a failed first deployment leaves behind',
    make: ({ MessagesTable }) => {
      MessagesTable.DeletionPolicy = 'Retain';
    },
    found: [outlive],
  },
  {
    name: 'endless retries',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      properties(source).MaximumRetryAttempts = -1;
    },
    found: ['retries and record age are those of serverless.yml, and limited'],
  },
  {
    name: 'a new function that is created before those that must know what it writes',
    make: ({ ClearMessageGroupLambdaFunction: clear }) => {
      clear.DependsOn = clear.DependsOn.filter((id: string) => id !== 'ProjectInboxLambdaFunction');
    },
    found: ['a function that changes conversations in a new way is created after those that must know it'],
  },
  {
    name: 'no failure queue',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      delete properties(source).DestinationConfig;
    },
    found: [
      'records that a stream function gives up on go to a failure queue, encrypted, for two weeks',
      'only functions with a stream event may read the stream, and each may send only to its own failure queue',
    ],
  },
  {
    name: 'a log without a retention period',
    make: ({ CreateProfileLogGroup }) => {
      delete properties(CreateProfileLogGroup).RetentionInDays;
    },
    found: ['every function and the API have a log group, and every log group has a retention period'],
  },
  {
    name: 'an alarm that notifies no topic',
    make: ({ SlowAlarm }) => {
      delete properties(SlowAlarm).AlarmActions;
    },
    found: [
      'only prod has alarms and a dashboard; alarms notify the one topic: when they start, and when they end if it matters',
    ],
  },
  {
    name: 'an alarm on reports that notifies when it ends',
    make: ({ NewReportsAlarm }) => {
      properties(NewReportsAlarm).OKActions = properties(NewReportsAlarm).AlarmActions;
    },
    found: [
      'only prod has alarms and a dashboard; alarms notify the one topic: when they start, and when they end if it matters',
    ],
  },
  {
    name: 'an alarm for a metric that no handler writes',
    make: ({ GaveUpAlarm }) => {
      properties(GaveUpAlarm).MetricName = 'GivenUp';
    },
    found: [
      'every watched metric has an alarm',
      'the dashboard is valid JSON, and the handlers write every custom metric that it or an alarm uses',
    ],
  },
  {
    name: 'an endpoint of the local stack',
    make: ({ CreateProfileLambdaFunction }) => {
      properties(CreateProfileLambdaFunction).Environment.Variables.AWS_ENDPOINT_URL_DYNAMODB = 'http://localhost:8000';
    },
    found: [
      'functions get only the expected environment variables',
      'nothing of the local stack is deployed: no local address, no endpoint',
    ],
  },
  {
    name: 'a queue whose name leaves no room for a long stage',
    make: ({ ProjectionFailures }) => {
      properties(ProjectionFailures).QueueName = `${'projection-failures-'.repeat(3)}prod`;
    },
    found: ['no name exceeds its limit, even with the longest name of a stage'],
  },
  {
    name: 'an unknown property',
    make: ({ ProjectionFailures }) => {
      properties(ProjectionFailures).RetentionPeriod = 1209600;
    },
    found: [schema],
  },
  {
    name: 'a nested property of the wrong type',
    make: ({ HttpApiStage }) => {
      properties(HttpApiStage).DefaultRouteSettings.DetailedMetricsEnabled = 'yes';
    },
    found: [schema],
  },
  {
    name: 'a missing required property',
    make: ({ Operators }) => {
      delete properties(Operators).UserPoolId;
    },
    found: [schema],
  },
  {
    name: 'an unknown attribute',
    make: ({ FlowLog }, { Outputs }) => {
      Outputs.FlowLog = { Value: { 'Fn::Sub': `\${FlowLogRole.Name} of ${FlowLog.Type}` } };
    },
    found: ['every reference has a target in the template'],
  },
  {
    name: 'a table that never deletes receipts',
    make: ({ MessagesTable }) => {
      properties(MessagesTable).TimeToLiveSpecification.Enabled = false;
    },
    found: ['the table has its keys, a stream with both images, TTL, on-demand billing and encryption'],
  },
  {
    name: 'a projector that receives its own rows',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      delete properties(source).FilterCriteria;
    },
    found: ['the projector receives every new or changed message since the stream began, for hours, and nothing else'],
  },
  {
    name: 'a push of what happened long ago',
    make: ({ PushEventsEventSourceMappingDynamodbMessagesTable: source }) => {
      properties(source).StartingPosition = 'TRIM_HORIZON';
    },
    found: ['the push receives new and changed messages, inbox rows and heads from now on, and none that is old'],
  },
  {
    name: 'ten batches at once',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      properties(source).ParallelizationFactor = 10;
    },
    found: ['batch size, batch window and parallelization are those of serverless.yml'],
  },
  {
    name: 'a message that fails its whole batch',
    make: ({ ProjectInboxEventSourceMappingDynamodbMessagesTable: source }) => {
      delete properties(source).FunctionResponseTypes;
    },
    found: ['one record does not fail its batch, and a failed batch is bisected'],
  },
  {
    name: 'a function that is not traced',
    make: ({ CreateProfileLambdaFunction }) => {
      properties(CreateProfileLambdaFunction).TracingConfig.Mode = 'PassThrough';
    },
    found: ['functions run on Node 24 and are traced'],
  },
  {
    name: 'an alarm without an entry in the runbook',
    make: ({ SlowAlarm }) => {
      properties(SlowAlarm).AlarmDescription = 'Slow';
    },
    found: ['every alarm, and a budget, has an entry in the runbook'],
  },
  {
    name: 'a consumer that may stand still unnoticed',
    make: ({ PushStoppedAlarm }) => {
      properties(PushStoppedAlarm).Metrics[2].MetricStat.Metric.MetricName = 'Errors';
    },
    found: ['each consumer of the stream has an alarm that fires when messages are sent and it is not invoked'],
  },
  {
    name: 'a baseline of another metric',
    make: ({ ClientErrorsModel }) => {
      properties(ClientErrorsModel).MetricName = '5xx';
    },
    found: ['requests and 4xx have an alarm that compares them with a moving baseline, and a model of what is usual'],
  },
  {
    name: 'an alarm that no number of requests sets off',
    make: ({ RequestsUnusualAlarm }) => {
      properties(RequestsUnusualAlarm).ThresholdMetricId = 'requests';
    },
    found: ['requests and 4xx have an alarm that compares them with a moving baseline, and a model of what is usual'],
  },
  {
    name: 'an alarm for a metric that AWS does not write',
    make: ({ ConnectsFailingAlarm }) => {
      properties(ConnectsFailingAlarm).MetricName = 'IntegrationErrors';
    },
    found: ['every metric of AWS that an alarm or the dashboard uses exists, for a resource of the template'],
  },
  {
    name: 'an alarm for a function that names its role',
    make: ({ PushLateAlarm }) => {
      properties(PushLateAlarm).Dimensions[0].Value = { Ref: 'ProjectInboxRole' };
    },
    found: ['every metric of AWS that an alarm or the dashboard uses exists, for a resource of the template'],
  },
  {
    name: 'a figure of a role instead of its function',
    make: ({ Dashboard }) => {
      const body = properties(Dashboard).DashboardBody;
      body['Fn::Sub'] = body['Fn::Sub'].replace(`\${ProjectInboxLambdaFunction}`, `\${ProjectInboxRole}`);
    },
    found: ['every metric of AWS that an alarm or the dashboard uses exists, for a resource of the template'],
  },
  {
    name: 'an eleventh figure',
    make: ({ Dashboard }) => {
      const body = properties(Dashboard).DashboardBody;
      const { widgets } = JSON.parse(body['Fn::Sub']);
      body['Fn::Sub'] = JSON.stringify({ widgets: [widgets[0], ...widgets] });
    },
    found: ['the dashboard begins with ten figures, each one metric'],
  },
  {
    name: 'a budget that notifies when it is spent twice',
    make: ({ MonthlyBudget }) => {
      properties(MonthlyBudget).NotificationsWithSubscribers[0].Notification.Threshold = 200;
    },
    found: [budget],
  },
  {
    name: 'a topic that any account’s alarms may publish to',
    make: ({ AlarmsPolicy }) => {
      delete properties(AlarmsPolicy).PolicyDocument.Statement[0].Condition;
    },
    found: [budget],
  },
];
