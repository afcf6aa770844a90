import { isEqual } from '../../core/model/equal.ts';
import { includes, isHidden, isParticipant, participantIds } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import * as items from '../../core/table/items.ts';
import {
  getMany,
  type ItemsByKey,
  kindOf,
  messageNumbersOf,
  ownerOf,
  pairOwnersOf,
  rowOwnerOf,
} from '../table/scan.ts';
import { blockersIn, blockKeys } from './check-blocks.ts';
import { isLongExpired, isPairOf } from './check-references.ts';
import { counterpartOf, isWellFormedOpenReport, isWellFormedReport, reportFault } from './check-reports.ts';
import { isKeyOf, isWellFormedUser, mismatches, requiredKeys } from './check-users.ts';
import type { CheckContext, Subject } from './diagnosis.ts';
import { toPlacedRow } from './placed-rows.ts';
import { conversationFindings, isWellFormed } from './rules/conversation-rules.ts';
import { SequenceCheck } from './rules/sequence-check.ts';

/** A comparison that is not made yet: the keys of the items to read for it, and the rule that decides with them. */
interface Comparison {
  keys: items.Key[];
  suspectIn: (found: ItemsByKey) => Subject | undefined;
}

/**
 * Names the suspects of one segment of the table by inexpensive, eventually consistent reads: it compares each item
 * with the items that its attributes refer to. Because the service keeps writing, a suspect may turn out to be right,
 * but every wrong item is among the suspects. The only state between items is the sequence check of one conversation.
 * That suffices, since a scan returns the messages of a partition one after the other, in the order of their sort
 * keys; any other order would only make more suspects.
 */
export class Screening {
  readonly #context: CheckContext;
  readonly #waitForRate: (items: number) => Promise<void>;
  #sequence: SequenceCheck | undefined;

  constructor(context: CheckContext, waitForRate: (items: number) => Promise<void>) {
    this.#context = context;
    this.#waitForRate = waitForRate;
  }

  /** @returns the suspects of a page */
  suspectsOf(page: items.Item[]): Promise<Subject[]> {
    return this.#suspectsIn(page.flatMap((item) => this.#comparisonsOf(item)));
  }

  /** @returns the suspects that can be named only after the last page */
  lastSuspects(): Promise<Subject[]> {
    return this.#suspectsIn(this.#endSequence());
  }

  async #suspectsIn(comparisons: Comparison[]): Promise<Subject[]> {
    const keys = comparisons.flatMap(({ keys }) => keys);
    await this.#waitForRate(keys.length);
    const found = await getMany(this.#context.table, keys);
    return comparisons.map(({ suspectIn }) => suspectIn(found)).filter((subject) => subject !== undefined);
  }

  #comparisonsOf(item: items.Item): Comparison[] {
    const kind = kindOf(item);
    if (kind === 'message') return this.#addToSequence(item);
    if (kind === 'head') return [compareHead(item)];
    if (kind === 'inbox' || kind === 'hidden') return [compareRow(item)];
    if (kind === 'receipt') return [this.#compareReceipt(item)];
    if (kind === 'report' || kind === 'openReport') return [this.#compareReport({ kind, item })];
    if (kind === 'unknown') return [malformed(item)];
    if (kind === 'ticket' || kind === 'connection') return []; // they last for minutes or hours, and nothing rests on them
    if (kind === 'reservation' || kind === 'erasure') return []; // what they say stands nowhere else
    if (kind === 'user') {
      if (!isWellFormedUser(item)) return [malformed(item)];
      const keys = requiredKeys(item);
      return [{ keys, suspectIn: (found) => (mismatches(item, found).length > 0 ? { kind, item } : undefined) }];
    }
    if (kind === 'block') return [compareBlock(item)];
    if (kind === 'pair') {
      if (item.message_group_uuid === undefined) return [comparePairWithoutConversation(item)];
      const key = items.headKey(item.message_group_uuid as Uuid);
      const matches = (head: items.Item | undefined) => head && isPairOf(item, items.headOf(head).participants ?? []);
      return [{ keys: [key], suspectIn: (found) => (matches(found.get(key)) ? undefined : { kind, item }) }];
    }
    const key = items.userKey(item.user_uuid as Uuid);
    const matches = (user: items.Item | undefined) => user && isKeyOf(item, kind, user);
    return [{ keys: [key], suspectIn: (found) => (matches(found.get(key)) ? undefined : { kind, item }) }];
  }

  #compareReceipt(item: items.Item): Comparison {
    const { message_group_uuid, created_at } = items.receiptOf(item);
    if (!isText(created_at)) return malformed(item);
    const key = items.messageKey(message_group_uuid, created_at);
    const isValid = (found: ItemsByKey) => found.get(key) && !isLongExpired(item, this.#context);
    return { keys: [key], suspectIn: (found) => (isValid(found) ? undefined : { kind: 'receipt', item }) };
  }

  #compareReport({ kind, item }: { kind: 'report' | 'openReport'; item: items.Item }): Comparison {
    if (!(kind === 'report' ? isWellFormedReport(item) : isWellFormedOpenReport(item))) return malformed(item);
    const key = counterpartOf(item, kind);
    const isWrong = (found: ItemsByKey) => reportFault({ kind, item }, found.get(key), this.#context);
    return { keys: [key], suspectIn: (found) => (isWrong(found) ? { kind, item } : undefined) };
  }

  /**
   * Adds a message to the sequence check of its conversation.
   * @returns the comparison for the previous conversation, which is complete when the first message of another one
   * arrives
   */
  #addToSequence(item: items.Item): Comparison[] {
    const conversation = ownerOf(item, 'message');
    const ended = this.#sequence?.conversation === conversation ? [] : this.#endSequence();
    this.#sequence ??= new SequenceCheck(conversation);
    this.#sequence.add(messageNumbersOf(item));
    return ended;
  }

