import { isDeepStrictEqual } from 'node:util';
import { documentAt, section } from '../documents.ts';
import { emittedMetrics, metricsOfAlarm, metricsOfDashboard, widgetsOf, withoutData } from './metrics.ts';
import { posters } from './sockets.ts';
import {
  consumersOf,
  exactly,
  functionsOf,
  given,
  type Json,
  must,
  ofType,
  type Rule,
  ref,
  service,
  theOne,
  unlike,
  when,
} from './template.ts';

// Logs, alarms, dashboard.

/** The metrics that need an alarm. */
const watched = [
  'AWS/Lambda IteratorAge ProjectInboxLambdaFunction',
  'AWS/SQS ApproximateNumberOfMessagesVisible ProjectionFailures',
  'AWS/ApiGateway 5xx HttpApi',
  'AWS/ApiGateway Latency HttpApi p99',
  'AWS/DynamoDB ReadThrottleEvents MessagesTable',
  'AWS/DynamoDB WriteThrottleEvents MessagesTable',
  'AWS/Lambda Throttles',
  'AWS/Lambda Errors CompleteSignUpLambdaFunction',
  'AWS/Lambda DestinationDeliveryFailures ProjectInboxLambdaFunction',
  'AWS/Cognito SignUpSuccesses CognitoUserPoolPeople WebClient SampleCount',
  'cruddur-messages ProjectionsFailed',
  'cruddur-messages RequestsGivenUp',
  'cruddur-messages NewReports',
];

/** The alarms that end by themselves although the operator's work is not done: a notification of their end would mislead. */
const withoutEnd = ['NewReportsAlarm', 'FailuresLostAlarm'];

const alarmsOf = (template: Parameters<Rule['violations']>[0]) => ofType(template, 'AWS::CloudWatch::Alarm');

/** The metrics that an alarm compares with what is usual, and the side of the band on which it fires. */
const usual = {
  RequestsUnusualAlarm: { metric: 'Count', fires: 'LessThanLowerOrGreaterThanUpperThreshold' },
  ClientErrorsAlarm: { metric: '4xx', fires: 'GreaterThanUpperThreshold' },
};

const dashboardsOf = (template: Parameters<Rule['violations']>[0]) => ofType(template, 'AWS::CloudWatch::Dashboard');

/** The functions that call Cognito for a browser, or tell the browser to. */
const signsIn = ['page', 'renewSession', 'endSession'];

const addressOf = (scheme: string, stage: string) => ({
  'Fn::Sub': `${scheme}://\${WebsocketsApi}.execute-api.\${AWS::Region}.amazonaws.com/${stage}`,
});

