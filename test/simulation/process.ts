import { TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Deps, type Memory, newDeps, newMemory } from '../../core/deps.ts';
import { DomainError, type ErrorCode } from '../../core/errors.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { Runtime } from '../../core/table/runtime.ts';
import { unlimited } from '../support/limits.ts';
import type { Scheduler } from './scheduler.ts';
import { cancelled, inProgress, invalid } from './table/errors.ts';
import type { MemoryTable, Slot } from './table/memory-table.ts';

/** What can go wrong with a call to the table. */
export const faults = [
  'lost before', // the connection breaks, and the call never reaches the table
  'lost after', // the table executes the call, and the answer is lost
  'late', // the caller stops waiting, and the table executes the call some time later
  'server error', // the table answers that it failed, whether or not it executed the call
  'retried', // as 'lost after'; the SDK tries again by itself, and is throttled
  'throttled', // the table does nothing and says so
  'conflict', // a transaction meets another one
  'over capacity', // a transaction is cancelled, since one of its items is throttled
  'invalid', // the table refuses a transaction for good, as it does when the program is wrong
] as const;
export type Fault = (typeof faults)[number];

/** A request was cut off in the middle: its process ended. Only the simulation sees this error. */
export class Crash extends Error {}

const retryable: ErrorCode[] = ['message_group_busy', 'throttled'];
/** Nothing was written, and the caller may try again. */
export const isRefusal = (error: unknown) => error instanceof DomainError && retryable.some((code) => error.is(code));

/** The connection broke, the database failed, or the process ended: the caller does not know what happened. */
export const isOutage = (error: unknown) =>
  error instanceof Crash ||
  error instanceof TransactionInProgressException ||
  (error as { isOutage?: true } | undefined)?.isOutage === true;

/** What the processes of a history share. */
export interface World {
  scheduler: Scheduler;
  table: MemoryTable;
  random: () => number;
  /** @returns the fault of the next call, if it has one */
  fault: () => Fault | undefined;
  /** Whether the next call ends the process that makes it, before or after the table executes it. */
  crash: () => 'before' | 'after' | undefined;
}

const longestWait = 250; // milliseconds, between two attempts
const longestTear = 10; // milliseconds, until an item of a transaction is visible
// Calls that a verb begins after its deadline: the rest of an attempt that began just before, which reads the head (twice more), the
// newest message (twice), the users (once together, then each twice) and writes.
const mostLate = 10;
const few = 20; // entries of a process's memory: a large one is slow to make

/** The faults that only transactions have. */
const transactional: Fault[] = ['conflict', 'over capacity', 'invalid'];

const operations = new Map<unknown, string>([
  [GetCommand, 'Get'],
  [QueryCommand, 'Query'],
  [ScanCommand, 'Scan'],
  [BatchGetCommand, 'BatchGet'],
  [DeleteCommand, 'Delete'],
  [TransactGetCommand, 'TransactGet'],
  [TransactWriteCommand, 'TransactWrite'],
]);

/** A command of the SDK. */
interface Command {
  input: object;
  middlewareStack: { resolve: (attempt: () => Promise<never>, context: object) => (args: object) => Promise<unknown> };
}

/** A call to the table, as the program makes it. */
export interface Call {
  operation: string;
  input: object;
}

interface RunOptions {
  /** Receives the calls of the verb. */
  log?: Call[];
  /** Whether it is a program of the operator, which may take as long as it needs. */
  isCommand?: boolean;
  retryBudget?: number;
}

/** A verb that a process runs, and what the table answered it so far. */
class Run {
  readonly #deadline: number;
  /** How many calls it began after its deadline. */
  #late = 0;
  /** Whether the verb may end before its deadline, since a read failed. */
  #mayEnd = false;
  /** Whether the table refused one of its writes for good. */
  #isRefused = false;
  /** The tokens of transactions that were refused for now: another attempt needs a new one, unless an answer is missing. */
  readonly #refused = new Set<unknown>();
  readonly #unanswered = new Set<unknown>();
  #wrong: string | undefined;

  constructor(deadline: number) {
    this.#deadline = deadline;
  }

