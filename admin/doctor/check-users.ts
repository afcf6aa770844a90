import { deadlineOf } from '../../core/deps.ts';
import { isEqual } from '../../core/model/equal.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { userIsUnchanged } from '../../core/table/conditions.ts';
import { getTogether } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { type OtherItem, putUserItem, removeItem } from '../table/repairs.ts';
import { getMany, getNamed, ItemsByKey, ownerOf } from '../table/scan.ts';
import { type CheckContext, type Diagnosis, type ItemSubject, noFindings } from './diagnosis.ts';
import { type Finding, finding } from './rules/finding.ts';

// Checks of the three items of a user: the user item, which is taken as correct, and the handle and identity items,
// which must match it. Each check throws DomainError `throttled` when DynamoDB throttles, and `message_group_busy` when a transaction on
// one of them does not end.

type UserKey = 'handle' | 'identity';

const consistent = { ConsistentRead: true };
const keyOf = ({ pk, sk }: items.Item) => ({ pk, sk }) as items.Key;

/** The handle and identity items that a user item requires. */
export function expectedItems(user: items.Item): Record<UserKey, items.Item> {
  const [, handle, identity] = items.userItems(user as unknown as RegisteredUser);
  return { handle, identity };
}

/** The keys of all items that a user item requires. */
export const requiredKeys = (user: items.Item): items.Key[] => Object.values(expectedItems(user)).map(keyOf);

/** @returns which of the expected items is missing or different */
export function mismatches(user: items.Item, stored: ItemsByKey): UserKey[] {
  const expected = expectedItems(user);
  return (['handle', 'identity'] as const).filter((which) => {
    const item = stored.get(keyOf(expected[which]));
    return item?.user_uuid !== expected[which].user_uuid || item?.display_name !== expected[which].display_name;
  });
}

/** Reports the handle and identity items that do not match their user item. */
export async function checkUser(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const { table } = context;
  const key = keyOf(subject.item);
  const current = await readWithItems(context, key);
  if (!current) return noFindings(subject);
  const { user, stored } = current;
  const expected = expectedItems(user);
  const found = await Promise.all(
    mismatches(user, stored).map((which) =>
      readMismatch(context, user, { which, item: stored.get(keyOf(expected[which])) }),
    ),
  );
  if (found.length === 0) return noFindings(subject);
  return {
    subject,
    findings: found.map(({ finding }) => finding),
    repair: async () => {
      const puts = found.map(({ which, displaced }) => {
        const others: OtherItem[] = [{ key, condition: userIsUnchanged(user) }];
        if (displaced) others.push({ key: keyOf(displaced), condition: userIsUnchanged(displaced) });
        const deadline = deadlineOf(context);
        return putUserItem(table, expected[which], { instead: displaced?.user_uuid, others }, deadline);
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
  which: UserKey;
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
  { which, item }: { which: UserKey; item: items.Item | undefined },
): Promise<Mismatch> {
  const isTaken = item !== undefined && item.user_uuid !== user.user_uuid;
  const holderKey = isTaken ? items.userKey(item.user_uuid as Uuid) : undefined;
  const holder = holderKey && (await getNamed(context.table, [holderKey], deadlineOf(context))).get(holderKey);
  const displaced = holder && item && !isKeyOf(item, which, holder) ? holder : undefined;
  const details = {
    user_uuid: user.user_uuid as Uuid,
    ...(which === 'handle' && { at: String(user.handle) }),
    found: isTaken ? { user_uuid: item.user_uuid } : item && { display_name: item.display_name },
    repairable: !isTaken || displaced !== undefined,
  };
  return { which, finding: finding(`${which}_differs`, details), displaced };
}

/**
 * Reports a handle or identity item whose user has a different one, or does not exist. If the user has a different
 * one, the repair deletes the item; otherwise others could still find the user by the old handle, or the user could
 * sign in with the old identity. If the user does not exist, the item stays, because it is all that is left of them:
 * an operator must restore the user item.
 */
export async function checkUserKey(context: CheckContext, subject: ItemSubject): Promise<Diagnosis> {
  const { table } = context;
  const kind = subject.kind as UserKey;
  const key = keyOf(subject.item);
  const item = (await getMany(table, [key], consistent)).get(key);
  if (!item) return noFindings(subject);
  const userKey = items.userKey(item.user_uuid as Uuid);
  const user = (await getNamed(table, [userKey], deadlineOf(context))).get(userKey);
  if (user && isKeyOf(item, kind, user)) return noFindings(subject);
  const details = { user_uuid: item.user_uuid as Uuid, ...(kind === 'handle' && { at: String(item.sk) }) };
  const found = user ? (kind === 'handle' ? { handle: user.handle } : 'another identity') : 'no such user';
  return {
    subject,
    findings: [finding(`${kind}_without_user`, { ...details, found, repairable: !!user })],
    repair:
      user &&
      (async () =>
        !(await removeItem(table, item, { key: userKey, condition: userIsUnchanged(user) }, deadlineOf(context)))),
  };
}

/** Whether a user item names this handle or identity item. */
export function isKeyOf(item: items.Item, kind: UserKey, user: items.Item): boolean {
  if (kind === 'handle') return user.handle === item.sk;
  return user.cognito_user_id === ownerOf(item, 'identity');
}
