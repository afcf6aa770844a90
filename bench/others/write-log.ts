import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { insertRecord } from '../../test/support/stream-record.ts';
import type { Projector } from './design.ts';

type Put = { Item?: Record<string, AttributeValue> };
type Input = Put & {
  RequestItems?: Record<string, { PutRequest?: Put }[] | object>;
  TransactItems?: { Put?: Put }[];
};

/**
 * The records of a table's stream, made from the puts that DynamoDB Local answered. The real stream would have the same, but DynamoDB
 * Local writes the more slowly, the more records its streams hold.
 */
export class WriteLog {
  readonly #keys = new Set<string>();
  #items: Record<string, unknown>[] = [];

  /** Notes the puts of a client from now on. */
  follow(client: DynamoDBDocumentClient): void {
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        const { Item, RequestItems = {}, TransactItems = [] } = args.input as Input;
        const puts = [
          { Item },
          // Of a BatchGetItem, they are keys.
          ...Object.values(RequestItems).flatMap((requests) =>
            Array.isArray(requests) ? requests.map(({ PutRequest }) => PutRequest) : [],
          ),
          ...TransactItems.map(({ Put }) => Put),
        ];
        for (const put of puts) if (put?.Item) this.#items.push(unmarshall(put.Item));
        return answer;
      },
      // Outside of the SDK's own step, which turns DynamoDB's refusals into errors.
      { step: 'deserialize', priority: 'high', name: 'writeLog', override: true },
    );
  }

  /** @returns the records since the last call that a function wants, in the order of the answers */
  take({ wants }: Pick<Projector, 'wants'>): DynamoDBRecord[] {
    const records = this.#items.map((item) => {
      const key = `${item.pk} ${item.sk}`;
      const isNew = !this.#keys.has(key);
      this.#keys.add(key);
      return isNew ? insertRecord(item) : { ...insertRecord(item), eventName: 'MODIFY' as const };
    });
    this.#items = [];
    return records.filter(wants);
  }
}
