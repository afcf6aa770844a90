import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, type TransactGetCommand, type TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps } from '../../../core/deps.ts';
import { type InboxPage, listMessageGroups } from '../../../core/list-message-groups.ts';
import { listMessages, type MessagePage } from '../../../core/list-messages.ts';
import type { InboxRow } from '../../../core/model/inbox.ts';
import type { Message } from '../../../core/model/message.ts';
import { fromMicros, type Timestamp, toMicros } from '../../../core/model/time.ts';
import type { RegisteredUser } from '../../../core/model/user.ts';
import { sendMessage } from '../../../core/send-message.ts';
import type { Call, Process } from '../process.ts';
import { noon } from '../scheduler.ts';
import type { MemoryTable } from '../table/memory-table.ts';
import type { Item } from '../table/values.ts';

/** A history after its end: nothing else runs, and every call succeeds. */
export interface Calm {
  table: MemoryTable;
  me: RegisteredUser;
  other: RegisteredUser;
  /** @param retryBudget milliseconds, default 6,000 */
  newProcess: (retryBudget?: number) => Process;
  /** Signs up a user whom nobody has written to yet. */
  newUser: (handle?: string) => Promise<RegisteredUser>;
  /** Lets time pass. @param millis how long */
  wait: (millis: number) => Promise<void>;
  /** Lets the projector do its work. @throws Error that lists every violation of what is stored then */
  settle: () => Promise<void>;
}

/** Throws an Error that tells what does not hold. */
export type CalmCheck = (calm: Calm) => Promise<void>;

export type Reasons = { Code?: string; Item?: Record<string, AttributeValue> }[];

/** @returns deps whose calls to the table go through a function */
export const through = (deps: Deps, send: (command: never) => Promise<unknown>): Deps => ({
  ...deps,
  table: { ...deps.table, client: { send } as never },
});

/**
 * @param operation of which the answers are changed
 * @param see what is seen in place of an item
 * @param onAnswer is called after each answer that was changed
 */
export function seeing(
  deps: Deps,
  operation: 'Get' | 'Query',
  see: (item: Item | undefined) => Item | undefined,
  onAnswer = () => {},
): Deps {
  const kind = operation === 'Get' ? GetCommand : QueryCommand;
  const send = async (command: object) => {
    const answer = (await deps.table.client.send(command as never)) as { Item?: Item; Items?: Item[] };
    if (!(command instanceof kind)) return answer;
    const seen = answer.Items
      ? { ...answer, Items: answer.Items.map(see).filter((item) => item !== undefined) }
      : { ...answer, Item: see(answer.Item) };
    onAnswer();
    return seen;
  };
  return through(deps, send);
}

/** @returns deps with which something happens around the first call of a kind */
export function around(
  deps: Deps,
  kind: typeof TransactGetCommand | typeof TransactWriteCommand,
  { before, after }: { before?: () => Promise<unknown>; after?: () => Promise<unknown> },
): Deps {
  let isFirst = true;
  const send = async (command: object) => {
    const act = isFirst && command instanceof kind;
    if (act) isFirst = false;
    if (act) await before?.();
    const answer = await deps.table.client.send(command as never);
    if (act) await after?.();
    return answer;
  };
  return through(deps, send);
}

/** @returns deps whose writes take longer. @param millis how much */
export function slowed(deps: Deps, millis: number): Deps {
  const { client, runtime } = deps.table;
  const send = async (command: object) => {
    if (millis > 0) await runtime.wait(millis);
    return client.send(command as never);
  };
  return through(deps, send);
}

export const day = 86_400_000; // milliseconds

/** Lets two users write to each other. @returns the newest message, which is of `me` */
export async function talk({ me, other }: Calm, process: Process, count = 3): Promise<Message> {
  let message: Message | undefined;
  for (let n = count - 1; n >= 0; n--) {
    const [from, to] = n % 2 === 0 ? [me, other] : [other, me];
    message = await process.run((deps) => sendMessage(deps, from, { message: `message ${n}`, handle: to.handle }));
  }
  return message as Message;
}

