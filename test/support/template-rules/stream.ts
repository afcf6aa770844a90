import type { Uuid } from '../../../core/model/id.ts';
import { messages } from '../../../core/table/items.ts';
import { exactly, getAtt, type Json, type Rule, service, theOne } from './template.ts';

// How the projector is fed, and what becomes of what it cannot digest.

const settings = service.functions.projectInbox.events[0].stream;
const source =
  (properties: Json): Rule['violations'] =>
  (template) =>
    theOne(template, 'AWS::Lambda::EventSourceMapping', { Properties: properties });

const within = (least: number, most: number, expected: number) => (value: Json) =>
  value === expected && value >= least && value <= most;

const newMessages = { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: messages('' as Uuid) }] } } } };

export const stream: Rule[] = [
  {
    name: 'the projector hears of every new message since the stream began, and of nothing else',
    violations: source({
      Enabled: true,
      EventSourceArn: getAtt('MessagesTable', 'StreamArn'),
      FunctionName: getAtt('ProjectInboxLambdaFunction', 'Arn'),
      StartingPosition: 'TRIM_HORIZON',
      FilterCriteria: ({ Filters }: Json = {}) =>
        Filters?.length === 1 && exactly(newMessages)(JSON.parse(Filters[0].Pattern)),
    }),
  },
  {
    name: 'batches are as large, as soon and as many at once as serverless.yml says',
    violations: source({
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.batchWindow,
      ParallelizationFactor: settings.parallelizationFactor,
    }),
  },
  {
    name: 'one message does not fail its batch, and a failed batch is halved',
    violations: source({ FunctionResponseTypes: ['ReportBatchItemFailures'], BisectBatchOnFunctionError: true }),
  },
  {
    name: 'it is tried again as often and as long as serverless.yml says, and that is not for ever',
    violations: source({
      MaximumRetryAttempts: within(1, 10, settings.maximumRetryAttempts),
      MaximumRecordAgeInSeconds: within(60, 3_600, settings.maximumRecordAgeInSeconds),
    }),
  },
  {
    name: 'what is given up lies in the failure queue, encrypted, for two weeks',
    violations: (template, stage) => [
      ...source({ DestinationConfig: { OnFailure: { Destination: getAtt('ProjectionFailures', 'Arn') } } })(
        template,
        stage,
      ),
      ...theOne(template, 'AWS::SQS::Queue', {
        id: 'ProjectionFailures',
        Properties: { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 },
      }),
    ],
  },
];
