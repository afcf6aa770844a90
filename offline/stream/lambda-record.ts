import type { _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';

/**
 * Converts a record of GetRecords to the format that a Lambda function receives: epoch seconds instead of a `Date`,
 * binary values in base64, and the ARN of the stream added
 * (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html).
 */
export function toLambdaRecord(record: StreamRecord, streamArn: string, region: string): DynamoDBRecord {
  const { ApproximateCreationDateTime: created, ...change } = record.dynamodb ?? {};
  const { PrincipalId: principalId, Type: type } = record.userIdentity ?? {};
  const lambdaRecord = {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region, // from our settings: DynamoDB Local reports "ddblocal", which is not a region
    dynamodb: {
      ...(created && { ApproximateCreationDateTime: created.getTime() / 1000 }),
      ...(toJsonValue(change) as object),
    },
    // Present when DynamoDB deleted the item by time to live.
    ...(record.userIdentity && { userIdentity: { principalId, type } }),
    eventSourceARN: streamArn,
  };
  return lambdaRecord as DynamoDBRecord;
}

function toJsonValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJsonValue(inner)]));
}
