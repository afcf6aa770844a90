import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { budgets, differences } from '../../bench/costs/budgets.ts';
import { costMeter, operationNames } from '../../bench/costs/measure.ts';
import { recordCosts } from '../../bench/costs/recorder.ts';
import { itemSize } from '../../bench/costs/rules.ts';
import type { Table } from '../../core/table/client.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { localConfig, newTable } from '../support/table.ts';

const config = localConfig(dynamodbEndpoint);
let table: Table;
let meter: ReturnType<typeof costMeter>;

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  meter = costMeter(table, config);
});
afterAll(() => meter.stop());

test.each(operationNames)('%s costs what its budget says', async (name) => {
  const changed = differences(await meter.costOf(name), budgets[name]);
  expect(changed, `${name}: lower its budget in bench/costs/budgets.ts, or do without what it costs more`).toEqual([]);
});

// DynamoDB Local reports what single writes and reads consume, by the same rules as AWS. So the rules can be compared with it.
describe('the cost of', () => {
  const values: Record<string, AttributeValue> = {
    text: { S: 'a🦀é' },
    integer: { N: '1732686554' },
    zeros: { N: '1000' },
    negative: { N: '-12' },
    fraction: { N: '0.005' },
    zero: { N: '0' },
    bytes: { B: new Uint8Array(5) },
    yes: { BOOL: true },
    nothing: { NULL: true },
    list: { L: [{ S: 'ab' }, { N: '123' }, { L: [] }] },
    map: { M: { abc: { S: 'x' }, d: { M: {} } } },
    texts: { SS: ['a', 'bcd'] },
    numbers: { NS: ['1', '100'] },
  };
  test.each(Object.keys(values))('an attribute is as in DynamoDB Local: %s', async (name) => {
    const client = new DynamoDBClient(config);
    const unitsOf = async (size: number) => {
      const item = { pk: { S: `${name}-${size}` }, sk: { S: 's' }, [name]: values[name] as AttributeValue };
      const padded = { ...item, p: { S: 'x'.repeat(size - itemSize(item) - 1) } };
      expect(itemSize(padded)).toBe(size);
      const command = { TableName: table.name, Item: padded, ReturnConsumedCapacity: 'TOTAL' } as const;
      return (await client.send(new PutItemCommand(command))).ConsumedCapacity?.CapacityUnits;
    };
    expect([await unitsOf(1024), await unitsOf(1025)]).toEqual([1, 2]);
    client.destroy();
  });

  test('single writes and reads is as DynamoDB Local reports it', async () => {
    const { client, name: TableName } = table;
    const recorder = recordCosts(table, config);
    const reported: (number | undefined)[] = [];
    const asked = { TableName, ReturnConsumedCapacity: 'TOTAL' } as const;
    const at = (sk: string) => ({ pk: 'cost', sk });
    const item = (sk: string, kilobytes: number) => ({ ...at(sk), text: 'x'.repeat(kilobytes * 1024 - 100) });
    const recorded = await recorder.during(async () => {
      for (const command of [
        new PutCommand({ ...asked, Item: item('a', 1) }),
        new PutCommand({ ...asked, Item: item('a', 5) }), // larger than before
        new PutCommand({ ...asked, Item: item('a', 2) }), // smaller than before
        new PutCommand({ ...asked, Item: item('b', 3) }),
        new UpdateCommand({
          ...asked,
          Key: at('b'),
          UpdateExpression: 'SET n = :n',
          ExpressionAttributeValues: { ':n': 1 },
        }),
        new DeleteCommand({ ...asked, Key: at('b') }),
        new DeleteCommand({ ...asked, Key: at('absent') }),
        new PutCommand({ ...asked, Item: item('c', 7) }),
        new GetCommand({ ...asked, Key: at('c') }),
        new GetCommand({ ...asked, Key: at('c'), ConsistentRead: true }),
        new GetCommand({ ...asked, Key: at('absent') }),
        new QueryCommand({
          ...asked,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': 'cost' },
          ConsistentRead: true,
        }),
      ]) {
        const { ConsumedCapacity } = await client.send(command as PutCommand);
        reported.push(ConsumedCapacity?.CapacityUnits);
      }
    });
    recorder.stop();
    expect(recorded.map(({ readUnits, writeUnits }) => readUnits + writeUnits)).toEqual(reported);
    expect(reported).toContain(5);
  });

  test('a write whose condition fails is that of the item', async () => {
    const recorder = recordCosts(table, config);
    const Item = { pk: 'taken', sk: 's', text: 'x'.repeat(2_500) };
    const put = new PutCommand({ TableName: table.name, Item, ConditionExpression: 'attribute_not_exists(pk)' });
    const [first, second] = await recorder.during(async () => {
      await table.client.send(put);
      await expect(table.client.send(put)).rejects.toThrow('conditional');
    });
    recorder.stop();
    expect([first?.writeUnits, second?.writeUnits]).toEqual([3, 3]);
  });
});