export const operations: Rule[] = [
  {
    name: 'functions run on Node 24 and are traced',
    violations: (template) => [
      ...unlike(
        'the list of functions',
        functionsOf(template)
          .map(({ name }) => name)
          .toSorted(),
        Object.keys(service.functions).toSorted(),
      ),
      ...functionsOf(template).flatMap(({ id, Properties }) =>
        unlike(id, Properties, {
          Runtime: 'nodejs24.x',
          Architectures: ['arm64'],
          TracingConfig: exactly({ Mode: 'Active' }),
        }),
      ),
    ],
  },
  {
    name: 'functions get only the expected environment variables',
    violations: (template, stage) =>
      functionsOf(template).flatMap(({ id, name, Properties }) =>
        unlike(
          `${id}, environment`,
          Properties.Environment?.Variables,
          exactly({
            TABLE_NAME: `cruddur-messages-${stage}`,
            POWERTOOLS_SERVICE_NAME: `cruddur-messages-${stage}`,
            POWERTOOLS_METRICS_NAMESPACE: 'cruddur-messages',
            LIMITS: '',
            ...(signsIn.includes(name) && {
              COGNITO_CLIENT_ID: ref('WebClient'),
              COGNITO_ENDPOINT: { 'Fn::Sub': `https://cognito-idp.\${AWS::Region}.amazonaws.com` },
            }),
            ...(name === 'page' && { SECURITY_CONTACT: '' }),
            ...(['createTicket', 'page'].includes(name) && { REALTIME_URL: addressOf('wss', stage) }),
            ...(posters.includes(name) && { CONNECTIONS_ENDPOINT: addressOf('https', stage) }),
          }),
        ),
      ),
  },
  {
    name: 'nothing of the local stack is deployed: no local address, no endpoint',
    violations: ({ Resources }) =>
      Object.entries(Resources).flatMap(([id, resource]) => {
        const [found] = /localhost|127\.0\.0\.1|\[::1\]|AWS_ENDPOINT_URL\w*/.exec(JSON.stringify(resource)) ?? [];
        return when(
          found !== undefined,
          `${id} contains ${found}, which belongs to the local stack. Remove it from the deployed stages`,
        );
      }),
  },
  {
    name: 'every function and the API have a log group, and every log group has a retention period',
    violations(template, stage) {
      const groups = ofType(template, 'AWS::Logs::LogGroup');
      const names = groups.map(({ Properties }) => Properties.LogGroupName);
      const needed = functionsOf(template).map(({ Properties }) => `/aws/lambda/${Properties.FunctionName}`);
      return [
        ...groups.flatMap(({ id, Properties }) =>
          unlike(id, Properties, { RetentionInDays: stage === 'prod' ? 30 : 14 }),
        ),
        ...[...needed, `/aws/http-api/cruddur-messages-${stage}`].flatMap((name) =>
          when(!names.includes(name), `there is no log group ${name}. Declare it, with a retention period`),
        ),
      ];
    },
  },
  {
    name: 'every watched metric has an alarm',
    violations(template) {
      const metrics = alarmsOf(template)
        .flatMap(metricsOfAlarm)
        .map(({ text }) => text);
      return watched.flatMap((text) =>
        when(
          !metrics.some((metric) => metric.startsWith(text)),
          `no alarm uses ${text}. Add one to resources/operations.yml`,
        ),
      );
    },
  },
  {
    name: 'requests and 4xx have an alarm that compares them with a moving baseline, and a model of what is usual',
    violations: (template) =>
      Object.entries(usual).flatMap(([id, { metric, fires }]) => {
        const alarm = template.Resources[id];
        const watched = alarm?.Properties.Metrics?.find(({ MetricStat }: Json) => MetricStat);
        const { Metric, Stat } = watched?.MetricStat ?? {};
        const models = ofType(template, 'AWS::CloudWatch::AnomalyDetector').map(({ Properties }) => Properties);
        return [
          ...unlike(`${id}, metric`, Metric, {
            Namespace: 'AWS/ApiGateway',
            MetricName: metric,
            Dimensions: [{ Name: 'ApiId', Value: ref('HttpApi') }],
          }),
          ...unlike(id, alarm?.Properties, {
            ComparisonOperator: fires,
            Threshold: undefined,
            Metrics: must(
              'the metric, and the band that is the threshold',
              (metrics) =>
                metrics?.length === 2 &&
                metrics.some(
                  ({ Id, Expression }: Json) =>
                    Id === alarm?.Properties.ThresholdMetricId &&
                    new RegExp(`^ANOMALY_DETECTION_BAND\\(${watched?.Id}, \\d\\)$`).test(Expression),
                ),
            ),
          }),
          ...when(
            !models.some((model) => isDeepStrictEqual(model, { ...Metric, Stat })),
            `${id} has no AnomalyDetector for its metric and statistic. Add one to resources/operations.yml`,
          ),
        ];
      }),
  },
  {
    name: 'each consumer of the stream has an alarm that fires when messages are sent and it is not invoked',
    violations: (template) =>
      consumersOf(template).flatMap(({ functionId }) =>
        when(
          !alarmsOf(template).some((alarm) => {
            const metrics = metricsOfAlarm(alarm).map(({ text }) => text);
            return (
              metrics.includes('cruddur-messages MessagesSent Sum') &&
              metrics.includes(`AWS/Lambda Invocations ${functionId} Sum`) &&
              /^IF\(sent > 0 AND FILL\(invocations, 0\) == 0, 1, 0\)$/.test(alarm.Properties.Metrics[0].Expression)
            );
          }),
          `no alarm compares MessagesSent with the invocations of ${functionId}. Add one`,
        ),
      ),
  },
  {
    name: 'the dashboard begins with ten figures, each one metric',
    violations(template) {
      const widgets = dashboardsOf(template).flatMap(({ Properties }) => widgetsOf(Properties));
      const isFigure = widgets.map(({ view, metrics }) => view === 'singleValue' && metrics.length === 1);
      return unlike(
        'the dashboard, which widgets are figures',
        isFigure,
        must('true for the first ten, and no other', (are) =>
          isDeepStrictEqual(are, [...Array(10).fill(true), ...Array(Math.max(0, are.length - 10)).fill(false)]),
        ),
      );
    },
  },
  {
    name: 'every metric of AWS that an alarm or the dashboard uses exists, for a resource of the template',
    violations: (template) =>
      [...alarmsOf(template).flatMap(metricsOfAlarm), ...dashboardsOf(template).flatMap(metricsOfDashboard)].flatMap(
        (metric) => {
          const why = metric.namespace === 'cruddur-messages' ? undefined : withoutData(metric, template);
          return when(why !== undefined, `${metric.where}: ${metric.namespace} ${metric.name} gets no data: ${why}`);
        },
      ),
  },
  {
    name: 'only prod has alarms and a dashboard; alarms notify the one topic: when they start, and when they end if it matters',
    violations(template, stage) {
      const [left, right] = template.Conditions.IsWatched?.['Fn::Equals'] ?? [];
      return [
        ...when(
          typeof left !== 'string' || (left === right) !== (stage === 'prod'),
          `IsWatched compares ${left} with ${right}. They must be equal in prod only: correct isWatched in serverless.yml`,
        ),
        ...theOne(template, 'AWS::SNS::Topic', { id: 'Alarms', Condition: 'HasAlarmTopic' }),
        ...theOne(template, 'AWS::CloudWatch::Dashboard', { Condition: 'IsWatched' }),
        ...alarmsOf(template).flatMap((alarm) =>
          unlike(alarm.id, alarm, {
            Condition: must(
              'IsWatched, or a condition that includes it',
              (name) =>
                name === 'IsWatched' ||
                template.Conditions[name]?.['Fn::And']?.some(({ Condition }: Json) => Condition === 'IsWatched'),
            ),
            Properties: {
              AlarmActions: [ref('Alarms')],
              OKActions: withoutEnd.includes(alarm.id) ? exactly(undefined) : [ref('Alarms')],
              ActionsEnabled: must('true or absent', (enabled) => enabled !== false),
            },
          }),
        ),
      ];
    },
  },
  {
    name: 'a budget notifies the topic at 80 % and of a forecast above it, and the topic lets alarms and budgets of this account publish',
    violations: (template, stage) => [
      ...unlike('IsWatched and a budget', template.Conditions.HasBudget, {
        'Fn::And': [
          { Condition: 'IsWatched' },
          { 'Fn::Not': [{ 'Fn::Equals': [given[stage].monthlyBudget ?? '', ''] }] },
        ],
      }),
      ...theOne(template, 'AWS::Budgets::Budget', {
        Condition: 'HasBudget',
        Properties: {
          Budget: {
            BudgetType: 'COST',
            TimeUnit: 'MONTHLY',
            BudgetLimit: { Amount: Number(given[stage].monthlyBudget ?? 0), Unit: 'USD' },
          },
          NotificationsWithSubscribers: [
            { type: 'ACTUAL', percent: 80 },
            { type: 'FORECASTED', percent: 100 },
          ].map(({ type, percent }) => ({
            Notification: { NotificationType: type, ComparisonOperator: 'GREATER_THAN', Threshold: percent },
            Subscribers: [{ SubscriptionType: 'SNS', Address: ref('Alarms') }],
          })),
        },
      }),
      ...theOne(template, 'AWS::SNS::TopicPolicy', {
        Condition: 'HasAlarmTopic',
        Properties: {
          Topics: exactly([ref('Alarms')]),
          PolicyDocument: exactly({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] },
                Action: 'sns:Publish',
                Resource: ref('Alarms'),
                Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
              },
            ],
          }),
        },
      }),
    ],
  },
  {
    name: 'every alarm, and a budget, has an entry in the runbook',
    violations(template) {
      const entries = section(documentAt('docs/operations.md'), 'Runbook').split('\n');
      const budgets = ofType(template, 'AWS::Budgets::Budget').map(({ id }) => ({ id, word: 'over-budget' }));
      const alarms = alarmsOf(template).map(({ id, Properties }) => {
        const [, word] = /Runbook: ([\w-]+)$/.exec(Properties.AlarmDescription ?? '') ?? [];
        return { id, word };
      });
      return [...alarms, ...budgets].flatMap(({ id, word }) => {
        return when(!entries.includes(`### ${word}`), `${id}: the runbook of docs/operations.md has no "### ${word}"`);
      });
    },
  },
  {
    name: 'the dashboard is valid JSON, and the handlers write every custom metric that it or an alarm uses',
    violations(template, stage) {
      const shown = dashboardsOf(template).flatMap(metricsOfDashboard);
      const custom = [...alarmsOf(template).flatMap(metricsOfAlarm), ...shown].filter(
        ({ namespace }) => namespace === 'cruddur-messages',
      );
      return [
        ...when(
          shown.length === 0,
          'the dashboard has no metric or is not JSON. Correct DashboardBody in resources/operations.yml',
        ),
        ...when(
          custom.length === 0,
          'no alarm or dashboard uses a custom metric. Check the namespace in resources/operations.yml',
        ),
        ...custom.flatMap(({ where, name, dimensions }) => [
          ...when(
            !emittedMetrics.has(name),
            `${where} uses ${name}, which no handler writes. Correct the name, or write the metric`,
          ),
          ...unlike(`${where}: ${name}`, dimensions, [['service', `cruddur-messages-${stage}`]]),
        ]),
      ];
    },
  },
];
