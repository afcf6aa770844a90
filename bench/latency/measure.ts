import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';
import { budgets, type OperationName } from '../costs/budgets.ts';
import { newGiven, operations } from '../costs/operations.ts';
import { interleave } from '../harness/interleave.ts';
import { bareCalls, type Calls } from './bare-calls.ts';

/** The operations that are measured. `anew` names those that can be made only once with what they were prepared with. */
export const measured: { name: OperationName; anew?: true }[] = [
  { name: 'send, head remembered' },
  { name: 'send, head not remembered' },
  { name: 'send with Idempotency-Key, head remembered' },
  { name: 'first contact', anew: true },
  { name: 'projection of one message', anew: true },
  { name: 'mark as read', anew: true },
  { name: 'mark as read before the projection', anew: true },
  { name: 'page of 20 messages' },
  { name: 'page of 100 messages' },
  { name: 'messages after a time, one new' },
  { name: 'inbox page of 20' },
  { name: 'state of a conversation' },
  { name: 'search for users, 10 found by handle' },
  { name: 'user by handle' },
  { name: 'who am I, user not remembered' },
];

export type SubjectName = 'verb' | 'bare' | 'bare again';

/**
 * Measures a verb beside its bare calls. They are measured twice: how far the two differ shows what the machine does to a ratio.
 * @returns milliseconds
 */
export async function latencyOf(
  table: Table,
  config: DynamoDBClientConfig,
  { name, anew = false }: { name: OperationName; anew?: boolean },
  { rounds, afterRound }: { rounds: number; afterRound: (done: number) => void },
): Promise<Record<SubjectName, number[]>> {
  const bare = bareCalls(table, config);
  const given = newGiven(table);
  const prepareRuns = async () => {
    const runs = await operations[name](given);
    return async () => {
      for (const run of runs) await run();
    };
  };
  const names = ['verb', 'bare', 'bare again'] as const;
  const once = new Map<SubjectName, () => Promise<unknown>>();
  // Each subject has its own users and conversation.
  if (!anew) for (const each of names) once.set(each, await prepareRuns());
  let run: () => Promise<unknown> = async () => {};
  let calls: Calls = [];
  const onlyReads = budgets[name].writeUnits === 0;
  const callsOfReads = new Map<SubjectName, Calls>(); // a read makes the same calls each time
  const repeats = () => bare.repeat(calls);
  try {
    return await interleave<SubjectName>(
      { verb: () => run(), bare: repeats, 'bare again': repeats },
      {
        rounds,
        warmUp: 30, // the optimizing compilers of Node and Java begin late
        afterRound,
        prepare: async (subject) => {
          run = once.get(subject) ?? (await prepareRuns());
          if (subject === 'verb') return;
          calls = callsOfReads.get(subject) ?? (await bare.callsOf(run));
          if (onlyReads && !anew) callsOfReads.set(subject, calls);
        },
      },
    );
  } finally {
    bare.stop();
  }
}