  begins(operation: string, input: Record<string, unknown>, now: number): void {
    if (now > this.#deadline && ++this.#late > mostLate) this.#wrong ??= `${this.#late} calls after the deadline`;
    if (operation !== 'TransactWrite') return;
    const token = input.ClientRequestToken;
    if (this.#isRefused) this.#wrong ??= 'a write after a refusal for good';
    if (this.#refused.has(token) && !this.#unanswered.has(token))
      this.#wrong ??= 'a token again after a definite refusal';
  }

  ends(kind: Fault | undefined, operation: string, input: Record<string, unknown>): void {
    const token = input.ClientRequestToken;
    if (operation !== 'TransactWrite' && kind !== undefined) this.#mayEnd = true;
    if (kind === 'invalid') this.#isRefused = this.#mayEnd = true;
    if (kind === 'conflict' || kind === 'over capacity') this.#refused.add(token);
    else if (kind !== undefined && kind !== 'throttled') this.#unanswered.add(token);
  }

  /**
   * What is wrong with the run, now that it ends; undefined if nothing is.
   * @param error what the verb throws, if it does
   */
  wrong(now: number, error?: unknown): string | undefined {
    const givesUp = (isRefusal(error) || isOutage(error)) && !(error instanceof Crash) && !this.#mayEnd;
    if (!givesUp || now + longestWait >= this.#deadline) return this.#wrong;
    return `${(error as Error).message} ${Math.round(this.#deadline - now)} ms before the deadline`;
  }
}

/** A Lambda process: its own memory and clock, and a table client all of whose calls are steps of the scheduler. */
export class Process {
  readonly name: string;
  readonly deps: Deps;
  readonly #world: World;
  readonly #inFlight = new Set<(reason: Crash) => void>();
  hasEnded = false;
  /** How far the clock is ahead of the virtual time, in milliseconds. */
  clockAhead = 0;

  /** @param retryBudget milliseconds for which a verb may retry */
  constructor(name: string, world: World, retryBudget: number) {
    this.name = name;
    this.#world = world;
    const { scheduler, random } = world;
    const runtime: Runtime = {
      millis: millisOf(scheduler),
      random,
      newId: () => newUuid(random),
      wait: (millis) =>
        new Promise((resolve) =>
          scheduler.add(
            () => `${name} goes on`,
            () => !this.hasEnded && resolve(),
            millis,
          ),
        ),
    };
    const client = { send: (command: Command) => this.#call(command) };
    const table = { client: client as never, name: 'table', runtime };
    // Times fall together often: what is below a hundredth of a second stays away.
    const now = () => fromMicros(Math.floor((scheduler.now + this.clockAhead) / 10) * 10_000);
    this.deps = newDeps(table, { retryBudget, now, memory: newMemory(runtime, few), limits: unlimited });
  }

  get memory(): Memory {
    return this.deps.memory;
  }

  /** Forgets everything, as a new process of the same function. */
  forget(): void {
    Object.assign(this.deps.memory, newMemory(this.deps.table.runtime, few));
  }

  /**
   * Runs a verb. Rejects with a {@link Crash} if the process ends before.
   */
  run<Result>(
    verb: (deps: Deps) => Promise<Result>,
    { log, isCommand = false, retryBudget = this.deps.retryBudget }: RunOptions = {},
  ): Promise<Result> {
    const { scheduler } = this.#world;
    const { table } = this.deps;
    const run = isCommand ? undefined : new Run(scheduler.now + retryBudget);
    const client = { send: (command: Command) => this.#call(command, run, log) };
    return new Promise((resolve, reject) => {
      if (this.hasEnded) return reject(new Crash('the process ended'));
      this.#inFlight.add(reject);
      verb({ ...this.deps, retryBudget, table: { ...table, client: client as never } })
        .then(
          (result) => {
            const wrong = run?.wrong(scheduler.now);
            return wrong ? reject(new Error(wrong)) : resolve(result);
          },
          (error: unknown) => {
            const wrong = run?.wrong(scheduler.now, error);
            reject(wrong ? new Error(wrong) : error);
          },
        )
        .finally(() => this.#inFlight.delete(reject));
    });
  }

  #end(): void {
    this.hasEnded = true;
    for (const reject of this.#inFlight) reject(new Crash('the process ended'));
  }

  #call(command: Command, run?: Run, log?: Call[]): Promise<unknown> {
    const { scheduler, table, random, fault, crash } = this.#world;
    const operation = operations.get(command.constructor) ?? command.constructor.name;
    const input = command.input as Record<string, unknown>;
    if (this.hasEnded) return new Promise(() => {});
    run?.begins(operation, input, scheduler.now);
    log?.push({ operation, input });
    return new Promise((resolve, reject) => {
      const answer = (label: string, settle: () => void) =>
        scheduler.add(
          () => `${this.name} ← ${label}`,
          () => !this.hasEnded && settle(),
        );
      /** DynamoDB answers a write transaction when all its items are visible. */
      const whenVisible = (slots: Slot[], then: () => void) => {
        let hidden = slots.length;
        if (hidden === 0) return then();
        for (const slot of slots)
          scheduler.add(
            () => `visible: ${slot.key.pk} ${slot.key.sk}`,
            () => {
              table.reveal(slot);
              if (--hidden === 0) then();
            },
            random() < 0.5 ? 0 : random() * longestTear,
          );
      };
      const what = () => `${operation} ${describe(operation, input)}`;
      const ends = crash();
      if (ends === 'before') {
        scheduler.note(() => `${this.name} ends before ${what()}`);
        return this.#end();
      }
      let kind = ends ? undefined : fault();
      if (!operation.startsWith('Transact') && kind && transactional.includes(kind)) kind = undefined;
      run?.ends(kind, operation, input);
      if (kind === 'lost before') return answer('connection lost', () => reject(connectionLost()));
      if (kind === 'throttled') return answer('throttled', () => reject(throttled()));
      const cancel = (Code: string) => {
        const reasons = (input.TransactItems as unknown[]).map(() => ({ Code }));
        const isOutage = Code === 'ValidationError';
        answer(Code, () => reject(Object.assign(cancelled(reasons), { isOutage })));
      };
      if (kind === 'conflict') return cancel('TransactionConflict');
      if (kind === 'over capacity') return cancel(random() < 0.5 ? 'ThrottlingError' : 'ProvisionedThroughputExceeded');
      if (kind === 'invalid')
        return random() < 0.5 ? cancel('ValidationError') : answer('invalid', () => reject(refusal()));
      const execution = (label: string, then: (settle: () => void) => void, delay = 0) =>
        scheduler.add(
          () => `${this.name} → ${label}${what()}`,
          () => {
            try {
              const { output, unrevealed } = table.execute(operation, input);
              whenVisible(unrevealed, () => then(() => resolve(output)));
            } catch (error) {
              scheduler.note(() => reasonsOf(error));
              then(() => reject(error));
            }
          },
          delay,
        );
      if (ends === 'after') return execution('', () => this.#end());
      if (kind === 'lost after') return execution('', () => answer('answer lost', () => reject(connectionLost())));
      if (kind === 'retried') {
        // The program learns of the first attempt by its middleware alone.
        return execution('', () => {
          failAttempt(command);
          answer('answer lost, then throttled', () => reject(throttled()));
        });
      }
      if (kind === 'server error' && random() < 0.5) return answer('server error', () => reject(serverError()));
      if (kind === 'server error') return execution('', () => answer('server error', () => reject(serverError())));
      if (kind !== 'late') return execution('', (settle) => answer('answer', settle));
      // As long as an earlier attempt of the SDK is under way, DynamoDB answers that the transaction is in progress.
      const isInProgress = operation === 'TransactWrite' && random() < 0.3;
      answer(isInProgress ? 'in progress' : 'timeout', () => reject(isInProgress ? inProgress() : timeout()));
      execution('late: ', () => {}, random() * 50);
    });
  }
}

/**
 * The clock of the caches, which refers to the scheduler alone. What the clock of an lru-cache with a lifetime refers to was seen to stay
 * alive until a full garbage collection, so that whole histories were copied on the way there.
 */
const millisOf = (scheduler: Scheduler) => () => scheduler.now;

/** A version 4 uuid. */
export function newUuid(random: () => number): string {
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`;
}

const outage = (details: object) => Object.assign(new Error('an outage'), { isOutage: true, ...details });
const connectionLost = () => outage({ code: 'ECONNRESET' });
const timeout = () => outage({ name: 'TimeoutError' });
const serverError = () => outage({ name: 'InternalServerError', $metadata: { httpStatusCode: 520 } });
const refusal = () => Object.assign(invalid('refused for good'), { isOutage: true });
const throttled = () => Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: {} });

/** Lets an attempt of the SDK fail that is not the last one: a program learns of it by its middleware alone. */
function failAttempt({ middlewareStack }: Command): void {
  const attempt = () => Promise.reject(connectionLost());
  void middlewareStack
    .resolve(
      attempt,
      {},
    )({ input: {} })
    .catch(() => {});
}

const reasonsOf = (error: unknown) => {
  const { name, CancellationReasons } = error as { name: string; CancellationReasons?: { Code?: string }[] };
  return CancellationReasons ? `cancelled: ${CancellationReasons.map(({ Code }) => Code).join(', ')}` : name;
};

function describe(operation: string, input: Record<string, unknown>): string {
  const keyOf = ({ Key, Item }: { Key?: object; Item?: object }) => {
    const { pk, sk } = (Key ?? Item) as { pk: string; sk: string };
    return `${pk} ${sk}`;
  };
  if (operation === 'Get') return keyOf(input);
  if (operation.startsWith('Transact'))
    return (
      (input as TransactWriteCommand['input']).TransactItems?.flatMap((entry) =>
        Object.entries(entry as object).map(([kind, write]) => `\n           ${kind} ${keyOf(write)}`),
      ).join('') ?? ''
    );
  return JSON.stringify(input.ExpressionAttributeValues ?? '');
}
