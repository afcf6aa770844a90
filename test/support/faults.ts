import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';

/** What shall happen to a call instead of its plain course. */
export type Fault =
  | 'lost before' // it never reached DynamoDB
  | 'lost after' // DynamoDB did it, the answer was lost
  | 'conflict' // TransactionConflict, which DynamoDB Local never answers and DynamoDB does
  | 'throttled'; // by the reasons of a cancelled transaction

/**
 * Tampers with the transactions of a table's client, on the wire's side of the SDK's own retries.
 * @param faults what happens to the first, second … try; afterwards all goes well
 * @returns the tries that there were, with the token that each carried
 */
export function tamper(table: Table, faults: (Fault | undefined)[]): { tokens: string[] } {
  const tokens: string[] = [];
  table.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'TransactWriteItemsCommand') return next(args);
      const fault = faults[tokens.length];
      tokens.push(JSON.parse(new TextDecoder().decode((args.request as { body: Uint8Array }).body)).ClientRequestToken);
      if (fault === undefined) return next(args);
      if (fault === 'conflict') throw canceled('TransactionConflict');
      if (fault === 'throttled') throw canceled('ThrottlingError');
      if (fault === 'lost after') await next(args);
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    },
    { step: 'deserialize', priority: 'high', name: 'tamper', override: true },
  );
  return { tokens };
}

function canceled(Code: string): TransactionCanceledException {
  return new TransactionCanceledException({
    message: 'Transaction cancelled',
    CancellationReasons: [{ Code }, { Code: 'None' }],
    $metadata: { httpStatusCode: 400 },
  });
}
