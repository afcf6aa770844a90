import { changeBlock } from './blocks.ts';
import { type Deps, deadlineOf, type SocketDeps } from './deps.ts';
import { tryToEnd } from './end-connection.ts';
import { DomainError } from './errors.ts';
import { namesOfNobody } from './model/account.ts';
import type { Erasure } from './model/erasure.ts';
import { withoutGaps } from './model/gaps.ts';
import { type Head, isParticipant, otherThan, withGone } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import { withoutTextsOf } from './model/report.ts';
import { fromMicros, type Timestamp, toSeconds } from './model/time.ts';
import { projectInbox } from './project-inbox.ts';
import { rewriteInbox } from './rewrite-inbox.ts';
import { getExpectedHead } from './table/confirmed-reads.ts';
import {
  deleteBlock,
  deleteErasure,
  deleteReceipt,
  deleteRow,
  getErasure,
  putErasedMessages,
  putErasedReport,
  putProgress,
} from './table/erasures.ts';
import { hasUnreadCount, type Item, type Key } from './table/items.ts';
import {
  blocksAfter,
  erasuresAfter,
  getConnections,
  getFirstRow,
  getReceipts,
  messagesFrom,
  reportsAfter,
} from './table/reads.ts';

/** How many messages, receipts or blocks are read and written together. */
const chunk = 25;

/**
 * An erasure ends so many seconds after it began at the earliest. Until then, an item that was written just before may not be seen yet, and
 * processes remember the user.
 */
const settlesAfter = 60;

/** What a run of {@link finishErasures} leaves to the next one. */
export interface ErasuresLeft {
  /** The erasures whose data is not erased, or was not when this run ended. */
  open: Erasure[];
  /** What went wrong with some of them. The others went on. */
  failures: { user_uuid: Uuid; error: unknown }[];
}

/**
 * Goes on with every erasure where it stopped, until all are done or the time is up. Each step may be made twice, and by two processes at
 * the same time.
 * @param until milliseconds since 1970, after which no further step begins
 * @throws DomainError `throttled` when the list of erasures cannot be read
 */
export async function finishErasures(deps: Deps & SocketDeps, until: number): Promise<ErasuresLeft> {
  const left: ErasuresLeft = { open: [], failures: [] };
  let after: Uuid | undefined;
  for (let more = true; more; ) {
    const page = await erasuresAfter(deps.table, { after, limit: chunk });
    for (const erasure of page.rows) {
      try {
        if (!(await finishErasure(deps, erasure.user_uuid, until))) left.open.push(erasure);
      } catch (error) {
        left.open.push(erasure);
        left.failures.push({ user_uuid: erasure.user_uuid, error });
      }
    }
    after = page.rows.at(-1)?.user_uuid;
    more = page.more;
  }
  return left;
}

/**
 * Goes on with the erasure of one user. What it does, in this order: the conversations (in each first the head and the rows, then the
 * messages, then the reports), receipts, blocks, connections. It ends when all of them are found empty.
 * @param until see {@link finishErasures}
 * @returns whether the table holds nothing of the user any more
 * @throws DomainError `throttled`, `message_group_busy`; Error for a conversation that contradicts itself, which the doctor repairs
 */
export async function finishErasure(deps: Deps & SocketDeps, user_uuid: Uuid, until: number): Promise<boolean> {
  const { table } = deps;
  for (;;) {
    const erasure = await getErasure(table, user_uuid);
    if (!erasure) return true;
    if (erasure.erased_at) {
      if (!erasure.has_pool_user) await deleteErasure(table, erasure);
      return true;
    }
    if (table.runtime.millis() >= until) return false;
    if (erasure.message_group_uuid) {
      if (!(await eraseConversation(deps, erasure, erasure.message_group_uuid, until))) return false;
      continue;
    }
    const row = await getFirstRow(table, user_uuid);
    if (row) await beginConversation(deps, erasure, row);
    else if (!(await eraseOwnItems(deps, user_uuid))) {
      if (toSeconds(deps.now()) - toSeconds(erasure.gone_at) <= settlesAfter) return false;
      const after = { ...erasure, erased_at: deps.now() };
      await putProgress(table, { before: erasure, after }, deadlineOf(deps));
    }
  }
}

/** Notes the conversation of a row before anything is changed in it: its row will be gone when it is done in part. */
async function beginConversation(deps: Deps, before: Erasure, row: Item): Promise<void> {
  const message_group_uuid = row.message_group_uuid as Uuid;
  // A row of the service that this one follows has no head. `bin/ddb import` brings such conversations into our form.
  if (!hasUnreadCount(row)) return deleteRow(deps.table, keyOf(row), message_group_uuid);
  await putProgress(deps.table, { before, after: { ...before, message_group_uuid } }, deadlineOf(deps));
}

const keyOf = ({ pk, sk }: Item) => ({ pk, sk }) as Key;

/**
 * Goes on with a conversation of the user.
 * @returns false if it is not done, since the time is up or a message may be missing: then the next run goes on
 */
