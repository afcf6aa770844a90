import {
  BatchGetCommand,
  GetCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Deps, type Memory, newDeps, newMemory } from '../../core/deps.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { Runtime } from '../../core/table/runtime.ts';
import type { Scheduler } from './scheduler.ts';
import { cancelled } from './table/errors.ts';
import type { MemoryTable, Slot } from './table/memory-table.ts';

/** What can go wrong with a call to the table. */
export const faults = [
  'lost before', // the connection breaks, and the call never reaches the table
  'lost after', // the table executes the call, and the answer is lost
  'late', // the caller stops waiting, and the table executes the call some time later
  'throttled', // the table does nothing and says so
  'conflict', // a transaction meets another one
] as const;
export type Fault = (typeof faults)[number];

/** A request was cut off in the middle: its process ended. Only the simulation sees this error. */
export class Crash extends Error {}

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

const few = 20; // entries of a process's memory: a large one is slow to make

const operations = new Map<unknown, string>([
  [GetCommand, 'Get'],
  [QueryCommand, 'Query'],
  [ScanCommand, 'Scan'],
  [BatchGetCommand, 'BatchGet'],
  [TransactGetCommand, 'TransactGet'],
  [TransactWriteCommand, 'TransactWrite'],
]);

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
      millis: () => scheduler.now,
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
    const client = { send: (command: { input: object }) => this.#call(command) };
    const table = { client: client as never, name: 'table', runtime };
    // Times fall together often: what is below a hundredth of a second stays away.
    const now = () => fromMicros(Math.floor((scheduler.now + this.clockAhead) / 10) * 10_000);
    this.deps = newDeps(table, { retryBudget, now, memory: newMemory(runtime, few) });
  }

  get memory(): Memory {
    return this.deps.memory;
  }

  /** Forgets everything, as a new process of the same function. */
  forget(): void {
    Object.assign(this.deps.memory, newMemory(this.deps.table.runtime, few));
  }

  /** Runs a verb. Rejects with a {@link Crash} if the process ends before. */
  run<Result>(verb: (deps: Deps) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.hasEnded) return reject(new Crash('the process ended'));
      this.#inFlight.add(reject);
      verb(this.deps)
        .then(resolve, reject)
        .finally(() => this.#inFlight.delete(reject));
    });
  }

  #end(): void {
    this.hasEnded = true;
    for (const reject of this.#inFlight) reject(new Crash('the process ended'));
  }

  #call(command: { input: object }): Promise<unknown> {
    const { scheduler, table, fault, crash } = this.#world;
    const operation = operations.get(command.constructor) ?? command.constructor.name;
    const input = command.input as Record<string, unknown>;
    if (this.hasEnded) return new Promise(() => {});
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
          );
      };
      const what = () => `${operation} ${describe(operation, input)}`;
      const ends = crash();
      if (ends === 'before') {
        scheduler.note(() => `${this.name} ends before ${what()}`);
        return this.#end();
      }
      const kind = ends ? undefined : fault();
      if (kind === 'lost before') return answer('connection lost', () => reject(connectionLost()));
      if (kind === 'throttled') return answer('throttled', () => reject(throttled()));
      if (kind === 'conflict' && operation.startsWith('Transact')) {
        const reasons = (input.TransactItems as unknown[]).map(() => ({ Code: 'TransactionConflict' }));
        return answer('conflict', () => reject(cancelled(reasons)));
      }
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
      if (kind !== 'late') return execution('', (settle) => answer('answer', settle));
      answer('timeout', () => reject(timeout()));
      execution('late: ', () => {}, this.#world.random() * 50);
    });
  }
}

/** A version 4 uuid. */
export function newUuid(random: () => number): string {
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`;
}

const connectionLost = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const timeout = () => Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
const throttled = () => Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: {} });

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
