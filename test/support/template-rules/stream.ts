import type { Uuid } from '../../../core/model/id.ts';
import { messages } from '../../../core/table/items.ts';
import { exactly, getAtt, type Json, must, type Rule, service, theOne } from './template.ts';

// The projector’s event source and failure queue.

const settings = service.functions.projectInbox.events[0].stream;
const source =
  (properties: Json): Rule['violations'] =>
  (template) =>
    theOne(template, 'AWS::Lambda::EventSourceMapping', { Properties: properties });

const within = (least: number, most: number, expected: number) =>
  must(
    `${expected}, and between ${least} and ${most}`,
    (value) => value === expected && value >= least && value <= most,
  );

const newMessages = { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: messages('' as Uuid) }] } } } };

export const stream: Rule[] = [
  {
    name: 'the projector receives every new message since the stream began, and nothing else',
    violations: source({
      Enabled: true,
      EventSourceArn: getAtt('MessagesTable', 'StreamArn'),
      FunctionName: getAtt('ProjectInboxLambdaFunction', 'Arn'),
      StartingPosition: 'TRIM_HORIZON',
      FilterCriteria: must(
        `one filter, ${JSON.stringify(newMessages)}`,
        ({ Filters } = {}) => Filters?.length === 1 && exactly(newMessages)(JSON.parse(Filters[0].Pattern)),
      ),
    }),
  },
  {
    name: 'batch size, batch window and parallelization are those of serverless.yml',
    violations: source({
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.batchWindow,
      ParallelizationFactor: settings.parallelizationFactor,
    }),
  },
  {
    name: 'one message does not fail its batch, and a failed batch is bisected',
    violations: source({ FunctionResponseTypes: ['ReportBatchItemFailures'], BisectBatchOnFunctionError: true }),
  },
  {
    name: 'retries and record age are those of serverless.yml, and limited',
    violations: source({
      MaximumRetryAttempts: within(1, 10, settings.maximumRetryAttempts),
      MaximumRecordAgeInSeconds: within(60, 3_600, settings.maximumRecordAgeInSeconds),
    }),
  },
  {
    name: 'records that the projector gives up on go to the failure queue, encrypted, for two weeks',
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
