import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';
import type { Item, Key } from '../../core/table/items.ts';

interface Input {
  Key?: Item;
  ExpressionAttributeValues?: Item;
  TransactItems?: { Get?: { Key: Item } }[];
}
interface Output {
  Item?: Item | undefined;
  Items?: Item[];
  /** Of a BatchGetItem, by table. */
  Responses?: Record<string, Item[]> | object[];
}

/**
 * Hides items from the reads of a table client, as DynamoDB hides those of a write transaction that it is still committing: a single
 * read shows them one by one, and a read transaction on one of them is refused. DynamoDB Local shows all of them at once.
 */
export class HiddenItems {
  readonly #hidden = new Map<string, { before: Item | undefined; reads: number }>();

  constructor({ client }: Table) {
    client.middlewareStack.add(
      (next) => async (args) => {
        const { Key, ExpressionAttributeValues, TransactItems = [] } = args.input as Input;
        // The transaction that writes the item ends while the caller waits to try again.
        const refused = TransactItems.flatMap(({ Get }) => (Get && this.#hidden.delete(keyOf(Get.Key)) ? [Get] : []));
        if (refused.length > 0) throw conflict();
        const answer = await next(args);
        this.#apply(answer.output as Output, Key, ExpressionAttributeValues?.[':pk']);
        return answer;
      },
      { step: 'deserialize', priority: 'high', name: 'hidden items', override: true },
    );
  }

  /**
   * @param key of the item to hide
   * @param options.before the item as it was before the transaction; undefined if it is new
   * @param options.reads the number of single reads that do not see the item yet; a refused read transaction ends the hiding too
   */
  hide({ pk, sk }: Key, { before, reads = Number.POSITIVE_INFINITY }: { before?: Item; reads?: number } = {}): this {
    this.#hidden.set(keyOf({ pk, sk }), { before, reads });
    return this;
  }

  /** The number of items that are still hidden. */
  get size(): number {
    return this.#hidden.size;
  }

  /** @param partition of a query, whose items may come without their partition key */
  #apply(output: Output, key: Item | undefined, partition: unknown): void {
    if (key) output.Item = this.#seen(output.Item ?? key, output.Item);
    if (output.Items)
      output.Items = output.Items.map((item) => this.#seen({ pk: partition, ...item }, item)).filter(
        (item) => item !== undefined,
      );
    if (output.Responses && !Array.isArray(output.Responses))
      for (const [table, items] of Object.entries(output.Responses))
        output.Responses[table] = items.map((item) => this.#seen(item, item)).filter((item) => item !== undefined);
  }

  #seen(key: Item, item: Item | undefined): Item | undefined {
    const hidden = this.#hidden.get(keyOf(key));
    if (!hidden) return item;
    hidden.reads -= 1;
    if (hidden.reads <= 0) this.#hidden.delete(keyOf(key));
    return hidden.before;
  }
}

/** Keys of a read transaction are in attribute-value form here, those of single reads are not. */
const keyOf = ({ pk, sk }: Item) => JSON.stringify([pk, sk].map((part) => (part as { S?: string }).S ?? part));

const conflict = () =>
  new TransactionCanceledException({
    message: 'Transaction cancelled',
    CancellationReasons: [{ Code: 'TransactionConflict' }],
    $metadata: {},
  });