async function eraseConversation(deps: Deps, erasure: Erasure, conversation: Uuid, until: number): Promise<boolean> {
  const { table } = deps;
  const { user_uuid } = erasure;
  const isTheirs = (head: Head) => isParticipant(head, user_uuid);
  const deadline = deadlineOf(deps);
  // First the head: from then on no message is sent or edited, so that none follows those that are erased.
  await rewriteInbox(deps, conversation, { isExpected: isTheirs, deadline }, (before) => {
    if (!before || !isTheirs(before))
      throw new Error('a row of an erased user names a conversation that is not theirs');
    const after = withGone(before, user_uuid);
    return after === before ? undefined : after;
  });
  deps.memory.heads.delete(conversation);
  // One that is left is not where the head says: it was doubled.
  const row = await getFirstRow(table, user_uuid);
  if (row?.message_group_uuid === conversation) await deleteRow(table, keyOf(row), conversation);
  if (!(await eraseMessages(deps, erasure, conversation, until))) return false;
  await projectInbox(deps, conversation, { isChanged: true });
  const head = await getExpectedHead(table, conversation, isTheirs, deadlineOf(deps));
  if (head) await eraseReports(deps, head, user_uuid);
  const { message_group_uuid: _, after: __, ...done } = erasure;
  const current = await getErasure(table, user_uuid);
  if (current?.message_group_uuid === conversation)
    await putProgress(table, { before: current, after: done }, deadlineOf(deps));
  return true;
}

/** @returns false as {@link eraseConversation} */
async function eraseMessages(
  deps: Deps,
  { user_uuid, after }: Erasure,
  conversation: Uuid,
  until: number,
): Promise<boolean> {
  const { table } = deps;
  // The last message that is done is read again, for its number.
  let from = after ?? fromMicros(0);
  let before = after ? undefined : 0;
  while (table.runtime.millis() < until) {
    const page = await messagesFrom(table, conversation, { from, limit: chunk });
    const { shown, isWhole } = withoutGaps({ messages: page.rows, before }, deps.now());
    const changes = shown.flatMap((message) => {
      const erased = withoutText(message, user_uuid, deps.now());
      return erased ? [{ before: message, after: erased }] : [];
    });
    // The user may delete one of the messages at the same time: then it is read again.
    if (changes.length > 0 && (await putErasedMessages(table, conversation, changes, deadlineOf(deps)))) continue;
    const last = shown.at(-1);
    if (last) await noteProgress(deps, user_uuid, conversation, last.created_at);
    if (!isWhole) return false;
    if (!page.more || !last) return true; // the newest one was read together with the head
    [from, before] = [last.created_at, last.seq - 1];
  }
  return false;
}

async function noteProgress(deps: Deps, user_uuid: Uuid, conversation: Uuid, after: Timestamp): Promise<void> {
  const before = await getErasure(deps.table, user_uuid);
  // Another process may be further.
  if (before?.message_group_uuid !== conversation || (before.after ?? '') >= after) return;
  await putProgress(deps.table, { before, after: { ...before, after } }, deadlineOf(deps));
}

/** @returns a message of the user's without its text and their names; undefined if there is nothing to change */
function withoutText(message: Message, user_uuid: Uuid, now: Timestamp): Message | undefined {
  const { sender, revision = 0, deleted_at = now } = message;
  if (sender.user_uuid !== user_uuid) return undefined;
  const isErased = message.message === '' && sender.handle === namesOfNobody.handle;
  if (isErased && message.deleted_at && sender.display_name === namesOfNobody.display_name) return undefined;
  return { ...message, sender: { user_uuid, ...namesOfNobody }, message: '', revision: revision + 1, deleted_at };
}

/** Takes the user's words out of the resolved reports on a conversation. An open one keeps them until it is resolved. */
async function eraseReports({ table, ...deps }: Deps, head: Head, user_uuid: Uuid): Promise<void> {
  for (const on of [user_uuid, otherThan(head, user_uuid).user_uuid]) {
    let after: Timestamp | undefined;
    for (let more = true; more; ) {
      const page = await reportsAfter(table, on, { after, limit: 10 });
      for (const report of page.rows)
        if (report.message_group_uuid === head.message_group_uuid && report.resolved_at)
          await putErasedReport(table, withoutTextsOf(report, user_uuid), deadlineOf({ table, ...deps }));
      after = page.rows.at(-1)?.reported_at;
      more = page.more;
    }
  }
}

/** Deletes what belongs to the user alone. @returns whether there was anything */
async function eraseOwnItems(deps: Deps & SocketDeps, user_uuid: Uuid): Promise<boolean> {
  const { table } = deps;
  const receipts = await getReceipts(table, user_uuid, chunk);
  await Promise.all(receipts.map((receipt) => deleteReceipt(table, user_uuid, receipt)));
  const { rows: blocks } = await blocksAfter(table, user_uuid, { after: undefined, limit: chunk });
  for (const { user_uuid: blocked } of blocks) {
    await changeBlock(deps, { user_uuid }, { user_uuid: blocked }, false).catch(unlessUnknown);
    await deleteBlock(table, user_uuid, blocked); // one that the pair does not know of
  }
  const connections = await getConnections(table, user_uuid);
  for (const { connection_id } of connections) await tryToEnd(deps, user_uuid, connection_id);
  return receipts.length + blocks.length + connections.length > 0;
}

/** The blocked user's item is lost: the block goes all the same. */
function unlessUnknown(error: unknown): void {
  if (!(error instanceof DomainError && error.is('user_unknown'))) throw error;
}
