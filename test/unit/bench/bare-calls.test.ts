import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { bareCalls } from '../../../bench/latency/bare-calls.ts';
import { openTable, type Table } from '../../../core/table/client.ts';
import { localConfig } from '../../support/table.ts';

const config = localConfig('http://127.0.0.1:1'); // nothing is sent

/** Answers every request with nothing. @returns the commands that were executed */
function fakeDatabase(table: Table): string[] {
  const executed: string[] = [];
  table.client.middlewareStack.add(
    (_, { commandName = '' }) =>
      async () => {
        executed.push(commandName);
        return { response: {}, output: { $metadata: {} } } as never;
      },
    { step: 'deserialize', priority: 'high', name: 'fake' }, // of one priority, the first one is the outermost
  );
  return executed;
}

test('the calls of a verb are found in its order, parallel ones together, each read once, and its writes are not executed', async () => {
  const table = openTable('table', config);
  const bare = bareCalls(table, config);
  const executed = fakeDatabase(table);
  const read = (sk: string) => table.client.send(new GetCommand({ TableName: 'table', Key: { pk: 'p', sk } }));
  const Item = { pk: 'p', sk: 'a' };
  const calls = await bare.callsOf(async () => {
    await read('a');
    await Promise.all([read('b'), read('c')]);
    await read('a');
    await table.client.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName: 'table', Item } }] }));
  });
  bare.stop();
  expect(calls.map((group) => group.map(({ operation }) => operation))).toEqual([
    ['GetItem'],
    ['GetItem', 'GetItem'],
    ['TransactWriteItems'],
  ]);
  expect(calls[0]?.[0]?.input).toMatchObject({ Key: { pk: { S: 'p' }, sk: { S: 'a' } } });
  expect(executed).toEqual(Array(4).fill('GetItemCommand'));
  await read('a');
  expect(executed).toHaveLength(5);
});