/** All messages of a conversation, page by page. */
export async function messagesOf(
  process: Process,
  user: RegisteredUser,
  message_group_uuid: string,
): Promise<Message[]> {
  const messages: Message[] = [];
  for (let next: object | undefined = {}; next; ) {
    const input: object = { message_group_uuid, limit: 4, ...next };
    const page: MessagePage = await process.run((deps) => listMessages(deps, user, input));
    messages.unshift(...page.messages);
    next = page.next;
  }
  return messages;
}

export async function inboxOf(process: Process, user: RegisteredUser): Promise<InboxRow[]> {
  const rows: InboxRow[] = [];
  for (let next: object | undefined = {}; next; ) {
    const input: object = { limit: 2, ...next };
    const page: InboxPage = await process.run((deps) => listMessageGroups(deps, user, input));
    rows.push(...page.rows);
    next = page.next;
  }
  return rows;
}

/** The operations that a verb calls, in their order. */
export async function callsOf(process: Process, verb: (deps: Deps) => Promise<unknown>): Promise<string> {
  const log: Call[] = [];
  await process.run(verb, { log });
  return log.map(({ operation }) => operation).join(' ');
}

/** The keys that a call writes. */
export function writesOf({ operation, input }: Call): Item[] {
  if (operation !== 'TransactWrite') return [];
  return (input as { TransactItems: Record<string, { Item?: Item; Key?: Item }>[] }).TransactItems.flatMap((entry) =>
    Object.values(entry).map(({ Item, Key }) => (Item ?? Key) as Item),
  );
}

export function itemAt(table: MemoryTable, pk: unknown, sk: unknown): Item | undefined {
  return table.execute('Get', { Key: { pk, sk }, ConsistentRead: true }).output.Item as Item | undefined;
}

/** Two users who have never written to each other, and cleared nothing. */
export async function twoStrangers(calm: Calm): Promise<Calm> {
  return { ...calm, me: await calm.newUser('stranger0'), other: await calm.newUser('stranger1') };
}

/** The time up to which a user has cleared a conversation. */
export function clearedBy(table: MemoryTable, { user_uuid }: RegisteredUser, conversation: string): string {
  const head = itemAt(table, `HEAD#${conversation}`, 'HEAD') as Item;
  const place = (head.participants as { user_uuid: string }[]).findIndex((one) => one.user_uuid === user_uuid);
  return String(head[`cleared${place}`] ?? '');
}

export const messagesIn = (table: MemoryTable, conversation: string): Item[] =>
  [...table.items()]
    .filter(({ pk }) => pk === `MSG#${conversation}`)
    .sort((one, other) => (String(one.sk) < String(other.sk) ? -1 : 1));
export const rowsIn = (table: MemoryTable, conversation: string): Item[] =>
  [...table.items()].filter(
    ({ pk, message_group_uuid }) => /^(GRP|HIDDEN)#/.test(String(pk)) && message_group_uuid === conversation,
  );

/** A time that is later than that of every message. */
export function latest(table: MemoryTable): Timestamp {
  const times = [...table.items()].filter(({ pk }) => /^(MSG|GRP)#/.test(String(pk))).map(({ sk }) => String(sk));
  return fromMicros(toMicros((times.sort().at(-1) ?? fromMicros(noon * 1_000)) as Timestamp) + 1_000);
}

export function remove(table: MemoryTable, { user_uuid, cognito_user_id }: RegisteredUser): void {
  table.execute('Delete', { Key: { pk: `USR#${user_uuid}`, sk: 'USR' } });
  table.execute('Delete', { Key: { pk: `COGNITO#${cognito_user_id}`, sk: 'COGNITO' } });
}

/** @throws Error unless both are the same as JSON */
export function must(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one} instead of ${other}`);
}

/** @throws Error if the call succeeds, or ends with an error that a client could cause */
export async function fails(call: () => Promise<unknown>): Promise<void> {
  const error = await call().then(
    () => new Error('it should fail'),
    (error: unknown) => error,
  );
  if ((error as Error).message === 'it should fail' || 'issues' in (error as object)) throw error;
}
