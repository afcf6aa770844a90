import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';
import { budgets, type Cost, type OperationName } from './budgets.ts';
import { newGiven, operations } from './operations.ts';
import { recordCosts, totalOf } from './recorder.ts';

export const operationNames = Object.keys(budgets) as OperationName[];

/**
 * Measures what operations cost on a table.
 * @param config settings of a client that can read the table
 */
export function costMeter(table: Table, config: DynamoDBClientConfig) {
  const recorder = recordCosts(table, config);
  const given = newGiven(table);
  return {
    costOf: async (name: OperationName): Promise<Cost> => {
      const runs = await operations[name](given);
      const requests = await recorder.during(async () => {
        for (const run of runs) await run();
      });
      return { ...totalOf(requests), functionRuns: runs.length };
    },
    stop: recorder.stop,
  };
}
