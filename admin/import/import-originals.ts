import { type Deps, deadlineOf } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import { type Head, otherThan, unreadCount } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { fromMicros, toMicros } from '../../core/model/time.ts';
import type { Handle, User } from '../../core/model/user.ts';
import type { Item } from '../../core/table/items.ts';
import { getHead, getPair } from '../../core/table/reads.ts';
import { removeOriginals } from '../table/imports.ts';
import { kindOf, readStoredMessages } from '../table/scan.ts';
import { importConversation } from './import-conversation.ts';
import { type BadConversation, type MergedConversation, Originals } from './merge-originals.ts';
import { type BadItem, readOriginalItem } from './original-items.ts';
import { zoneOffset } from './original-time.ts';
import { findOurUsers } from './original-users.ts';

export interface ImportOptions {
  /** The time zone of times that name none: a name of the IANA database, or an offset. */
  timeZone: string;
  /** Whether to write nothing and report what would be done. */
  dryRun?: boolean | undefined;
  /** Whether the source is our own table: then our items take the place of the original's. */
  inPlace?: boolean | undefined;
}

/** What became of one conversation or of one item. It never contains a message's text. */
export type ImportOutcome =
  | {
      result: 'imported';
      message_group_uuid: Uuid;
      handles: Handle[];
      /** The number of messages stored; those that were there already do not count. */
      messages: number;
      /** The conversations whose messages went into this one. */
      merged: Uuid[];
    }
  /** All of its messages were there already. */
  | { result: 'unchanged'; message_group_uuid: Uuid; handles: Handle[] }
  | ({ result: 'left_out' } & (LeftOutConversation | BadConversation | BadItem));

/**
 * Why a conversation could not be written:
 * - `newer_messages`: the conversation has messages that are newer than those that it lacks, and a stored message is never renumbered
 * - `original_items`: our table itself holds items of the original service for this conversation, and is not the source
 * - `damaged`: our items of the conversation contradict each other, or its keys are taken
 * - `busy`: users wrote to it during the import
 */
export interface LeftOutConversation {
  message_group_uuids: Uuid[];
  handles: Handle[];
  reason: 'newer_messages' | 'original_items' | 'damaged' | 'busy';
  /** How many of its messages our table lacks. */
  messages: number;
}

/** A clock that runs ahead is common, one by more than this is damage: all later messages would get times after that one. */
const mostAhead = 24 * 60 * 60 * 1_000_000; // microseconds

/**
 * Brings the conversations of the original service into our table: one for each pair of users, its messages in the order of their
 * times, by the rules that hold for sent ones. A repeated import recognises messages by their ids. It adds those that are newer than
 * all of the conversation, so an interrupted import goes on, and it changes nothing else.
 *
 * The source is kept in memory without attributes that are not needed: about 1 KB for a message.
 * @param source the items of the original, in any order
 * @returns the outcomes as they come: first what cannot be imported, then each conversation
 * @throws DomainError `throttled`; RangeError when there is no such time zone
 */
export async function* importOriginals(
  deps: Deps,
  source: AsyncIterable<Item>,
  { timeZone, dryRun = false, inPlace = false }: ImportOptions,
): AsyncGenerator<ImportOutcome> {
  const originals = new Originals();
  const options = { offsetOf: zoneOffset(timeZone), latest: fromMicros(toMicros(deps.now()) + mostAhead) };
  for await (const item of source) {
    if (inPlace && !['message', 'inbox'].includes(kindOf(item))) continue;
    const read = readOriginalItem(item, options);
    if ('bad' in read) yield { result: 'left_out', ...read.bad };
    else originals.add(read);
  }
  const users = await findOurUsers(deps.table, originals.users());
  const { conversations, badConversations, badItems } = originals.merge((id) => users.get(id));
  for (const bad of [...badItems, ...badConversations]) yield { result: 'left_out', ...bad };
  for (const conversation of conversations) yield await importMerged(deps, conversation, { dryRun, inPlace });
}

async function importMerged(
  deps: Deps,
  merged: MergedConversation,
  { dryRun, inPlace }: { dryRun: boolean; inPlace: boolean },
): Promise<ImportOutcome> {
  const outcome = await importMissing(deps, merged, { dryRun, inPlace });
  const isDone = outcome.result !== 'left_out' && !dryRun;
  if (isDone && inPlace) await removeOriginals(deps.table, merged.keys, deadlineOf(deps));
  return outcome;
}

async function importMissing(
  deps: Deps,
  merged: MergedConversation,
  { dryRun, inPlace }: { dryRun: boolean; inPlace: boolean },
): Promise<ImportOutcome> {
  const { participants, uuids, messages } = merged;
  const handles = participants.map(({ handle }) => handle);
  const { conversation, head, stored, hasOriginals } = await readOurs(deps, merged);
  const known = new Set(stored.map(({ message_uuid }) => message_uuid));
  const missing = messages.filter(({ message_uuid }) => !known.has(message_uuid));
  const leftOut = (reason: LeftOutConversation['reason'], count = missing.length): ImportOutcome => ({
    result: 'left_out',
    message_group_uuids: uuids,
    handles,
    reason,
    messages: count,
  });

  if (hasOriginals && !inPlace) return leftOut('original_items');
  const newest = stored.at(-1);
  if (head?.last_message_at !== newest?.created_at) return leftOut('damaged');
  const [first] = missing;
  if (!first) return { result: 'unchanged', message_group_uuid: conversation, handles };
  // Two messages of the same microsecond got different times here, so the place in the order counts as well.
  const before = messages[messages.indexOf(first) - 1];
  const isNewer = !newest || newest.message_uuid === before?.message_uuid || newest.created_at < first.at;
  if (!isNewer) return leftOut('newer_messages');

  let count = 0;
  const imported: ImportOutcome = {
    result: 'imported',
    message_group_uuid: conversation,
    handles,
    messages: missing.length,
    merged: uuids.filter((uuid) => uuid !== conversation),
  };
  if (dryRun) return imported;
  try {
    const isStored = await importConversation(
      deps,
      toImported(conversation, { ...merged, messages: missing }, head),
      (stored) => {
        count += stored;
      },
      head,
    );
    return isStored ? imported : leftOut('damaged');
  } catch (error) {
    if (!(error instanceof DomainError && error.is('message_group_busy'))) throw error;
    return leftOut('busy', missing.length - count);
  }
}

/** What our table holds of a conversation: that of the pair, or else the items that are in the place of the new one. */
async function readOurs({ table }: Deps, { participants, uuids }: MergedConversation) {
  const [one, other] = participants;
  const { message_group_uuid: known } = await getPair(table, one.user_uuid, other.user_uuid, { ConsistentRead: true });
  const conversation = known ?? uuids[0];
  const all = await readStoredMessages(table, conversation);
  const stored = all.filter(({ isOurs }) => isOurs);
  return {
    conversation,
    stored,
    hasOriginals: all.length > stored.length,
    head: known && (await getHead(table, known)),
  };
}

/** An import leaves the unread counts as they are, and a new conversation has none: the original did not count. */
function toImported(message_group_uuid: Uuid, { participants, messages }: MergedConversation, head: Head | undefined) {
  const unreadOf = (sender: User) => (head ? unreadCount(head, otherThan(head, sender.user_uuid).user_uuid) : 0);
  return {
    message_group_uuid,
    participants,
    messages: messages.map(({ by, message_uuid, text, at }) => ({ by, message_uuid, message: text, at })),
    unread: participants.map(unreadOf) as [number, number],
  };
}
