import { deadlineOf } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import { withoutUser } from '../../core/known-users.ts';
import { toUser } from '../../core/model/account.ts';
import { type Head, includes, isHidden, isProjected, participantIds, projectedAt } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { inboxRows } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { justAfter, type Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { getHeadAndNewest, getTogether } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { getHead } from '../../core/table/reads.ts';
import { backOff } from '../../core/table/transactions.ts';
import { putInboxRows } from '../../core/table/writes.ts';
import { putWithoutBlocks, removeItem } from '../table/repairs.ts';
import { getMany, type ItemsByKey, type Kind, kindOf, ownerOf, pairOwnersOf } from '../table/scan.ts';
import { blockKeys } from './check-blocks.ts';
import {
  type CheckContext,
  type Diagnosis,
  type Examiner,
  type ItemSubject,
  noFindings,
  type Subject,
} from './diagnosis.ts';
import { isWellFormed } from './rules/conversation-rules.ts';
import { type Finding, finding } from './rules/finding.ts';

// What version 0.2 cannot read, and how it is made readable before a rollback. That version takes names from heads and inbox rows, and its
// doctor compares both with the users. It knows neither hidden rows nor blocks nor search items, and expects that each pair has a
// conversation. It ignores all other attributes that have come since.

/**
 * Finds what version 0.2 cannot read, in a table without contradictions. The functions of the new routes must be stopped before: only they
 * write it, except for the search items of new users. A repaired conversation is as the other new functions expect it, too, so these may
 * go on.
 */
export const readability: Examiner = {
  newScreening: (context, waitForRate) => ({
    suspectsOf: async (page) => {
      const compared = page.map((item) => comparisons[kindOf(item)](item)).filter((one) => one !== undefined);
      const keys = compared.flatMap(({ keys }) => keys);
      await waitForRate(keys.length);
      const found = await getMany(context.table, keys);
      return compared.filter(({ isReadable }) => !isReadable(found)).map(({ subject }) => subject);
    },
    lastSuspects: async () => [],
  }),
  check: (context, subject) => {
    if (subject.kind === 'conversation') return checkConversation(context, subject.conversation);
    return subject.kind === 'pair' ? checkPair(context, subject) : checkSearchItem(context, subject);
  },
};

interface Comparison {
  subject: Subject;
  keys: items.Key[];
  isReadable: (found: ItemsByKey) => boolean;
}

const asItIs = () => undefined;
const suspect = (subject: Subject): Comparison => ({ subject, keys: [], isReadable: () => false });

/** By the kind of an item, what must be compared; undefined if version 0.2 reads the item as it is. */
const comparisons: Record<Kind, (item: items.Item) => Comparison | undefined> = {
  message: asItIs,
  user: asItIs,
  handle: asItIs,
  identity: asItIs,
  receipt: asItIs,
  // Compared by the check of their conversation.
  inbox: asItIs,
  hidden: asItIs,
  // The functions of version 0.2 read none of these, and its doctor calls them invalid.
  report: asItIs,
  openReport: asItIs,
  ticket: asItIs,
  connection: asItIs,
  reservation: asItIs,
  erasure: asItIs,
  // The examination for contradictions, which comes first, reports them.
  unknown: asItIs,
  search: (item) => suspect({ kind: 'search', item }),
  block: (item) => suspect({ kind: 'pair', item: pairKeyOf(ownerOf(item, 'block'), items.blockOf(item).user_uuid) }),
  pair: (item) => (item.message_group_uuid === undefined ? suspect({ kind: 'pair', item }) : undefined),
  head: (item) => {
    const conversation = ownerOf(item, 'head');
    const head = items.headOf(item);
    if (!isWellFormed(head)) return undefined; // reported by the examination for contradictions
    return {
      subject: { kind: 'conversation', conversation },
      keys: namedKeys(head),
      isReadable: (found) => conversationFindings(head, namedKeys(head).map(found.get)).length === 0,
    };
  },
};

const pairKeyOf = (one: Uuid, other: Uuid): items.Item => ({ ...items.pairKey(one, other) });

/** The keys to compare the names of a conversation by: both users, and both rows where the last version looks for them. */
const namedKeys = (head: Head): items.Key[] => [
  ...participantIds(head).map(items.userKey),
  ...participantIds(head).map((id) => items.inboxRowKey(id, head.inbox_at ?? head.last_message_at)),
];

/** @param named the items at {@link namedKeys} */
function conversationFindings(head: Head, named: (items.Item | undefined)[]): Finding[] {
  const of = { message_group_uuid: head.message_group_uuid };
  const users = named.slice(0, 2).map((item) => item && items.userOf(item));
  const rows = named.slice(2);
  const areNamesOf = (one: User | undefined, { handle, display_name }: Partial<User>) =>
    !one || (one.handle === handle && one.display_name === display_name);
  return head.participants.flatMap((participant, n) => {
    const { user_uuid } = participant;
    const row = rows[n];
    const found: Finding[] = [];
    if (!areNamesOf(users[n], participant)) found.push(finding('rollback_names', { ...of, user_uuid, field: 'head' }));
    if (isHidden(head, user_uuid)) found.push(finding('rollback_row_hidden', { ...of, user_uuid }));
    else if (
      row?.message_group_uuid === head.message_group_uuid &&
      !areNamesOf(users[1 - n], items.inboxRowOf(row).other)
    )
      found.push(finding('rollback_names', { ...of, user_uuid, field: 'inbox row' }));
    return found;
  });
}

async function checkConversation(context: CheckContext, conversation: Uuid): Promise<Diagnosis> {
  const subject: Subject = { kind: 'conversation', conversation };
  const deadline = deadlineOf(context);
  for (let attempt = 1; ; attempt++) {
    const known = await getHead(context.table, conversation);
    if (!known || !isWellFormed(known)) return noFindings(subject);
    const keys = [items.headKey(conversation), ...namedKeys(known)];
    const [headItem, ...named] = await getTogether(context.table, keys, deadline);
    const head = headItem && items.headOf(headItem);
    if (head?.rows_rev === known.rows_rev) {
      const findings = conversationFindings(head, named);
      if (findings.length === 0) return noFindings(subject);
      const users = named.slice(0, 2).map((item) => item && items.userOf(item));
      return { subject, findings, repair: () => putReadable(context, head, users) };
    }
    await backOff(context.table, attempt, deadline, domainError('message_group_busy')); // the rows were written between the two reads
  }
}

/**
 * In one transaction, puts the names into the head, and both rows, with their names, to where the last version looks for them. If what a
 * participant has cleared hides their row, it is no longer cleared: the head would otherwise say that the row is hidden.
 */
async function putReadable(context: CheckContext, head: Head, named: (User | undefined)[]): Promise<boolean> {
  const deadline = deadlineOf(context);
  const current = await getHeadAndNewest(context.table, head, deadline);
  if (!current) return false;
  const { head: before, newest } = current;
  let place = (isProjected(before) ? before.inbox_at : undefined) ?? before.last_message_at;
  for (;;) {
    const after = readableHead(before, named, place);
    const rows = readableRows({ before, after, newest }, named);
    const failures = await putInboxRows(
      context.table,
      { before, after, changed: ['participants', 'cleared'], rows },
      deadline,
    );
    if (!failures) return true;
    // As in core/rewrite-inbox.ts: the row of another conversation is there.
    const collided = !failures.head && (failures.row0 ?? failures.row1) !== undefined;
    if (!collided) return false;
    if (context.table.runtime.millis() >= deadline) throw domainError('message_group_busy');
    place = justAfter(place);
  }
}

function readableHead(before: Head, users: (User | undefined)[], place: Timestamp): Head {
  const after = projectedAt(before, place);
  const participants = before.participants.map((one, n) => {
    const user = users[n];
    return user ? toUser(user) : one;
  });
  const cleared = Object.entries(before.cleared ?? {}).filter(([user]) => !isHidden(after, user as Uuid));
  return {
    ...after,
    participants: participants as unknown as Head['participants'],
    cleared: Object.fromEntries(cleared),
  };
}

function readableRows(
  { before, after, newest }: { before: Head; after: Head; newest: Message },
  users: (User | undefined)[],
) {
  const named = after.participants.map((participant, n) => users[n] ?? withoutUser(participant));
  return inboxRows(after, newest, named as [User, User])
    .map((next) => ({
      ...next,
      from: before.inbox_at && items.inboxRowKey(next.user_uuid, before.inbox_at, isHidden(before, next.user_uuid)),
      isHidden: false,
    }))
    .filter(({ user_uuid }) => !includes(after.gone, user_uuid));
}

/** Reports the blocks between two users, which end, and a pair without a conversation, which is deleted. */
async function checkPair(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const users = pairOwnersOf(subject.item);
  const keys = [items.pairKey(...users), ...blockKeys(...users)];
  const [pairItem, ...blocks] = await getTogether(context.table, keys, deadlineOf(context));
  const pair = items.pairOf(pairItem ?? {});
  const findings = users.flatMap((user_uuid, n) =>
    blocks[n] ? [finding('rollback_block', { user_uuid, found: users[1 - n] })] : [],
  );
  if (pairItem && !pair.message_group_uuid) findings.push(finding('rollback_pair', { found: users }));
  if (findings.length === 0) return noFindings(subject);
  const lists = blockKeys(...users).filter((_, n) => blocks[n]);
  return {
    subject,
    findings,
    repair: async () => !(await putWithoutBlocks(context.table, { users, pair, lists }, deadlineOf(context))),
  };
}

async function checkSearchItem(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const key = { pk: subject.item.pk, sk: subject.item.sk } as items.Key;
  const item = (await getMany(context.table, [key], { ConsistentRead: true })).get(key);
  if (!item) return noFindings(subject);
  return {
    subject,
    findings: [finding('rollback_search', { user_uuid: item.user_uuid as Uuid })],
    repair: async () => !(await removeItem(context.table, item, undefined, deadlineOf(context))),
  };
}
