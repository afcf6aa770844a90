import { DynamoDBClient, type DynamoDBClientConfig, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Table } from '../../core/table/client.ts';
import { sum } from '../harness/statistics.ts';
import {
  type Index,
  indexWriteUnits,
  itemSize,
  type Reading,
  readUnits,
  type StoredItem,
  type Writing,
  writeUnits,
} from './rules.ts';

/** What a request costs. */
export interface RequestCost {
  operation: string;
  readUnits: number;
  writeUnits: number;
}

/** What requests cost together, and their number. */
export const totalOf = (costs: readonly RequestCost[]) => ({
  writeUnits: sum(costs.map(({ writeUnits }) => writeUnits)),
  readUnits: sum(costs.map(({ readUnits }) => readUnits)),
  requests: costs.length,
});

export interface CostRecorder {
  /** @returns the requests that the table's client makes during a function, with their costs */
  during: (run: () => Promise<unknown>) => Promise<RequestCost[]>;
  stop: () => void;
}

/** What a table looks like to the recorder. */
export interface Layout {
  /** The names of the key attributes. */
  key: string[];
  indexes: Index[];
}
const ours: Layout = { key: ['pk', 'sk'], indexes: [] };

/**
 * Records what the requests of a table's client cost in AWS. The sizes are those of the real items: another client reads every item that a
 * request writes, before and after it. Each attempt counts, also one whose condition fails: DynamoDB charges it all the same. A client
 * that sends requests at the same time gets exact costs only if they touch different items.
 * @param config settings of the client that reads the items: those of the table's client
 * @param layouts the tables that differ from ours, by name
 */
export function recordCosts(
  table: Table,
  config: DynamoDBClientConfig,
  layouts: Record<string, Layout> = {},
): CostRecorder {
  const observer = new DynamoDBClient(config);
  let costs: RequestCost[] | undefined;

  const layoutOf = ({ TableName = '' }: { TableName?: string | undefined }) => layouts[TableName] ?? ours;
  const stored = async (TableName: string | undefined, Key: StoredItem) =>
    (await observer.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  const keyOf = ({ Key, Item, ...part }: WritePart): StoredItem => {
    const { key } = layoutOf(part);
    return Key ?? Object.fromEntries(Object.entries(Item ?? {}).filter(([name]) => key.includes(name)));
  };

  /** Runs a request, and computes what its writes cost. */
  const costOfWrites = async (parts: WritePart[], writing: Writing, run: () => Promise<unknown>): Promise<number> => {
    const read = () => Promise.all(parts.map((part) => stored(part.TableName, keyOf(part))));
    const before = await read();
    await run();
    const after = await read();
    return parts.reduce((units, part, n) => {
      const sizes = [before[n], after[n], part.Item].map((item) => (item ? itemSize(item) : 0));
      const { key, indexes } = layoutOf(part);
      const ofIndexes = indexes.map((index) => indexWriteUnits(index, key, before[n], after[n]));
      return units + writeUnits(Math.max(...sizes), writing) + sum(ofIndexes);
    }, 0);
  };

  const middleware = 'costs';
  table.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!costs) return next(args);
        const cost: RequestCost = { operation: commandName.replace(/Command$/, ''), readUnits: 0, writeUnits: 0 };
        costs.push(cost);
        const input = args.input as Input;
        const writes = writesOf(cost.operation, input);
        if (!writes) {
          const answer = await next(args);
          cost.readUnits = costOfRead(cost.operation, input, answer.output as Output);
          return answer;
        }
        let answer: ReturnType<typeof next> | undefined;
        const writing = cost.operation === 'TransactWriteItems' ? 'transactional' : 'standard';
        cost.writeUnits = await costOfWrites(writes, writing, async () => {
          answer = next(args);
          await answer.catch(() => {}); // the caller gets the error below
        });
        return answer as ReturnType<typeof next>;
      },
    { step: 'deserialize', priority: 'high', name: middleware, override: true }, // below the SDK's retries: each attempt counts
  );

  return {
    during: async (run) => {
      costs = [];
      try {
        await run();
        return costs;
      } finally {
        costs = undefined;
      }
    },
    stop: () => {
      table.client.middlewareStack.remove(middleware);
      observer.destroy();
    },
  };
}

/** One write of a request: with a key, or with the whole item to put. */
interface WritePart {
  TableName?: string | undefined;
  Key?: StoredItem;
  Item?: StoredItem;
}

interface Input extends WritePart {
  ConsistentRead?: boolean;
  ProjectionExpression?: string;
  FilterExpression?: string;
  TransactItems?: Record<string, WritePart>[];
  RequestItems?: Record<string, { PutRequest?: WritePart; DeleteRequest?: WritePart }[] | BatchOfKeys>;
}

/** Of a BatchGetItem. */
interface BatchOfKeys {
  Keys: object[];
  ConsistentRead?: boolean;
}

/** The answer of a document client has plain values already. */
interface Output {
  Item?: object;
  Items?: object[];
  Responses?: { Item?: object }[] | Record<string, object[]>;
}

/** The writes of a request; undefined if it only reads. */
function writesOf(operation: string, input: Input): WritePart[] | undefined {
  switch (operation) {
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [input];
    case 'TransactWriteItems':
      return (input.TransactItems ?? []).flatMap(Object.values);
    case 'BatchWriteItem':
      return Object.entries(input.RequestItems ?? {}).flatMap(([TableName, requests]) =>
        (requests as Exclude<typeof requests, BatchOfKeys>).map(({ PutRequest, DeleteRequest }) => ({
          ...(PutRequest ?? DeleteRequest),
          TableName,
        })),
      );
    default:
      return undefined;
  }
}

function costOfRead(operation: string, input: Input, { Item, Items = [], Responses = [] }: Output): number {
  const isPartial = input.ProjectionExpression !== undefined || input.FilterExpression !== undefined;
  if (isPartial) throw new Error(`the answer of ${operation} shows only a part of what is read: teach costOfRead`);
  const reading: Reading = input.ConsistentRead ? 'strong' : 'eventual';
  const sizeOf = (item: object | undefined) => (item ? itemSize(marshall(item)) : 0);
  switch (operation) {
    case 'GetItem':
      return readUnits(sizeOf(Item), reading);
    case 'Query':
    case 'Scan': // the items of a page are added up first
      return readUnits(sum(Items.map(sizeOf)), reading);
    case 'TransactGetItems':
      return sum((Responses as { Item?: object }[]).map(({ Item }) => readUnits(sizeOf(Item), 'transactional')));
    case 'BatchGetItem': // each item by itself, and one that is missing as the smallest
      return sum(
        Object.entries(input.RequestItems ?? {}).flatMap(([table, request]) => {
          const { Keys, ConsistentRead } = request as BatchOfKeys;
          const found = (Responses as Record<string, object[]>)[table] ?? [];
          return Keys.map((_, n) => readUnits(sizeOf(found[n]), ConsistentRead ? 'strong' : 'eventual'));
        }),
      );
    default:
      throw new Error(`teach costOfRead about ${operation}`);
  }
}
