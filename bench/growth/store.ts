import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../core/table/client.ts';
import type { Item } from '../../core/table/items.ts';

const size = 25; // the most that BatchWriteItem takes
const lanes = 4; // requests at a time: DynamoDB Local executes one, while the SDK prepares the others

/** Puts many items. @param onProgress receives how many are stored */
export async function storeAll(
  { client, name }: Table,
  items: Iterator<Item>,
  onProgress: (stored: number) => void,
): Promise<void> {
  let stored = 0;
  const nextBatch = () => {
    const batch: Item[] = [];
    while (batch.length < size) {
      const next = items.next();
      if (next.done) break;
      batch.push(next.value);
    }
    return batch;
  };
  const lane = async () => {
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) {
      const RequestItems = { [name]: batch.map((Item) => ({ PutRequest: { Item } })) };
      const { UnprocessedItems } = await client.send(new BatchWriteCommand({ RequestItems }));
      if (Object.keys(UnprocessedItems ?? {}).length > 0)
        throw new Error('DynamoDB Local has left out items of a batch');
      stored += batch.length;
      onProgress(stored);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
