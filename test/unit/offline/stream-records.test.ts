import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Checkpoint, Progress } from '../../../offline/stream/checkpoint.ts';
import { failureMessage } from '../../../offline/stream/failures.ts';
import { toLambdaRecord } from '../../../offline/stream/lambda-record.ts';

describe('the checkpoint', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stream-checkpoint-'));
    file = join(folder, 'state', 'stream-checkpoint.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('survives a restart, by stream, function and shard', () => {
    const checkpoint = new Checkpoint(file);
    checkpoint.advance('stream', 'project', 'one', '1');
    checkpoint.advance('stream', 'project', 'two', '5');
    checkpoint.advance('stream', 'other', 'one', '2');
    checkpoint.advance('stream', 'project', 'one', '3');
    const again = new Checkpoint(file);
    expect(again.of('stream', 'project')).toEqual({ one: '3', two: '5' });
    expect(again.of('stream', 'other')).toEqual({ one: '2' });
    expect(again.of('stream', 'unknown')).toEqual({});
    expect(readdirSync(join(folder, 'state'))).toEqual(['stream-checkpoint.json']);
  });

  test('of another stream is ignored and removed', () => {
    new Checkpoint(file).advance('old', 'project', 'one', '1');
    const checkpoint = new Checkpoint(file);
    expect(checkpoint.of('new', 'project')).toEqual({});
    checkpoint.advance('new', 'project', 'one', '2');
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual(['new']);
  });

  test('drops shards that the stream no longer has', () => {
    const checkpoint = new Checkpoint(file);
    checkpoint.advance('stream', 'project', 'one', '1');
    checkpoint.advance('stream', 'project', 'two', '2');
    checkpoint.keepOnly('stream', 'project', new Set(['two', 'three']));
    expect(checkpoint.of('stream', 'project')).toEqual({ two: '2' });
  });

  test('is empty if the file cannot be read', () => {
    new Checkpoint(file).advance('stream', 'project', 'one', '1');
    writeFileSync(file, '{"stream":');
    expect(new Checkpoint(file).of('stream', 'project')).toEqual({});
  });

  test('without a file is kept in memory', () => {
    const checkpoint = new Checkpoint();
    checkpoint.advance('stream', 'project', 'one', '1');
    expect(checkpoint.of('stream', 'project')).toEqual({ one: '1' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('progress advances exactly to the last record before which all are finished, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), fc.infiniteStream(fc.nat()), (finished, choices) => {
      const progress = new Progress();
      const marks = finished.map((one, index) => progress.add(String(index), one));
      let known = progress.settle();
      for (;;) {
        const open = marks.filter((mark) => !mark.finished);
        const expected = marks.slice(0, open[0] ? marks.indexOf(open[0]) : marks.length).at(-1)?.sequenceNumber;
        expect(known).toBe(expected);
        expect(progress.length).toBe(marks.length - (expected === undefined ? 0 : Number(expected) + 1));
        if (open.length === 0) return;
        const next = open[choices.next().value % open.length];
        if (next) next.finished = true;
        known = progress.settle() ?? known;
      }
    }),
  );
});

describe('a record as a Lambda function receives it', () => {
  const read = {
    eventID: 'e1',
    eventName: 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'ddblocal',
    dynamodb: {
      ApproximateCreationDateTime: new Date('2026-01-02T03:04:00Z'),
      Keys: { pk: { S: 'a' }, id: { B: new Uint8Array([1, 2]) } },
      NewImage: {
        set: { BS: [new Uint8Array([3])] },
        list: { L: [{ M: { deep: { B: new Uint8Array([255]) } } }, { NULL: true }, { N: '1' }] },
        no: { BOOL: false },
      },
      SequenceNumber: '42',
      SizeBytes: 7,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  } as const;

  test('has epoch seconds, base64, the ARN of the stream, and no property for a missing value', () => {
    expect(JSON.parse(JSON.stringify(toLambdaRecord(read as never, 'the:arn', 'us-east-1')))).toEqual({
      eventID: 'e1',
      eventName: 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: 'the:arn',
      dynamodb: {
        ApproximateCreationDateTime: 1767323040,
        Keys: { pk: { S: 'a' }, id: { B: 'AQI=' } },
        NewImage: {
          set: { BS: ['Aw=='] },
          list: { L: [{ M: { deep: { B: '/w==' } } }, { NULL: true }, { N: '1' }] },
          no: { BOOL: false },
        },
        SequenceNumber: '42',
        SizeBytes: 7,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  });

  test('has the identity of a deletion by time to live', () => {
    const deletion = { ...read, userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } };
    expect(toLambdaRecord(deletion as never, 'the:arn', 'us-east-1').userIdentity).toEqual({
      principalId: 'dynamodb.amazonaws.com',
      type: 'Service',
    });
  });
});

describe('the failure message', () => {
  const origin = { functionName: 'f', region: 'eu-west-1', streamArn: 's', shardId: 'shard' };
  const records = [
    { sequenceNumber: '1', createdAt: 60, text: 'do not tell' },
    { sequenceNumber: '2', createdAt: 120, text: 'do not tell' },
  ];

  test('contains the position of the records and none of their content', () => {
    const discarded = { records, condition: 'RetryAttemptsExhausted', invokeCount: 2 } as const;
    const message = failureMessage({ ...discarded, records: [...records] }, origin, 0);
    expect(message.responseContext).toEqual({ statusCode: 200, executedVersion: '$LATEST' });
    expect(message.timestamp).toBe('1970-01-01T00:00:00.000Z');
    expect(message.DDBStreamBatchInfo).toEqual({
      shardId: 'shard',
      startSequenceNumber: '1',
      endSequenceNumber: '2',
      approximateArrivalOfFirstRecord: '1970-01-01T00:01:00Z',
      approximateArrivalOfLastRecord: '1970-01-01T00:02:00Z',
      batchSize: 2,
      streamArn: 's',
    });
    expect(JSON.stringify(message)).not.toContain('do not tell');
  });

  test('has no responseContext if the function was never called', () => {
    const message = failureMessage({ records, condition: 'RecordAgeExceeded', invokeCount: 0 }, origin, 0);
    expect(message).not.toHaveProperty('responseContext');
    expect(message.requestContext).toMatchObject({ condition: 'RecordAgeExceeded', approximateInvokeCount: 0 });
  });
});
