import type { Table } from '../../core/table/client.ts';
import { toJson } from './print.ts';

/**
 * Records every response to one SDK command of a table's client, and makes each request ask for its consumed
 * capacity.
 * @param commandName the class of the SDK command, such as `QueryCommand`
 * @returns the lines to print, to which each later response adds its own
 */
export function captureRawResponses({ client }: Table, commandName: string): string[] {
  const lines: string[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== commandName) return next(args);
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      const result = await next({ ...args, input } as typeof args);
      const { $metadata: _, ConsumedCapacity, ...response } = result.output as unknown as Output;
      lines.push(toJson(response, 2), `Consumed capacity: ${ConsumedCapacity?.CapacityUnits} units`, '');
      return result;
    },
    { step: 'initialize', name: 'captureRawResponses', override: true },
  );
  return lines;
}

interface Output {
  $metadata?: object;
  ConsumedCapacity?: { CapacityUnits?: number };
}
