import { isParticipant } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import * as items from '../../core/table/items.ts';
import { type Found, getMany, kindOf, numberedOf, ownerOf } from '../table/scan.ts';
import { isLongExpired, isPairOf } from './check-loose-items.ts';
import { besides, differing, isKeyOf } from './check-users.ts';
import type { CheckContext, Subject } from './diagnosis.ts';
import { checkConversation, isWellFormed } from './rules/conversation-rules.ts';
import { SequenceCheck } from './rules/sequence-check.ts';

/** What must be read to tell whether an item is suspect, and how to tell then. */
interface Check {
  keys: items.Key[];
  suspect: (found: Found) => Subject | undefined;
}

/**
 * Goes through one segment of the table and names what does not look right; cheaply, on eventually consistent reads. It may be
 * wrong about what it names, since the service goes on writing, but it must miss nothing: each item is compared with those that
 * its own attributes point to.
 *
 * It keeps nothing about what it has passed, but the sequence of the one conversation whose messages are just going by: a partition's
 * items come one after the other, in the order of their sort keys. Were they to come otherwise, the sequence would only name too much.
 */
export class Screening {
  readonly #context: CheckContext;
  readonly #pace: (items: number) => Promise<void>;
  #sequence: SequenceCheck | undefined;

  constructor(context: CheckContext, pace: (items: number) => Promise<void>) {
    this.#context = context;
    this.#pace = pace;
  }

  /** @returns the suspects of a page, once each */
  page(page: items.Item[]): Promise<Subject[]> {
    return this.#run(page.flatMap((item) => this.#checksOf(item)));
  }

  /** @returns the suspects that only the end of the segment shows */
  end(): Promise<Subject[]> {
    return this.#run(this.#closeSequence());
  }

  async #run(checks: Check[]): Promise<Subject[]> {
    const keys = checks.flatMap(({ keys }) => keys);
    await this.#pace(keys.length);
    const found = await getMany(this.#context.table, keys);
    return checks.map(({ suspect }) => suspect(found)).filter((subject) => subject !== undefined);
  }

  #checksOf(item: items.Item): Check[] {
    const kind = kindOf(item);
    if (kind === 'message') return this.#count(item);
    if (kind === 'head') return [checkHead(item)];
    if (kind === 'inbox') return [checkRow(item)];
    if (kind === 'receipt') return [this.#checkReceipt(item)];
    if (kind === 'unknown') return [malformed(item)];
    if (kind === 'user') {
      if (!isText(item.handle) || !isText(item.cognito_user_id)) return [malformed(item)];
      const keys = Object.values(besides(item)) as unknown as items.Key[];
      return [{ keys, suspect: (found) => (differing(item, found).length > 0 ? { kind, item } : undefined) }];
    }
    if (kind === 'pair') {
      const key = items.headKey(item.message_group_uuid as Uuid);
      const isRight = (head: items.Item | undefined) => head && isPairOf(item, items.headOf(head).participants ?? []);
      return [{ keys: [key], suspect: (found) => (isRight(found.get(key)) ? undefined : { kind, item }) }];
    }
    const key = items.userKey(item.user_uuid as Uuid);
    const isRight = (user: items.Item | undefined) => user && isKeyOf(item, kind, user);
    return [{ keys: [key], suspect: (found) => (isRight(found.get(key)) ? undefined : { kind, item }) }];
  }

  #checkReceipt(item: items.Item): Check {
    const { message_group_uuid, created_at } = items.receiptOf(item);
    if (!isText(created_at)) return malformed(item);
    const key = items.messageKey(message_group_uuid, created_at);
    const isRight = (found: Found) => found.get(key) && !isLongExpired(item, this.#context);
    return { keys: [key], suspect: (found) => (isRight(found) ? undefined : { kind: 'receipt', item }) };
  }

  #count(item: items.Item): Check[] {
    const conversation = ownerOf(item, 'message');
    const closed = this.#sequence?.conversation === conversation ? [] : this.#closeSequence();
    this.#sequence ??= new SequenceCheck(conversation);
    this.#sequence.add(numberedOf(item));
    return closed;
  }

  #closeSequence(): Check[] {
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
        suspect: (found) => (agrees(found.get(key)) ? undefined : conversationSubject(sequence.conversation)),
      },
    ];
  }
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const malformed = (item: items.Item): Check => ({ keys: [], suspect: () => ({ kind: 'unknown', item }) });
const conversationSubject = (conversation: Uuid): Subject => ({ kind: 'conversation', conversation });

function checkHead(item: items.Item): Check {
  const conversation = ownerOf(item, 'head');
  const head = items.headOf(item);
  const { inbox_at: place } = head;
  if (!isWellFormed(head) || head.message_group_uuid !== conversation || place === undefined) {
    return { keys: [], suspect: () => conversationSubject(conversation) };
  }
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const pair = items.pairKey(one, other);
  const newestKey = items.messageKey(conversation, head.last_message_at);
  const keys = [one, other].flatMap((id) => [items.userKey(id), items.inboxRowKey(id, place)]);
  return {
    keys: [pair, newestKey, ...keys],
    suspect: (found) => {
      const newestItem = found.get(newestKey);
      const newest = newestItem && items.messageOf(newestItem);
      const userOf = (id: Uuid) => {
        const user = found.get(items.userKey(id));
        return user && items.userOf(user);
      };
      const rowsOf = (id: Uuid) => {
        const row = found.get(items.inboxRowKey(id, place));
        return row?.message_group_uuid === conversation ? [{ ...items.inboxRowOf(row), place }] : [];
      };
      const snapshot = {
        head,
        sequence: SequenceCheck.of(head, newest),
        rows: [rowsOf(one), rowsOf(other)] as [ReturnType<typeof rowsOf>, ReturnType<typeof rowsOf>],
        users: [userOf(one), userOf(other)] as [ReturnType<typeof userOf>, ReturnType<typeof userOf>],
        pair: found.get(pair)?.message_group_uuid as Uuid | undefined,
        newest,
        shown: newest,
      };
      return checkConversation(snapshot, true).length > 0 ? conversationSubject(conversation) : undefined;
    },
  };
}

/** A row's content is compared from its head's side; here only whether it may be where it is. */
function checkRow(item: items.Item): Check {
  const conversation = item.message_group_uuid as Uuid;
  const key = items.headKey(conversation);
  return {
    keys: [key],
    suspect: (found) => {
      const headItem = found.get(key);
      const head = headItem && items.headOf(headItem);
      if (!head || !isWellFormed(head) || !isParticipant(head, ownerOf(item, 'inbox'))) return { kind: 'inbox', item };
      return head.inbox_at === item.sk ? undefined : conversationSubject(conversation);
    },
  };
}
