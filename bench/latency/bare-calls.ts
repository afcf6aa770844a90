import {
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';

/** A request as it goes over the wire. */
interface Call {
  operation: string;
  input: object;
}

/** The calls of a function. Those of one group were made at the same time. */
export type Calls = Call[][];

const commands: Record<string, new (input: never) => object> = {
  GetItem: GetItemCommand,
  Query: QueryCommand,
  TransactGetItems: TransactGetItemsCommand,
  TransactWriteItems: TransactWriteItemsCommand,
};

/**
 * Finds the DynamoDB calls that a verb makes, and makes them again without the verb: what is left is the SDK and the database.
 * @param config settings of a second client, which makes the calls again
 */
export function bareCalls(table: Table, config: DynamoDBClientConfig) {
  const bare = new DynamoDBClient(config);
  let calls: Calls | undefined;
  let underWay = 0;
  const middleware = 'bare calls';
  table.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!calls) return next(args);
        const operation = commandName.replace(/Command$/, '');
        const call = { operation, input: structuredClone(args.input) as object };
        if (underWay > 0) calls.at(-1)?.push(call);
        else calls.push([call]);
        // The write is left to `repeat`. So it finds what the verb would have found.
        if (operation === 'TransactWriteItems') return { response: {}, output: { $metadata: {} } } as never;
        underWay++;
        return next(args).finally(() => underWay--);
      },
    { step: 'deserialize', priority: 'high', name: middleware, override: true },
  );
  return {
    /** Runs a verb whose writes are not executed. @returns its calls, without those that repeat an earlier read */
    callsOf: async (run: () => Promise<unknown>): Promise<Calls> => {
      calls = [];
      try {
        await run();
        return distinct(calls);
      } finally {
        calls = undefined;
      }
    },
    /** Makes calls that a verb would have made. @throws when one of them fails, such as a condition */
    repeat: async (groups: Calls): Promise<void> => {
      for (const group of groups) {
        await Promise.all(group.map(({ operation, input }) => bare.send(commandOf(operation, input) as never)));
      }
    },
    stop: () => {
      table.client.middlewareStack.remove(middleware);
      bare.destroy();
    },
  };
}

function commandOf(operation: string, input: object): object {
  const Command = commands[operation];
  if (!Command) throw new Error(`teach commandOf about ${operation}`);
  return new Command(input as never);
}

function distinct(calls: Calls): Calls {
  const seen = new Set<string>();
  const isNew = ({ operation, input }: Call) => {
    const text = `${operation} ${JSON.stringify(input)}`;
    return !seen.has(text) && seen.add(text);
  };
  return calls.map((group) => group.filter(isNew)).filter(({ length }) => length > 0);
}
