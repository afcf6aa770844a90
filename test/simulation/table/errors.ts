import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  TransactionCanceledException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Item } from './values.ts';

// The errors of DynamoDB, as the client throws them. Their messages are ours: nobody may depend on the wording.

const $metadata = {};
const attributeValues = (item: Item) => marshall(item);

export const invalid = (message: string) =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', message, $metadata });

export const conditionFailed = (item: Item | undefined) =>
  new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata,
    ...(item && { Item: attributeValues(item) }),
  });

/** Why a write of a transaction failed; undefined for one that did not. */
export type Reason = { Code: string; item?: Item | undefined } | undefined;

/** @param reasons one for each write, in their order */
export const cancelled = (reasons: Reason[]) =>
  new TransactionCanceledException({
    message: 'Transaction cancelled',
    $metadata,
    CancellationReasons: reasons.map(
      (reason): CancellationReason => ({
        Code: reason?.Code ?? 'None',
        ...(reason?.item && { Item: attributeValues(reason.item) }),
      }),
    ),
  });

export const tokenReused = () =>
  new IdempotentParameterMismatchException({ message: 'the token was used for another request', $metadata });

export const inProgress = () =>
  new TransactionInProgressException({ message: 'a transaction with the token is under way', $metadata });