  #endSequence(): Comparison[] {
    const sequence = this.#sequence;
    this.#sequence = undefined;
    if (!sequence) return [];
    const key = items.headKey(sequence.conversation);
    const agrees = (head: items.Item | undefined) => {
      if (!head || sequence.faults.length > 0 || head.last_message_at !== sequence.last?.created_at) return false;
      const sent = (head.sent ?? {}) as Record<string, number>;
      const total = Object.values(sent).reduce((sum, n) => sum + n, 0);
      return total === sequence.count && [...sequence.sent].every(([sender, count]) => sent[sender] === count);
    };
    return [
      {
        keys: [key],
        suspectIn: (found) => (agrees(found.get(key)) ? undefined : conversationSubject(sequence.conversation)),
      },
    ];
  }
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const malformed = (item: items.Item): Comparison => ({ keys: [], suspectIn: () => ({ kind: 'unknown', item }) });
const conversationSubject = (conversation: Uuid): Subject => ({ kind: 'conversation', conversation });

function compareHead(item: items.Item): Comparison {
  const conversation = ownerOf(item, 'head');
  const head = items.headOf(item);
  const { inbox_at: place } = head;
  if (!isWellFormed(head) || head.message_group_uuid !== conversation || place === undefined) {
    return { keys: [], suspectIn: () => conversationSubject(conversation) };
  }
  const [one, other] = participantIds(head);
  const pair = items.pairKey(one, other);
  const blocks = blockKeys(one, other);
  const newestKey = items.messageKey(conversation, head.last_message_at);
  const rowKey = (id: Uuid) => items.inboxRowKey(id, place, isHidden(head, id));
  const keys = [one, other].flatMap((id) => [items.userKey(id), rowKey(id)]);
  return {
    keys: [pair, ...blocks, newestKey, ...keys],
    suspectIn: (found) => {
      const newestItem = found.get(newestKey);
      const newest = newestItem && items.messageOf(newestItem);
      const userOf = (id: Uuid) => {
        const user = found.get(items.userKey(id));
        return user && items.userOf(user);
      };
      const rowsOf = (id: Uuid) => {
        const row = found.get(rowKey(id));
        return row?.message_group_uuid === conversation ? [toPlacedRow(row)] : [];
      };
      const snapshot = {
        head,
        sequence: SequenceCheck.fromHead(head, newest),
        rows: [rowsOf(one), rowsOf(other)] as [ReturnType<typeof rowsOf>, ReturnType<typeof rowsOf>],
        users: [userOf(one), userOf(other)] as [ReturnType<typeof userOf>, ReturnType<typeof userOf>],
        pair: items.pairOf(found.get(pair) ?? {}),
        blocked_by: blockersIn(found, one, other),
        newest,
        shown: newest,
      };
      return conversationFindings(snapshot, true).length > 0 ? conversationSubject(conversation) : undefined;
    },
  };
}

/** It says nothing but who of the two blocks the other. */
function comparePairWithoutConversation(item: items.Item): Comparison {
  const users = pairOwnersOf(item);
  const { blocked_by = [] } = items.pairOf(item);
  return {
    keys: blockKeys(...users),
    suspectIn: (found) => (isEqual(blocked_by, blockersIn(found, ...users)) ? undefined : { kind: 'pair', item }),
  };
}

/** Looks for the block in the pair: `compareHead` compares the pair with the head. */
function compareBlock(item: items.Item): Comparison {
  const user = ownerOf(item, 'block');
  const key = items.pairKey(user, items.blockOf(item).user_uuid);
  return {
    keys: [key],
    suspectIn: (found) => {
      const { message_group_uuid, blocked_by = [] } = items.pairOf(found.get(key) ?? {});
      if (blocked_by.includes(user)) return undefined;
      return message_group_uuid ? conversationSubject(message_group_uuid) : { kind: 'block', item };
    },
  };
}

/** Compares only the owner and the sort key of an inbox row, since `compareHead` compares its content. */
function compareRow(item: items.Item): Comparison {
  const conversation = item.message_group_uuid as Uuid;
  const key = items.headKey(conversation);
  const owner = rowOwnerOf(item);
  return {
    keys: [key],
    suspectIn: (found) => {
      const headItem = found.get(key);
      const head = headItem && items.headOf(headItem);
      if (!head || !isWellFormed(head) || !isParticipant(head, owner)) return { kind: 'inbox', item };
      const isGone = includes(head.gone, owner);
      const isWhereItBelongs =
        !isGone && head.inbox_at === item.sk && isHidden(head, owner) === (kindOf(item) === 'hidden');
      return isWhereItBelongs ? undefined : conversationSubject(conversation);
    },
  };
}
