import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Message } from '../../core/model/message.ts';
import { type Item, messageItem } from '../../core/table/items.ts';

let sequence = 0;

/** The stream record of an inserted item. A test compares it with a captured one, test/events/new-message.json. */
export function insertRecord(item: Item): DynamoDBRecord {
  const { pk, sk } = item;
  sequence += 1;
  return {
    eventID: `event-${sequence}`,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/test/stream/2024-11-03T18:51:12.000',
    dynamodb: {
      ApproximateCreationDateTime: 1730659872,
      Keys: marshall({ pk, sk }) as never,
      NewImage: marshall(item) as never,
      SequenceNumber: String(sequence).padStart(21, '0'),
      SizeBytes: JSON.stringify(item).length,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

/** The stream record of a new message. */
export const messageRecord = (message: Message) => insertRecord(messageItem(message));
