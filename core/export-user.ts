import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { DomainError, domainError } from './errors.ts';
import { getMessageGroup, type MessageGroup } from './get-message-group.ts';
import { type BlocksPage, listBlocks } from './list-blocks.ts';
import { messagesBehind } from './list-messages.ts';
import { toUser } from './model/account.ts';
import { conversationSize, type ExportPosition, exportMemory, exportPageSize, exportPosition } from './model/export.ts';
import type { Uuid } from './model/id.ts';
import type { Message } from './model/message.ts';
import { cursor } from './model/paging.ts';
import { parse } from './model/parse.ts';
import type { Report } from './model/report.ts';
import { type Timestamp, toSeconds } from './model/time.ts';
import type { StoredUser, User } from './model/user.ts';
import { getNamedItem } from './table/confirmed-reads.ts';
import { fromCursor, toCursor } from './table/cursor.ts';
import { accountOf, storedUserOf, userKey } from './table/items.ts';
import { reportsBy, rowsAfter } from './table/reads.ts';

export const inputSchema = z.object({ cursor });

/** One thing that a user wrote or can read. */
export type ExportEntry =
  | { type: 'user'; user: StoredUser }
  | { type: 'block'; block: BlocksPage['blocks'][number] }
  | { type: 'message_group'; group: MessageGroup }
  | { type: 'message'; message: Message; seen?: number | undefined }
  | { type: 'report'; report: Report };

/** A page of an export, and the cursor of the next page, if there is one. It may be empty although there is one. */
export interface ExportPage {
  entries: ExportEntry[];
  next?: { cursor: string };
  /** By conversation: the `seq` of each message before which others are missing for good. Empty if the table is sound. */
  finalGaps: { message_group_uuid: Uuid; before_seq: number[] }[];
}

/** What a step of an export adds to its page, and where it stops; `next` is undefined at the end. */
interface Step extends Omit<ExportPage, 'next'> {
  size: number;
  next: ExportPosition | undefined;
}

/** Of whom a page is, as they are now. */
interface Subject {
  me: User;
  hasReported: boolean;
}

/** The reports on a conversation's other participant that a step reads. */
const reportsPerStep = 20;
/** Milliseconds. A row that moves may be at neither of its places for an instant; DynamoDB shows the new one within a few. */
const rowMovesWithin = 100;

/**
 * Exports all that a user wrote or can read: the user, whom they block, their conversations, each followed by its messages and by the
 * reports that they made on it. Of what they cleared, their own messages are there. Nothing is written.
 *
 * All that was there from the first page to the last one is in the export, but for a conversation that its user clears meanwhile. A
 * conversation in which a message is sent meanwhile may come twice.
 * @param input `{cursor?}`, unchecked
 * @param size how many items the page reads; it also ends at the deadline of its retries
 * @throws DomainError `cursor_invalid`, `person_unknown`, `user_gone`, `throttled`, `message_group_busy`
 */
export async function exportUser(
  deps: Deps,
  { user_uuid }: User,
  input: unknown,
  size = exportPageSize,
): Promise<ExportPage> {
  const { cursor } = parse(inputSchema, input);
  const scope = { list: 'export', user_uuid } as const;
  const position = cursor === undefined ? undefined : fromCursor(scope, cursor).stop;
  const { table } = deps;
  const deadline = deadlineOf(deps);
  const item = await getNamedItem(table, userKey(user_uuid), deadline);
  if (!item) throw domainError('person_unknown');
  const user = storedUserOf(item);
  if (user.gone_at) throw domainError('user_gone');
  const subject = { me: toUser(user), hasReported: accountOf(item).reports_until !== undefined };

  const page: ExportPage = { entries: position ? [] : [{ type: 'user', user }], finalGaps: [] };
  let next: ExportPosition | undefined = position ?? { begun_at: deps.now(), part: 'blocks', exported: [] };
  for (let room = size, left = deps.retryBudget; next && room > 0 && left > 0; ) {
    left = deadline - table.runtime.millis();
    const step: Step = await nextStep({ ...deps, retryBudget: left }, subject, next, room);
    page.entries.push(...step.entries);
    page.finalGaps.push(...step.finalGaps);
    room -= step.size;
    next = step.next;
  }
  return next ? { ...page, next: { cursor: toCursor(scope, { stop: exportPosition.parse(next) }) } } : page;
}

function nextStep(deps: Deps, subject: Subject, at: ExportPosition, room: number): Promise<Step> {
  if (at.part === 'blocks') return exportBlocks(deps, subject, at, room);
  return at.within ? exportConversation(deps, subject, at, at.within, room) : toNextConversation(deps, subject, at);
}

