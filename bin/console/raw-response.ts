import type { Table } from '../../core/table/client.ts';
import { harmless } from './print.ts';

/**
 * Listens to what DynamoDB answers to one kind of command of a table's client, and asks it to name the capacity that it took.
 * @returns what was answered, as lines to print, added to as the answers come
 */
export function captureRawResponses({ client }: Table, commandName: string): string[] {
  const lines: string[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== commandName) return next(args);
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      const answer = await next({ ...args, input } as typeof args);
      const { $metadata: _, ConsumedCapacity, ...response } = answer.output as unknown as Answer;
      lines.push(
        harmless(JSON.stringify(response, null, 2)),
        `Consumed capacity: ${ConsumedCapacity?.CapacityUnits} units`,
        '',
      );
      return answer;
    },
    { step: 'initialize', name: 'captureRawResponses', override: true },
  );
  return lines;
}

interface Answer {
  $metadata?: object;
  ConsumedCapacity?: { CapacityUnits?: number };
}
