import { type Deps, deadlineOf } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import { type Handle, type RegisteredUser, registeredUserSchema } from '../../core/model/user.ts';
import { putAddress } from '../table/identities.ts';
import { allUsers } from '../table/scan.ts';
import { linkIdentity } from './link-identity.ts';

/** A user of the user pool. */
export interface PoolUser {
  /** The `sub` of their tokens. */
  sub: string;
  email: string;
  /** Whether the pool has verified the address: an unverified one may be another user's. */
  isVerified: boolean;
}

/** The outcome for one user. Has no e-mail address, so that it can be logged. */
export type LinkOutcome =
  | { outcome: 'linked' | 'unchanged'; handle: Handle; user_uuid: Uuid; sub: string }
  /** The user signs in as this user of the pool, who has another address; whether the table has that address now. */
  | { outcome: 'address_differs'; handle: Handle; user_uuid: Uuid; sub: string; address_updated: boolean }
  /** Another user of the table signs in with this `sub`, and keeps it. */
  | { outcome: 'taken'; handle: Handle; user_uuid: Uuid; sub: string }
  /** Several users of the pool have this user's address. */
  | { outcome: 'ambiguous'; handle: Handle; user_uuid: Uuid }
  | { outcome: 'not_in_pool'; handle: Handle; user_uuid: Uuid }
  | { outcome: 'not_in_table' | 'unverified'; sub: string };

/** As Cognito compares addresses. */
const addressKey = (email: string) => email.toLowerCase();

/**
 * Links each user whose Cognito id is no longer in the pool, as after a pool was made anew, to the user of the pool with the same
 * verified e-mail address. Running it again changes nothing.
 *
 * A user whose Cognito id is in the pool keeps it, whatever the addresses say: users change their address in the pool, and another
 * user may have the old one by now. The table then gets the new address, so that the old one leads nobody to this user later on.
 * @param pool all users of the user pool; kept in memory, about 200 bytes each
 * @param options.isDryRun whether to write nothing; the outcomes are the same
 * @returns one outcome for each user of the table, and for each user of the pool that belongs to none
 * @throws DomainError `message_group_busy` or `throttled`
 */
export async function* updateCognitoIds(
  deps: Deps,
  pool: AsyncIterable<PoolUser> | PoolUser[],
  { isDryRun = false }: { isDryRun?: boolean } = {},
): AsyncGenerator<LinkOutcome> {
  // Reads the table before the pool. In the other order, a user who signs up between the two reads would be in the
  // table only, and their Cognito id would seem to have left the pool.
  const users: RegisteredUser[] = [];
  for await (const user of allUsers(deps.table)) users.push(user);
  const inPool = new Map<string, PoolUser>(); // by sub
  const verified = new Map<string, string[]>(); // the subs with a verified address
  for await (const { sub, email, isVerified } of pool) {
    inPool.set(sub, { sub, email, isVerified });
    if (isVerified && email) verified.set(addressKey(email), [...(verified.get(addressKey(email)) ?? []), sub]);
  }
  const addresses = new Map<string, number>(); // how many users of the table have it
  const count = (email: string, by: 1 | -1) =>
    addresses.set(addressKey(email), (addresses.get(addressKey(email)) ?? 0) + by);
  for (const { email } of users) count(email, 1);

  const settled = new Set<string>(); // subs of the pool that the outcome of a user of the table accounts for
  for (const user of users) if (inPool.has(user.cognito_user_id)) settled.add(user.cognito_user_id);
  const presentIds = new Set(settled);

  async function link({ handle, user_uuid }: RegisteredUser, sub: string): Promise<LinkOutcome> {
    try {
      const before = await linkIdentity(deps, user_uuid, sub, { isDryRun });
      return { outcome: before === undefined ? 'unchanged' : 'linked', handle, user_uuid, sub };
    } catch (error) {
      if (!(error instanceof DomainError && error.is('identity_taken'))) throw error;
      return { outcome: 'taken', handle, user_uuid, sub };
    }
  }
  async function follow(user: RegisteredUser, { sub, email, isVerified }: PoolUser): Promise<LinkOutcome> {
    const { handle, user_uuid } = user;
    // An address that another user of the table has may be that user's only way back to their identity.
    const isUsable = isVerified && registeredUserSchema.shape.email.safeParse(email).success;
    const mayFollow = isUsable && !addresses.get(addressKey(email));
    const address_updated = mayFollow && (isDryRun || (await putAddress(deps.table, user, email, deadlineOf(deps))));
    if (address_updated)
      for (const [address, by] of [[user.email, -1] as const, [email, 1] as const]) count(address, by);
    return { outcome: 'address_differs', handle, user_uuid, sub, address_updated };
  }
  async function outcomeFor(user: RegisteredUser): Promise<LinkOutcome> {
    const { handle, user_uuid, email } = user;
    const present = inPool.get(user.cognito_user_id);
    if (present) {
      const linked = await link(user, present.sub);
      const isSameAddress = addressKey(present.email) === addressKey(email);
      return isSameAddress || linked.outcome === 'taken' ? linked : follow(user, present);
    }
    const [sub, ...others] = verified.get(addressKey(email)) ?? [];
    if (sub === undefined) return { outcome: 'not_in_pool', handle, user_uuid };
    for (const each of [sub, ...others]) settled.add(each);
    if (others.length > 0) return { outcome: 'ambiguous', handle, user_uuid };
    return presentIds.has(sub) ? { outcome: 'taken', handle, user_uuid, sub } : link(user, sub);
  }
  for (const user of users) yield await outcomeFor(user);
  for (const { sub, email, isVerified } of inPool.values())
    if (!settled.has(sub)) yield { outcome: isVerified && email ? 'not_in_table' : 'unverified', sub };
}
