import { deadlineOf } from '../../core/deps.ts';
import { isEqual } from '../../core/model/equal.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { keyIsFree, userIsUnchanged } from '../../core/table/conditions.ts';
import { getTogether } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { type OtherItem, putUserItem, removeItem } from '../table/repairs.ts';
import { getMany, getNamed, ItemsByKey, ownerOf } from '../table/scan.ts';
import { type CheckContext, type Diagnosis, type ItemSubject, noFindings } from './diagnosis.ts';
import { type Finding, finding } from './rules/finding.ts';

// Checks of the items of a user: the user item, which is taken as correct, and the handle, identity and search items, which must match
// it. Each check throws DomainError `throttled` when DynamoDB throttles, and `message_group_busy` when a transaction on one of them does
// not end.

type UserKey = 'handle' | 'identity' | 'search';

const consistent = { ConsistentRead: true };
const keyOf = ({ pk, sk }: items.Item) => ({ pk, sk }) as items.Key;
const isText = (value: unknown) => typeof value === 'string' && value !== '';

/** Whether a user item says from what its other items follow. */
export const isWellFormedUser = ({ handle, display_name, cognito_user_id }: items.Item): boolean =>
  isText(handle) && isText(display_name) && isText(cognito_user_id);

/** An item that a user item requires. */
interface Expected {
  which: UserKey;
  item: items.Item;
}

/** One who was erased keeps their identity alone: whoever has a token of theirs becomes nobody new. */
export function expectedItems(user: items.Item): Expected[] {
  const [, handle, identity, ...search] = items.userItems(user as unknown as RegisteredUser);
  if (user.gone_at) return [{ which: 'identity', item: identity }];
  return [
    { which: 'handle', item: handle },
    { which: 'identity', item: identity },
    ...search.map((item) => ({ which: 'search' as const, item })),
  ];
}

/** The keys of all items that a user item requires. */
export const requiredKeys = (user: items.Item): items.Key[] => expectedItems(user).map(({ item }) => keyOf(item));

/** @returns the expected items that are missing or different */
export function mismatches(user: items.Item, stored: ItemsByKey): Expected[] {
  return expectedItems(user).filter(({ item: expected }) => {
    const item = stored.get(keyOf(expected));
    return item?.user_uuid !== expected.user_uuid || item?.display_name !== expected.display_name;
  });
}

/** Reports the items that do not match their user item. */
export async function checkUser(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const { table } = context;
  const key = keyOf(subject.item);
  const current = await readWithItems(context, key);
  if (!current) return noFindings(subject);
  const { user, stored } = current;
  const found = await Promise.all(
    mismatches(user, stored).map(async (expected) => ({
      ...(await readMismatch(context, user, { expected, item: stored.get(keyOf(expected.item)) })),
      expected,
    })),
  );
  if (found.length === 0) return noFindings(subject);
  return {
    subject,
    findings: found.map(({ finding }) => finding),
    repair: async () => {
      const puts = found.map(({ expected, displaced }) => {
        const others: OtherItem[] = [{ key, condition: userIsUnchanged(user) }];
        if (displaced) others.push({ key: keyOf(displaced), condition: userIsUnchanged(displaced) });
        const deadline = deadlineOf(context);
        return putUserItem(table, expected.item, { instead: displaced?.user_uuid, others }, deadline);
      });
      return !(await Promise.all(puts)).includes(true);
    },
  };
}

/**
 * A user and the items that it requires, as they were at one instant: a user may change their name, and with it the others, between two
 * reads.
 */
async function readWithItems(
  context: CheckContext,
  key: items.Key,
): Promise<{ user: items.Item; stored: ItemsByKey } | undefined> {
  let user = (await getMany(context.table, [key], consistent)).get(key);
  while (user) {
    const keys = requiredKeys(user);
    const together = await getTogether(context.table, [key, ...keys], deadlineOf(context));
    const stored = new ItemsByKey();
    for (const item of together) if (item) stored.add(item);
    const current = stored.get(key);
    if (current && isEqual(requiredKeys(current), keys)) return { user: current, stored };
    user = current; // the items that it requires now were not read
  }
  return undefined;
}

