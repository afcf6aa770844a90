import { isDeepStrictEqual } from 'node:util';
import { ThrottlingException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { Table } from '../../core/table/client.ts';
import { alive, type Life } from '../faults/life.ts';

/** What can happen to a call instead of its plain course. */
export const faults = [
  'lost before', // the connection broke; it never reached DynamoDB
  'lost after', // DynamoDB did it, the answer was lost
  'timed out', // it was sent, nobody waits any longer, and it may arrive after what is sent next
  'late', // nobody waits any longer, and it arrives after the next call was answered, before that answer is heard
  'throttled call', // ThrottlingException
  'throttled', // by the reasons of a cancelled transaction
  'conflict', // TransactionConflict, which DynamoDB Local never answers and DynamoDB does
  'stale', // an eventually consistent read gives what was there earlier
  'crash before', // the process ends, the call was not sent
  'crash after', // the process ends right after sending: what was sent arrives
] as const;
export type Fault = (typeof faults)[number];

/** One try of one call, as it goes to the wire: the SDK's own retries are tries too. */
export interface Call {
  /** 1 for the first that the table's client makes. */
  n: number;
  command: string;
  input: { Key?: unknown; ConsistentRead?: boolean; ClientRequestToken?: string };
}

/** Says what shall happen to a call; undefined is its plain course. A fault that cannot happen to it does not. */
export type Plan = (call: Call) => Fault | undefined;

/** The n-th call fails, and so do those after it until it was `times`: more than three at once outlast the SDK's retries. */
export const onCall =
  (n: number, fault: Fault, times = 1): Plan =>
  (call) =>
    call.n >= n && call.n < n + times ? fault : undefined;

/** Each call fails with a probability of `rate`, in any of the ways. */
export const atRandom =
  (random: () => number, rate: number): Plan =>
  () =>
    random() < rate ? faults[Math.floor(random() * faults.length)] : undefined;

/** How often each fault was really injected. */
export type Counts = Record<Fault, number>;
export const noFaults = () => Object.fromEntries(faults.map((fault) => [fault, 0])) as Counts;

type Next = (args: never) => Promise<{ output: object; response: unknown }>;

/**
 * Makes the calls of tables fail. It sits in the SDK's deserialize step, below the SDK's own three tries, so that one fault is
 * what a network or DynamoDB does once, the SDK's retries are under test too, and four in a row reach our own code. What several
 * processes see of one table goes through one layer: it remembers what is stale and what is still on its way.
 */
export class FaultLayer {
  readonly #counts: Counts;
  readonly #firstAnswers = new Map<string, object>();
  readonly #onTheirWay = new Set<Promise<unknown>>();
  readonly #late: (() => Promise<unknown>)[] = [];
  readonly #unanswered = new Set<string>();

  constructor(counts = noFaults()) {
    this.#counts = counts;
  }

  /**
   * Puts the layer on a table's client; once more replaces the plan.
   * @param life the process that the client belongs to: a crash ends it, and with it all its clients
   * @returns the calls there were, added to as they are made
   */
  on(table: Table, plan: Plan, life: Life = alive()): Call[] {
    const calls: Call[] = [];
    table.client.middlewareStack.add(
      (next, { commandName: command = '' }) =>
        async (args) => {
          if (life.ended) return never();
          const call = { n: calls.length + 1, command, input: args.input as Call['input'] };
          calls.push(call);
          const late = this.#late.splice(0);
          const answer = await this.#course(call, plan(call), next as Next, args as never, life).finally(() =>
            arriving(late),
          );
          return life.ended ? never() : (answer as never);
        },
      { step: 'deserialize', priority: 'high', name: 'faults', override: true },
    );
    return calls;
  }

  /** Fulfilled when nothing that was sent is on its way any more. */
  async settled(): Promise<void> {
    await arriving(this.#late.splice(0));
    while (this.#onTheirWay.size > 0) await Promise.all(this.#onTheirWay);
  }

  async #course(call: Call, planned: Fault | undefined, next: Next, args: never, life: Life): Promise<object> {
    const fault = planned && this.#canHappen(planned, call) ? planned : undefined;
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
        life.end();
        return never();
      case 'late':
        this.#late.push(() => {
          if (token !== undefined) this.#unanswered.add(token);
          return next(args).catch(() => {});
        });
        throw unheard();
    }
    const answer = next(args);
    if (fault === undefined || fault === 'stale') {
      const fresh = await answer;
      const older = this.#remember(call, fresh.output);
      if (fault === undefined || older === undefined || isDeepStrictEqual(older, content(fresh.output))) return fresh;
      count();
      return { ...fresh, output: { ...older, $metadata: {} } };
    }
    if (token !== undefined) this.#unanswered.add(token);
    const arrived = answer.catch(() => {}).finally(() => this.#onTheirWay.delete(arrived));
    this.#onTheirWay.add(arrived);
    if (fault === 'crash after') {
      life.end();
      return never();
    }
    if (fault === 'timed out') throw unheard();
    await arrived;
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  }

  #canHappen(fault: Fault, { command, input }: Call): boolean {
    if (fault === 'stale') return command === 'GetItemCommand' && input.ConsistentRead !== true;
    if (fault !== 'conflict' && fault !== 'throttled') return true;
    // A transaction that was applied is never refused: DynamoDB answers its token with success.
    return command === 'TransactWriteItemsCommand' && !this.#unanswered.has(input.ClientRequestToken ?? '');
  }

  // Only what somebody was told counts as earlier: of a key that nobody asked for, nothing older is known.
  #remember({ command, input }: Call, output: object): object | undefined {
    if (command !== 'GetItemCommand') return undefined;
    const key = JSON.stringify(input.Key);
    const older = this.#firstAnswers.get(key);
    if (!older) this.#firstAnswers.set(key, content(output));
    return older;
  }
}

const content = ({ $metadata: _, ...rest }: { $metadata?: unknown }) => rest;
const unheard = () => Object.assign(new Error('Request did not complete'), { name: 'TimeoutError' });
const arriving = (late: (() => Promise<unknown>)[]) => Promise.all(late.map((send) => send()));
const never = () => new Promise<never>(() => {});

function canceled(Code: string): TransactionCanceledException {
  return new TransactionCanceledException({
    message: 'Transaction cancelled',
    CancellationReasons: [{ Code }, { Code: 'None' }],
    $metadata: { httpStatusCode: 400 },
  });
}

/**
 * Tampers with the transactions of a table's client, and with nothing else.
 * @param planned what happens to the first, second … try; afterwards all goes well
 * @returns the token that each try carried
 */
export function tamper(table: Table, planned: (Fault | undefined)[]): { tokens: string[] } {
  const tokens: string[] = [];
  new FaultLayer().on(table, ({ command, input }) => {
    if (command !== 'TransactWriteItemsCommand') return undefined;
    tokens.push(input.ClientRequestToken ?? '');
    return planned[tokens.length - 1];
  });
  return { tokens };
}
