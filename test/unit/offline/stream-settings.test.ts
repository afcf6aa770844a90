import { describe, expect, test } from 'vitest';
import { eventSources } from '../../../offline/stream/event-sources.ts';

const arn = { 'Fn::GetAtt': ['MessagesTable', 'StreamArn'] };
const sourceOf = (stream: object) =>
  eventSources({
    project: { name: 'svc-local-project', events: [{ stream: { type: 'dynamodb', arn, ...stream } }] },
  })[0];

describe('the stream events of a service', () => {
  test('have the settings of projectInbox', () => {
    expect(
      sourceOf({
        startingPosition: 'TRIM_HORIZON',
        filterPatterns: [{ eventName: ['INSERT'] }],
        batchSize: 100,
        batchWindow: 2,
        parallelizationFactor: 2,
        functionResponseType: 'ReportBatchItemFailures',
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 3,
        maximumRecordAgeInSeconds: 300,
        destinations: { onFailure: { type: 'sqs', arn } },
      }),
    ).toEqual({
      name: 'project',
      functionName: 'svc-local-project',
      batchSize: 100,
      batchWindowMs: 2000,
      startingPosition: 'TRIM_HORIZON',
      parallelizationFactor: 2,
      wants: expect.any(Function),
      reportsItemFailures: true,
      bisects: true,
      maximumRetries: 3,
      maximumAgeMs: 300_000,
      hasFailureDestination: true,
    });
  });

  test('have the defaults of osls and AWS', () => {
    const source = sourceOf({});
    expect(source).toMatchObject({
      batchSize: 10,
      batchWindowMs: 0,
      startingPosition: 'TRIM_HORIZON',
      parallelizationFactor: 1,
      reportsItemFailures: false,
      bisects: false,
      maximumRetries: Number.POSITIVE_INFINITY,
      maximumAgeMs: 86_400_000,
      hasFailureDestination: false,
    });
    expect(source?.wants({ eventName: 'REMOVE' })).toBe(true);
  });

  test('have no limit if the setting is -1', () => {
    const unlimited = sourceOf({ maximumRetryAttempts: -1, maximumRecordAgeInSeconds: -1 });
    expect(unlimited).toMatchObject({ maximumRetries: Number.POSITIVE_INFINITY, maximumAgeMs: 86_400_000 });
    expect(sourceOf({ maximumRetryAttempts: 0 })?.maximumRetries).toBe(0);
  });

  test('are ignored if disabled', () => {
    const events = [{ httpApi: '*' }, { stream: { arn, enabled: false } }];
    expect(eventSources({ project: { events }, other: {} })).toEqual([]);
    const short = [{ stream: 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x' }];
    expect(eventSources({ project: { events: short } })).toHaveLength(1);
  });

  test.each([
    ['tumblingWindowInSeconds', { tumblingWindowInSeconds: 10 }],
    ['AT_TIMESTAMP', { startingPosition: 'AT_TIMESTAMP' }],
    ['kinesis', { type: 'kinesis' }],
    ['filterPatterns', { filterPatterns: [{ eventName: [{ suffix: 'T' }] }] }],
  ])('%s stops the start, and the error names the function', (name, stream) => {
    expect(() => sourceOf(stream)).toThrow(new RegExp(`^project: .*${name}`));
  });
});
