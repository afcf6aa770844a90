import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Table } from '../../core/table/client.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { empty, newTable } from '../support/table.ts';
import { MemoryTable } from './table/memory-table.ts';
import { type Operation, operations } from './table/operations.ts';

// The simulation's table is only worth what it shares with DynamoDB: here each random operation goes to both, and must be answered alike.

const commands = {
  Get: GetCommand,
  Query: QueryCommand,
  Scan: ScanCommand,
  BatchGet: BatchGetCommand,
  TransactGet: TransactGetCommand,
  TransactWrite: TransactWriteCommand,
  Put: PutCommand,
  Update: UpdateCommand,
  Delete: DeleteCommand,
} as const;

const lanes = 4;
const runsOfLane = 25;
const operationsOfRun = 100;

test(`${lanes * runsOfLane * operationsOfRun} random operations are answered as DynamoDB Local answers them`, async () => {
  const seed = Number(process.env.SIMULATION_SEED ?? Date.now() % 2 ** 31);
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const table = await newTable(dynamodbEndpoint);
      const histories = fc.array(operations, { minLength: operationsOfRun, maxLength: operationsOfRun, size: 'max' });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          await empty(table);
          const memory = new MemoryTable();
          run++;
          for (const [n, operation] of repeated(history).entries()) {
            const unique = { ...operation, input: withOwnToken(operation.input, `${lane}-${run}`) };
            const [here, there] = [inMemory(memory, table.name, unique), await onDynamoDbLocal(table, unique)];
            expect(here, `operation ${n}: ${describe(unique)}`).toEqual(there);
          }
        }),
        { numRuns: runsOfLane, seed: seed + lane, endOnFailure: true },
      );
    }),
  );
}, 180_000);

/** Every fifth transaction with a token is sent twice, as after an answer that was lost. */
const repeated = (history: Operation[]) =>
  history.flatMap((operation, n) =>
    operation.input.ClientRequestToken && n % 5 === 0 ? [operation, operation] : [operation],
  );

/** Tokens are remembered beyond a run. */
const withOwnToken = (input: Operation['input'], run: string) =>
  input.ClientRequestToken ? { ...input, ClientRequestToken: `${input.ClientRequestToken}-${run}` } : input;

function withTable(name: string, { name: command, input }: Operation): Record<string, unknown> {
  if (command === 'BatchGet') return { RequestItems: { [name]: input } };
  if (command !== 'TransactWrite' && command !== 'TransactGet') return { TableName: name, ...input };
  const entries = input.TransactItems as Record<string, object>[];
  const TransactItems = entries.map((entry) =>
    Object.fromEntries(Object.entries(entry).map(([kind, write]) => [kind, { TableName: name, ...write }])),
  );
  return { ...input, TransactItems };
}

function inMemory(memory: MemoryTable, name: string, operation: Operation) {
  try {
    return comparable(memory.execute(operation.name, withTable(name, operation)).output, operation, name);
  } catch (error) {
    return comparableError(error);
  }
}

async function onDynamoDbLocal({ client, name }: Table, operation: Operation) {
  const Command = commands[operation.name] as unknown as typeof GetCommand;
  try {
    const answer = await client.send(new Command(withTable(name, operation) as never));
    return comparable(answer as unknown as Record<string, unknown>, operation, name);
  } catch (error) {
    return comparableError(error);
  }
}

function comparable(answer: Record<string, unknown>, { name }: Operation, table: string) {
  const { Item, Items, Responses } = answer; // not LastEvaluatedKey: DynamoDB sets it at the exact end too, DynamoDB Local does not
  if (name === 'Scan') return { Items: sorted(Items as object[]) };
  if (name === 'BatchGet') return { Items: sorted((Responses as Record<string, object[]>)[table] ?? []) };
  return { Item, Items, Responses };
}

const sorted = (items: object[]) => [...items].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
const placeOf = (item: object) => JSON.stringify([(item as { pk: string }).pk, (item as { sk: string }).sk]);

/** The code, the reasons and the items: not the wording. */
function comparableError(error: unknown) {
  const { name, CancellationReasons, Item } = error as {
    name: string;
    CancellationReasons?: { Code: string; Item?: Record<string, AttributeValue> }[];
    Item?: Record<string, AttributeValue>;
  };
  if (!name.endsWith('Exception')) throw error;
  // DynamoDB names the write whose operand has the wrong type among the reasons, DynamoDB Local refuses the whole request.
  if (CancellationReasons?.some(({ Code }) => Code === 'ValidationError')) return { name: 'ValidationException' };
  // As JavaScript's values, since the members of a set have no order.
  return {
    name,
    Item: Item && unmarshall(Item),
    reasons: CancellationReasons?.map(({ Code, Item }) => ({ Code, Item: Item && unmarshall(Item) })),
  };
}

const describe = (operation: Operation) =>
  JSON.stringify(operation, (_, value) => (value instanceof Set ? { set: [...value] } : value));
