import type { Uuid } from '../../../core/model/id.ts';
import { headKey, hiddenRows, inbox, messages } from '../../../core/table/items.ts';
import {
  consumersOf,
  exactly,
  getAtt,
  type Json,
  must,
  ofType,
  type Rule,
  service,
  type Template,
  unlike,
  when,
} from './template.ts';

// The event sources of the stream functions, and their failure queues.

/** The settings of each function’s stream event in serverless.yml. */
const settings = Object.entries<Json>(service.functions).flatMap(([name, { events }]) =>
  events.flatMap(({ stream }: Json): [string, Json][] => (stream ? [[name, stream]] : [])),
);

/** Compares the event source of each function that has a stream event in serverless.yml with its settings there. */
const asConfigured =
  (expected: (stream: Json) => Json): Rule['violations'] =>
  (template) =>
    settings.flatMap(([name, stream]) => {
      const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;
      const [source, ...others] = consumersOf(template).filter(({ functionId }) => functionId === id);
      if (!source || others.length > 0)
        return [`${id} must have one event source, and has ${source ? others.length + 1 : 'none'}`];
      return unlike(source.source.id, source.source.Properties, expected(stream));
    });

const within = (least: number, most: number, expected: number) =>
  must(
    `${expected}, and between ${least} and ${most}`,
    (value) => value === expected && value >= least && value <= most,
  );

const noId = '' as Uuid;

const newMessages = {
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: { Keys: { pk: { S: [{ prefix: messages(noId) }] } } },
};

const changes = {
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: {
    Keys: {
      pk: {
        S: [messages(noId), inbox(noId), hiddenRows(noId), headKey(noId).pk].map((prefix) => ({ prefix })),
      },
    },
  },
};

/** The consumers whose records must not be lost: all but the push, since clients ask for what they were not told. */
const withFailureQueue = (template: Template) =>
  consumersOf(template).filter(({ functionId }) => functionId !== 'PushEventsLambdaFunction');

export const stream: Rule[] = [
  {
    name: 'the push receives new and changed messages, inbox rows and heads from now on, and none that is old',
    violations: (template) =>
      consumersOf(template)
        .filter(({ functionId }) => functionId === 'PushEventsLambdaFunction')
        .flatMap(({ source }) =>
          unlike(source.id, source.Properties, {
            Enabled: true,
            EventSourceArn: getAtt('MessagesTable', 'StreamArn'),
            StartingPosition: 'LATEST',
            MaximumRecordAgeInSeconds: 60,
            FilterCriteria: must(
              `one filter, ${JSON.stringify(changes)}`,
              ({ Filters } = {}) => Filters?.length === 1 && exactly(changes)(JSON.parse(Filters[0].Pattern)),
            ),
          }),
        ),
  },
  {
    name: 'the projector receives every new or changed message since the stream began, for hours, and nothing else',
    violations: (template) => {
      const projectors = consumersOf(template).filter(({ functionId }) => functionId === 'ProjectInboxLambdaFunction');
      return [
        ...when(projectors.length !== 1, `the projector has ${projectors.length} event sources, and must have one`),
        ...projectors.flatMap(({ source }) =>
          unlike(source.id, source.Properties, {
            Enabled: true,
            EventSourceArn: getAtt('MessagesTable', 'StreamArn'),
            StartingPosition: 'TRIM_HORIZON',
            // A stall of hours heals by itself, and leaves twice as long for a redrive: the stream keeps records for a day.
            MaximumRecordAgeInSeconds: must('from 4 to 8 hours', (age) => age >= 4 * 3_600 && age <= 8 * 3_600),
            FilterCriteria: must(
              `one filter, ${JSON.stringify(newMessages)}`,
              ({ Filters } = {}) => Filters?.length === 1 && exactly(newMessages)(JSON.parse(Filters[0].Pattern)),
            ),
          }),
        ),
      ];
    },
  },
  {
    name: 'batch size, batch window and parallelization are those of serverless.yml',
    violations: asConfigured(({ batchSize, batchWindow, parallelizationFactor }) => ({
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: batchWindow,
      ParallelizationFactor: parallelizationFactor,
    })),
  },
  {
    name: 'one record does not fail its batch, and a failed batch is bisected',
    violations: (template) =>
      withFailureQueue(template).flatMap(({ source }) =>
        unlike(source.id, source.Properties, {
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          BisectBatchOnFunctionError: true,
        }),
      ),
  },
  {
    name: 'retries and record age are those of serverless.yml, and limited',
    violations: asConfigured(({ maximumRetryAttempts, maximumRecordAgeInSeconds }) => ({
      MaximumRetryAttempts: within(1, 10, maximumRetryAttempts),
      MaximumRecordAgeInSeconds: within(60, 8 * 3_600, maximumRecordAgeInSeconds),
    })),
  },
  {
    name: 'records that a stream function gives up on go to a failure queue, encrypted, for two weeks',
    violations: (template) => {
      const queues = ofType(template, 'AWS::SQS::Queue');
      return [
        ...withFailureQueue(template).flatMap(({ source, failures }) =>
          when(
            !queues.some(({ id }) => exactly(getAtt(id, 'Arn'))(failures)),
            `${source.id} has no failure queue. Add it in serverless.yml and resources/stream.yml`,
          ),
        ),
        ...queues.flatMap(({ id, Properties }) =>
          unlike(id, Properties, { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 }),
        ),
      ];
    },
  },
];