interface Mismatch {
  finding: Finding;
  /** Another user who holds this handle or identity although their own user item names a different one. The repair takes it from them. */
  displaced: items.Item | undefined;
}

/**
 * Finds out whether another user holds the key, and whether they may keep it: they may unless their own user item
 * names a different one. If they may, the finding cannot be repaired.
 */
async function readMismatch(
  context: CheckContext,
  user: items.Item,
  { expected: { which, item: required }, item }: { expected: Expected; item: items.Item | undefined },
): Promise<Mismatch> {
  const isTaken = item !== undefined && item.user_uuid !== user.user_uuid;
  const holderKey = isTaken ? items.userKey(item.user_uuid as Uuid) : undefined;
  const holder = holderKey && (await getNamed(context.table, [holderKey], deadlineOf(context))).get(holderKey);
  const displaced = holder && item && !isKeyOf(item, which, holder) ? holder : undefined;
  const details = {
    user_uuid: user.user_uuid as Uuid,
    ...placeOf(required, which),
    found: isTaken ? { user_uuid: item.user_uuid } : item && { display_name: item.display_name },
    repairable: !isTaken || displaced !== undefined,
  };
  return { finding: finding(`${which}_differs`, details), displaced };
}

/** Which of several items a finding is about. A Cognito id is not shown. */
const placeOf = ({ sk }: items.Item, which: UserKey) => (which === 'identity' ? {} : { at: String(sk) });

/**
 * Reports a handle, identity or search item whose user has a different one, or does not exist. If the user has a different one, the
 * repair deletes the item; otherwise others could still find the user by the old handle or name, or the user could sign in with the old
 * identity. If the user does not exist, a handle or identity item stays, because it is all that is left of them: an operator must restore
 * the user item.
 */
export async function checkUserKey(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const { table } = context;
  const kind = subject.kind as UserKey;
  const read = await readWithUser(context, keyOf(subject.item));
  if (!read) return noFindings(subject);
  const { item, user, userKey } = read;
  if (user && isKeyOf(item, kind, user)) return noFindings(subject);
  const isRepairable = user !== undefined || kind === 'search';
  const details = { user_uuid: item.user_uuid as Uuid, ...placeOf(item, kind), repairable: isRepairable };
  const found = user
    ? { handle: user.handle, identity: 'another identity', search: 'another name' }[kind]
    : 'no such user';
  const condition = user ? userIsUnchanged(user) : keyIsFree;
  return {
    subject,
    findings: [finding(`${kind}_without_user`, { ...details, found })],
    repair: isRepairable
      ? async () => !(await removeItem(table, item, { key: userKey, condition }, deadlineOf(context)))
      : undefined,
  };
}

/** An item that names a user, and that user, as they were at one instant. @returns undefined if there is no such item any more */
async function readWithUser(
  context: CheckContext,
  key: items.Key,
): Promise<{ item: items.Item; user: items.Item | undefined; userKey: items.Key } | undefined> {
  let named = (await getMany(context.table, [key], consistent)).get(key);
  while (named) {
    const userKey = items.userKey(named.user_uuid as Uuid);
    const [item, user] = await getTogether(context.table, [key, userKey], deadlineOf(context));
    if (item?.user_uuid === named.user_uuid) return { item: item as items.Item, user, userKey };
    named = item;
  }
  return undefined;
}

/** Whether a user item requires this handle, identity or search item. */
export function isKeyOf(item: items.Item, kind: UserKey, user: items.Item): boolean {
  if (user.gone_at && kind !== 'identity') return false;
  if (kind === 'handle') return user.handle === item.sk;
  if (kind === 'identity') return user.cognito_user_id === ownerOf(item, 'identity');
  return !isWellFormedUser(user) || requiredKeys(user).some(({ pk, sk }) => pk === item.pk && sk === item.sk);
}
