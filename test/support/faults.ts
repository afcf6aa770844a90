import { isDeepStrictEqual } from 'node:util';
import { ThrottlingException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';
import { type Lifetime, newLifetime } from '../faults/lifetime.ts';

/** The ways in which a call can fail. */
export const faults = [
  'lost before', // the connection breaks, and the call never reaches DynamoDB
  'lost after', // DynamoDB executes the call, and the answer is lost
  'timed out', // the client stops waiting; the call may reach DynamoDB after the next one
  'late', // the client stops waiting; the call reaches DynamoDB after the next one, before the client receives that one's answer
  'throttled call', // ThrottlingException
  'throttled', // a cancelled transaction with the reason ThrottlingError
  'conflict', // TransactionConflict: DynamoDB answers it, DynamoDB Local never does
  'stale', // an eventually consistent read returns an earlier value
  'crash before', // the process ends before it sends the call
  'crash after', // the process ends right after it sent the call, which reaches DynamoDB
] as const;
export type Fault = (typeof faults)[number];

/** One attempt of one call, as it goes to the wire: the SDK's own retries are attempts too. */
export interface Call {
  /** Counts the attempts of the table's client, from 1. */
  n: number;
  command: string;
  input: { Key?: unknown; ConsistentRead?: boolean; ClientRequestToken?: string };
}

/** Chooses the fault of a call, or none. A fault that is impossible for the call is ignored. */
export type Plan = (call: Call) => Fault | undefined;

/** Each call fails with probability `rate`, by a random fault. */
export const atRandom =
  (random: () => number, rate: number): Plan =>
  () =>
    random() < rate ? faults[Math.floor(random() * faults.length)] : undefined;

/** How often each fault was actually injected. */
export type Counts = Record<Fault, number>;
export const noFaults = () => Object.fromEntries(faults.map((fault) => [fault, 0])) as Counts;

type Next = (args: never) => Promise<{ output: object; response: unknown }>;

/**
 * Injects faults into the calls of table clients. It sits in the SDK's deserialize step, below the SDK's own three attempts: one
 * fault stands for one failure of the network or of DynamoDB, the SDK's retries are tested too, and four faults in a row reach our
 * own code. All processes of one table share one layer, because it holds the earlier answers (for stale reads) and the calls that
 * are still under way.
 */
export class FaultLayer {
  readonly #counts: Counts;
  readonly #earlierAnswers = new Map<string, object>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #late: (() => Promise<unknown>)[] = [];
  readonly #unacknowledged = new Set<string>();

  constructor(counts = noFaults()) {
    this.#counts = counts;
  }

  /**
   * Puts the layer on a table's client. A second call replaces the plan.
   * @param lifetime of the process that the client belongs to: a crash ends it for all clients of the process
   * @returns the calls of the client; the array grows as they are made
   */
  on(table: Table, plan: Plan, lifetime: Lifetime = newLifetime()): Call[] {
    const calls: Call[] = [];
    table.client.middlewareStack.add(
      (next, { commandName: command = '' }) =>
        async (args) => {
          if (lifetime.ended) return never();
          const call = { n: calls.length + 1, command, input: args.input as Call['input'] };
          calls.push(call);
          const late = this.#late.splice(0);
          const answer = await this.#execute(call, plan(call), next as Next, args as never, lifetime).finally(() =>
            sendAll(late),
          );
          return lifetime.ended ? never() : (answer as never);
        },
      { step: 'deserialize', priority: 'high', name: 'faults', override: true },
    );
    return calls;
  }

  /** Resolves when DynamoDB has executed every call that was sent. */
  async settled(): Promise<void> {
    await sendAll(this.#late.splice(0));
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #execute(call: Call, planned: Fault | undefined, next: Next, args: never, lifetime: Lifetime): Promise<object> {
    const fault = planned && this.#isPossible(planned, call) ? planned : undefined;
    const count = () => fault && this.#counts[fault]++;
    if (fault !== undefined && fault !== 'stale') count();
    const { ClientRequestToken: token } = call.input;
    switch (fault) {
      case 'throttled call':
        throw new ThrottlingException({ message: 'Rate exceeded', $metadata: { httpStatusCode: 400 } });
      case 'throttled':
        throw canceled('ThrottlingError');
      case 'conflict':
        throw canceled('TransactionConflict');
      case 'lost before':
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      case 'crash before':
        lifetime.end();
        return never();
      case 'late':
        this.#late.push(() => {
          if (token !== undefined) this.#unacknowledged.add(token);
          return next(args).catch(() => {});
        });
        throw timedOut();
    }
    const answer = next(args);
    if (fault === undefined || fault === 'stale') {
      const fresh = await answer;
      const earlier = this.#earlierAnswer(call, fresh.output);
      if (fault === undefined || earlier === undefined || isDeepStrictEqual(earlier, content(fresh.output)))
        return fresh;
      count();
      return { ...fresh, output: { ...earlier, $metadata: {} } };
    }
    if (token !== undefined) this.#unacknowledged.add(token);
    const arrived = answer.catch(() => {}).finally(() => this.#underWay.delete(arrived));
    this.#underWay.add(arrived);
    if (fault === 'crash after') {
      lifetime.end();
      return never();
    }
    if (fault === 'timed out') throw timedOut();
    await arrived;
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  }

  #isPossible(fault: Fault, { command, input }: Call): boolean {
    if (fault === 'stale') return command === 'GetItemCommand' && input.ConsistentRead !== true;
    if (fault !== 'conflict' && fault !== 'throttled') return true;
    // DynamoDB never rejects the token of an applied transaction: it answers with success.
    return command === 'TransactWriteItemsCommand' && !this.#unacknowledged.has(input.ClientRequestToken ?? '');
  }

  // The first answer that the layer saw for the key stands for its earlier value.
  #earlierAnswer({ command, input }: Call, output: object): object | undefined {
    if (command !== 'GetItemCommand') return undefined;
    const key = JSON.stringify(input.Key);
    const earlier = this.#earlierAnswers.get(key);
    if (!earlier) this.#earlierAnswers.set(key, content(output));
    return earlier;
  }
}

const content = ({ $metadata: _, ...rest }: { $metadata?: unknown }) => rest;
const timedOut = () => Object.assign(new Error('Request did not complete'), { name: 'TimeoutError' });
const sendAll = (late: (() => Promise<unknown>)[]) => Promise.all(late.map((send) => send()));
const never = () => new Promise<never>(() => {});

function canceled(Code: string): TransactionCanceledException {
  return new TransactionCanceledException({
    message: 'Transaction cancelled',
    CancellationReasons: [{ Code }, { Code: 'None' }],
    $metadata: { httpStatusCode: 400 },
  });
}

/**
 * Injects faults into the transactions of a table's client, and into no other calls.
 * @param planned the faults of the first, second … attempt; all later attempts succeed
 * @returns the token of each attempt
 */
export function injectFaults(table: Table, planned: (Fault | undefined)[]): { tokens: string[] } {
  const tokens: string[] = [];
  new FaultLayer().on(table, ({ command, input }) => {
    if (command !== 'TransactWriteItemsCommand') return undefined;
    tokens.push(input.ClientRequestToken ?? '');
    return planned[tokens.length - 1];
  });
  return { tokens };
}
