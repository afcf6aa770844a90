import { BatchGetCommand, GetCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { newDeps, newMemory } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Limits } from '../../core/model/limits.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { sendMessage } from '../../core/send-message.ts';
import type { Table } from '../../core/table/client.ts';
import { userItems } from '../../core/table/items.ts';
import type { Runtime } from '../../core/table/runtime.ts';
import { randomFrom } from '../../test/faults/random.ts';
import { MemoryTable } from '../../test/simulation/table/memory-table.ts';

const start = Date.UTC(2026, 0, 1); // milliseconds
const oneWay = 10; // milliseconds to the table, and as long back
const commits = 4; // milliseconds during which a transaction keeps others from its items

const operations = new Map<unknown, string>([
  [GetCommand, 'Get'],
  [BatchGetCommand, 'BatchGet'],
  [TransactGetCommand, 'TransactGet'],
  [TransactWriteCommand, 'TransactWrite'],
]);

/** Virtual time: what waits goes on in the order of its time, however long the computer takes. */
class Time {
  readonly #waiting: { at: number; go: () => void }[] = [];
  now = start;

  wait = (millis: number) =>
    new Promise<void>((go) => {
      const at = this.now + millis;
      const index = this.#waiting.findLastIndex((each) => each.at <= at);
      this.#waiting.splice(index + 1, 0, { at, go });
    });

  /** Lets time pass until nothing waits. */
  async run(): Promise<void> {
    const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
    await settled();
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.now = next.at;
      next.go();
      await settled();
    }
  }
}

export interface Flood {
  /** The most requests that were under way at once: as many functions are busy. */
  inFlight: number;
  stored: number;
  /** Refused as over the limit. */
  refused: number;
  /** Given up at their deadline, without an effect. */
  busy: number;
  /** Milliseconds until the refused ones had their answers. */
  refusals: number[];
  /** Milliseconds until the others had theirs. */
  others: number[];
}

/**
 * One user sends into one conversation at a steady rate. Each request is served by a function that remembers nothing, 10 ms from the table.
 * @param perSecond requests a second
 * @param seconds for how long
 */
export async function flood(
  limits: Limits,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Flood> {
  const time = new Time();
  const random = randomFrom(perSecond);
  const memory = new MemoryTable({ now: () => time.now, tears: () => true });
  const send = async (command: { input: object }) => {
    await time.wait(oneWay);
    const { output, unrevealed } = execute(memory, command);
    if (unrevealed.length > 0) await time.wait(commits);
    for (const slot of unrevealed) memory.reveal(slot);
    await time.wait(oneWay);
    if (output instanceof Error) throw output;
    return output;
  };
  let ids = 0;
  const runtime: Runtime = {
    millis: () => time.now,
    random,
    newId: () => `${String(++ids).padStart(8, '0')}-0000-4000-8000-000000000000`,
    wait: time.wait,
  };
  const table = { client: { send }, name: 'table', runtime } as unknown as Table;
  const startFunction = () =>
    newDeps(table, { limits, memory: newMemory(runtime), now: () => fromMicros(Math.floor(time.now * 1000)) });
  const [ada, bob] = ['ada', 'bob'].map((handle) => newUser(handle, runtime.newId()));
  for (const Item of [ada, bob].flatMap((user) => userItems(user as never)))
    memory.execute('Put', { Item: Item as never });

  const result: Flood = { inFlight: 0, stored: 0, refused: 0, busy: 0, refusals: [], others: [] };
  const begin = sendMessage(startFunction(), bob as User, { message: 'Hello', handle: 'ada' });
  await time.run();
  const { message_group_uuid } = await begin;
  let inFlight = 0;
  const request = async (after: number) => {
    await time.wait(after);
    const from = time.now;
    result.inFlight = Math.max(result.inFlight, ++inFlight);
    const outcome = await sendMessage(startFunction(), ada as User, { message: 'Flood', message_group_uuid }).then(
      () => 'stored' as const,
      outcomeOf,
    );
    inFlight--;
    result[outcome]++;
    (outcome === 'refused' ? result.refusals : result.others).push(time.now - from);
  };
  const all = Array.from({ length: perSecond * seconds }, (_, n) => request(((n + random() / 2) * 1_000) / perSecond));
  await time.run();
  await Promise.all(all);
  return result;
}

function execute(table: MemoryTable, command: { input: object }) {
  try {
    const operation = operations.get(command.constructor) ?? 'unknown';
    return table.execute(operation, command.input as Record<string, unknown>);
  } catch (error) {
    return { output: error, unrevealed: [] };
  }
}

function outcomeOf(error: unknown): 'refused' | 'busy' {
  if (error instanceof DomainError && error.is('too_many_messages')) return 'refused';
  if (error instanceof DomainError && error.is('message_group_busy')) return 'busy';
  throw error;
}

const newUser = (handle: string, user_uuid: string) => ({
  user_uuid: user_uuid as Uuid,
  handle: handle as User['handle'],
  display_name: handle,
  cognito_user_id: handle,
  email: `${handle}@example.com`,
});