async function exportBlocks(deps: Deps, { me }: Subject, at: ExportPosition, limit: number): Promise<Step> {
  const scope = { list: 'blocks', user_uuid: me.user_uuid } as const;
  const cursor = at.after && toCursor(scope, { stop: at.after as Uuid });
  const { blocks, next } = await listBlocks(deps, me, { limit, cursor });
  return {
    entries: blocks.map((block) => ({ type: 'block', block })),
    finalGaps: [],
    size: blocks.length,
    next: next
      ? { ...at, after: blocks.at(-1)?.user.user_uuid }
      : { begun_at: at.begun_at, part: 'hidden', exported: [] },
  };
}

async function toNextConversation({ table }: Deps, { me }: Subject, at: ExportPosition): Promise<Step> {
  const isHidden = at.part === 'hidden';
  const read = async () => (await rowsAfter(table, me.user_uuid, { after: at.after, isHidden, limit: 1 })).rows[0];
  let row = await read();
  if (!row) {
    await table.runtime.wait(rowMovesWithin);
    row = await read();
  }
  const to = (next: ExportPosition | undefined) => ({ entries: [], finalGaps: [], size: 1, next });
  if (!row) return to(isHidden ? { begun_at: at.begun_at, part: 'shown', exported: at.exported } : undefined);
  const { place, message_group_uuid } = row;
  const isExported = at.exported.includes(message_group_uuid);
  return to({ ...at, after: place, ...(!isExported && { within: { message_group_uuid } }) });
}

/** Exports the next part of a conversation. One that is not the caller's, which a made-up cursor may name, is left out. */
async function exportConversation(
  deps: Deps,
  { me, hasReported }: Subject,
  { within: _, ...at }: ExportPosition,
  { message_group_uuid, message: behind, reported_at }: NonNullable<ExportPosition['within']>,
  room: number,
): Promise<Step> {
  const group = await knownGroup(deps, me, message_group_uuid);
  if (!group) return { entries: [], finalGaps: [], size: conversationSize, next: at };
  const { other } = group.row;
  const isFirst = !behind && !reported_at;
  const entries: ExportEntry[] = isFirst ? [{ type: 'message_group', group }] : [];
  const page = reported_at
    ? { messages: [], more: false, finalGaps: [] }
    : await messagesBehind(deps, message_group_uuid, { behind, limit: room }, deadlineOf(deps));
  for (const message of page.messages) {
    const isMine = message.sender.user_uuid === me.user_uuid;
    if (!isMine && isCleared(group, message)) continue;
    entries.push({ type: 'message', message: { ...message, sender: isMine ? me : other }, seen: group.read });
  }
  const step = {
    entries,
    finalGaps: page.finalGaps.length > 0 ? [{ message_group_uuid, before_seq: page.finalGaps }] : [],
    size: page.messages.length + conversationSize,
  };
  const last = page.messages.at(-1);
  if (page.more && last) {
    const { created_at, seq } = last;
    return { ...step, next: { ...at, within: { message_group_uuid, message: { created_at, seq } } } };
  }

  const on = { on: other.user_uuid, after: reported_at, limit: reportsPerStep };
  const reports = hasReported ? await reportsBy(deps.table, me.user_uuid, on) : { rows: [], more: false };
  const now = toSeconds(deps.now());
  for (const report of reports.rows) if (report.expires_at > now) entries.push({ type: 'report', report });
  const next: ExportPosition = reports.more
    ? { ...at, within: { message_group_uuid, reported_at: reports.rows.at(-1)?.reported_at } }
    : isRecent(at)
      ? { ...at, exported: [...at.exported, message_group_uuid].slice(-exportMemory) }
      : at;
  return { ...step, size: step.size + reports.rows.length, next };
}

/** Whether the row of a conversation had moved since the export began, or the conversation was new then. */
const isRecent = ({ after = '', begun_at }: ExportPosition) => after > begun_at;

const isCleared = ({ cleared }: MessageGroup, { created_at }: { created_at: Timestamp }) =>
  cleared !== undefined && created_at <= cleared;

/** The state of a conversation; undefined if it is unknown, or not the user's. */
async function knownGroup(deps: Deps, me: User, message_group_uuid: Uuid): Promise<MessageGroup | undefined> {
  try {
    return await getMessageGroup(deps, me, { message_group_uuid });
  } catch (error) {
    if (error instanceof DomainError && error.is('message_group_unknown')) return undefined;
    throw error;
  }
}
