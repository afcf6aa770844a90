import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emittedMetrics, metricsOfAlarm, metricsOfDashboard } from './metrics.ts';
import {
  exactly,
  functionsOf,
  type Json,
  ofType,
  type Rule,
  ref,
  root,
  service,
  theOne,
  unlike,
  when,
} from './template.ts';

// What an operator sees, and is told.

/** What must not happen unnoticed. */
const watched = [
  'AWS/Lambda IteratorAge ProjectInboxLambdaFunction',
  'AWS/SQS ApproximateNumberOfMessagesVisible ProjectionFailures',
  'AWS/ApiGateway 5xx HttpApi',
  'AWS/ApiGateway Latency HttpApi p99',
  'AWS/DynamoDB ReadThrottleEvents MessagesTable',
  'AWS/DynamoDB WriteThrottleEvents MessagesTable',
  'AWS/Lambda Throttles',
  'AWS/Lambda Errors CompleteSignUpLambdaFunction',
  'cruddur-messages GaveUp',
];

const alarmsOf = (template: Parameters<Rule['violations']>[0]) => ofType(template, 'AWS::CloudWatch::Alarm');

/** The functions that a browser signs in by. */
const signsIn = ['page', 'renewSession', 'endSession'];

export const operations: Rule[] = [
  {
    name: 'functions run on Node 24, and are traced',
    violations: (template) => [
      ...unlike(
        'the functions',
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
    name: 'functions are told their table and how they sign their logs, some where people sign in, and nothing else',
    violations: (template, stage) =>
      functionsOf(template).flatMap(({ id, name, Properties }) =>
        unlike(
          `${id}, environment`,
          Properties.Environment?.Variables,
          exactly({
            TABLE_NAME: `cruddur-messages-${stage}`,
            POWERTOOLS_SERVICE_NAME: `cruddur-messages-${stage}`,
            POWERTOOLS_METRICS_NAMESPACE: 'cruddur-messages',
            NODE_OPTIONS: '--enable-source-maps',
            ...(signsIn.includes(name) && {
              COGNITO_CLIENT_ID: ref('WebClient'),
              COGNITO_ENDPOINT: { 'Fn::Sub': `https://cognito-idp.\${AWS::Region}.amazonaws.com` },
            }),
          }),
        ),
      ),
  },
  {
    name: 'nothing of the local stack is left: no address of this machine, no endpoint',
    violations: ({ Resources }) =>
      Object.entries(Resources).flatMap(([id, resource]) => {
        const [found] = /localhost|127\.0\.0\.1|\[::1\]|AWS_ENDPOINT_URL\w*/.exec(JSON.stringify(resource)) ?? [];
        return when(found !== undefined, `${id} has ${found}`);
      }),
  },
  {
    name: 'every log is kept for a time and not for ever, and every function and the API have one',
    violations(template, stage) {
      const conversations = ofType(template, 'AWS::Logs::LogGroup');
      const names = conversations.map(({ Properties }) => Properties.LogGroupName);
      const needed = functionsOf(template).map(({ Properties }) => `/aws/lambda/${Properties.FunctionName}`);
      return [
        ...conversations.flatMap(({ id, Properties }) =>
          unlike(id, Properties, { RetentionInDays: stage === 'prod' ? 30 : 14 }),
        ),
        ...[...needed, `/aws/http-api/cruddur-messages-${stage}`].flatMap((name) =>
          when(!names.includes(name), `there is no log group ${name}`),
        ),
      ];
    },
  },
  {
    name: 'what must not happen unnoticed has an alarm',
    violations(template) {
      const metrics = alarmsOf(template)
        .flatMap(metricsOfAlarm)
        .map(({ text }) => text);
      return watched.flatMap((text) =>
        when(!metrics.some((metric) => metric.startsWith(text)), `no alarm for ${text}`),
      );
    },
  },
  {
    name: 'prod is watched, other stages are not; alarms tell the one topic, when they begin and when they end',
    violations(template, stage) {
      const [left, right] = template.Conditions.IsWatched?.['Fn::Equals'] ?? [];
      return [
        ...when(typeof left !== 'string' || (left === right) !== (stage === 'prod'), `IsWatched is ${left} = ${right}`),
        ...theOne(template, 'AWS::SNS::Topic', { id: 'Alarms', Condition: 'IsWatched' }),
        ...theOne(template, 'AWS::CloudWatch::Dashboard', { Condition: 'IsWatched' }),
        ...alarmsOf(template).flatMap((alarm) =>
          unlike(alarm.id, alarm, {
            Condition: 'IsWatched',
            Properties: {
              AlarmActions: [ref('Alarms')],
              OKActions: [ref('Alarms')],
              ActionsEnabled: (enabled: Json) => enabled !== false,
            },
          }),
        ),
      ];
    },
  },
  {
    name: 'the README’s runbook says of each alarm what to do',
    violations(template) {
      const readme = readFileSync(join(root, 'README.md'), 'utf8');
      return alarmsOf(template).flatMap(({ id, Properties }) => {
        const [, word] = /Runbook: ([\w-]+)$/.exec(Properties.AlarmDescription ?? '') ?? [];
        return when(!readme.split('\n').includes(`### ${word}`), `${id}: README.md has no "### ${word}"`);
      });
    },
  },
  {
    name: 'the dashboard can be read, and metrics of our own are ones that the handlers write',
    violations(template, stage) {
      const dashboards = ofType(template, 'AWS::CloudWatch::Dashboard');
      const shown = dashboards.flatMap(({ id, Properties }) => metricsOfDashboard(id, Properties));
      const ours = [...alarmsOf(template).flatMap(metricsOfAlarm), ...shown].filter(
        ({ namespace }) => namespace === 'cruddur-messages',
      );
      return [
        ...when(shown.length === 0, 'the dashboard shows nothing, or is not JSON'),
        ...when(ours.length === 0, 'no metric of our own is looked at'),
        ...ours.flatMap(({ where, name, dimensions }) => [
          ...when(!emittedMetrics.has(name), `${where}: nobody writes ${name}`),
          ...unlike(`${where}: ${name}`, dimensions, [['service', `cruddur-messages-${stage}`]]),
        ]),
      ];
    },
  },
];
