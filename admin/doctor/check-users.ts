import type { Uuid } from '../../core/model/id.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { userIsUnchanged } from '../../core/table/conditions.ts';
import * as items from '../../core/table/items.ts';
import { type OtherItem, putUserItem, removeItem } from '../table/repairs.ts';
import { type Found, getMany, ownerOf } from '../table/scan.ts';
import { type CheckContext, type Diagnosis, healthy, type Subject } from './diagnosis.ts';
import { type Finding, finding } from './rules/finding.ts';

type Loose = Exclude<Subject, { kind: 'conversation' }>;

const consistent = { ConsistentRead: true };
const keyOf = ({ pk, sk }: items.Item) => ({ pk, sk }) as items.Key;

/** The two items beside a user's, as the user's item says that they should be. */
export function besides(user: items.Item): { handle: items.Item; identity: items.Item } {
  const [, handle, identity] = items.userItems(user as unknown as RegisteredUser) as [
    items.Item,
    items.Item,
    items.Item,
  ];
  return { handle, identity };
}

/** Which of the two is missing or says something else. */
export function differing(user: items.Item, found: Found): ('handle' | 'identity')[] {
  const { handle, identity } = besides(user);
  const isAs = (wanted: items.Item) => {
    const there = found.get(wanted as unknown as items.Key);
    return there?.user_uuid === wanted.user_uuid && there?.display_name === wanted.display_name;
  };
  return [...(isAs(handle) ? [] : ['handle' as const]), ...(isAs(identity) ? [] : ['identity' as const])];
}

/** A user's item against their handle and their identity: the user's item counts. */
export async function checkUser(context: CheckContext, subject: Loose): Promise<Diagnosis> {
  const { table, retryBudget } = context;
  const key = keyOf(subject.item);
  const user = (await getMany(table, [key], consistent)).get(key);
  if (!user) return healthy(subject);
  const wanted = besides(user);
  const found = await getMany(table, [keyOf(wanted.handle), keyOf(wanted.identity)], consistent);
  const differences = await Promise.all(
    differing(user, found).map((which) =>
      differenceOf(context, user, { which, there: found.get(keyOf(wanted[which])) }),
    ),
  );
  if (differences.length === 0) return healthy(subject);
  return {
    subject,
    findings: differences.map(({ finding }) => finding),
    repair: async () => {
      const puts = differences.map(({ which, holder }) => {
        const others: OtherItem[] = [{ key, condition: userIsUnchanged(user) }];
        if (holder) others.push({ key: keyOf(holder), condition: userIsUnchanged(holder) });
        return putUserItem(table, wanted[which], { instead: holder?.user_uuid, others }, Date.now() + retryBudget);
      });
      return !(await Promise.all(puts)).includes(true);
    },
  };
}

interface Difference {
  which: 'handle' | 'identity';
  finding: Finding;
  /** The user whose item holds the key although their own item names another one. */
  holder: items.Item | undefined;
}

/** Whoever holds the key by right, or is not there to be asked, keeps it: then it cannot be repaired. */
async function differenceOf(
  { table }: CheckContext,
  user: items.Item,
  { which, there }: { which: 'handle' | 'identity'; there: items.Item | undefined },
): Promise<Difference> {
  const isTaken = there !== undefined && there.user_uuid !== user.user_uuid;
  const holderKey = isTaken ? items.userKey(there.user_uuid as Uuid) : undefined;
  const taker = holderKey && (await getMany(table, [holderKey], consistent)).get(holderKey);
  const holder = taker && there && !isKeyOf(there, which, taker) ? taker : undefined;
  const made = finding(`${which}_differs`, {
    user_uuid: user.user_uuid as Uuid,
    ...(which === 'handle' && { at: String(user.handle) }),
    found: isTaken ? { user_uuid: there.user_uuid } : there && { display_name: there.display_name },
    repairable: !isTaken || holder !== undefined,
  });
  return { which, finding: made, holder };
}

/**
 * A handle or an identity whose user has another one, or is not there. The first goes: it would let somebody be found, or sign in,
 * who no longer should. The second stays: it is what is left of somebody whose user item must be restored.
 */
export async function checkKeyOfUser(context: CheckContext, subject: Loose): Promise<Diagnosis> {
  const { table, retryBudget } = context;
  const kind = subject.kind as 'handle' | 'identity';
  const key = keyOf(subject.item);
  const item = (await getMany(table, [key], consistent)).get(key);
  if (!item) return healthy(subject);
  const userKey = items.userKey(item.user_uuid as Uuid);
  const user = (await getMany(table, [userKey], consistent)).get(userKey);
  if (user && isKeyOf(item, kind, user)) return healthy(subject);
  const details = { user_uuid: item.user_uuid as Uuid, ...(kind === 'handle' && { at: String(item.sk) }) };
  const found = user ? (kind === 'handle' ? { handle: user.handle } : 'another identity') : 'no such user';
  return {
    subject,
    findings: [finding(`${kind}_without_user`, { ...details, found, repairable: !!user })],
    repair:
      user &&
      (async () =>
        !(await removeItem(table, item, { key: userKey, condition: userIsUnchanged(user) }, Date.now() + retryBudget))),
  };
}

export function isKeyOf(item: items.Item, kind: 'handle' | 'identity', user: items.Item): boolean {
  if (kind === 'handle') return user.handle === item.sk;
  return user.cognito_user_id === ownerOf(item, 'identity');
}
