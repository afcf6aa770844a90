import type { Deps } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Handle, RegisteredUser } from '../../core/model/user.ts';
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
  /** Another user of the table has this `sub` already, and keeps it, since the pool has no other one for them. */
  | { outcome: 'taken'; handle: Handle; user_uuid: Uuid; sub: string }
  /** Several users of the pool have this user's address. */
  | { outcome: 'ambiguous'; handle: Handle; user_uuid: Uuid }
  | { outcome: 'not_in_pool'; handle: Handle; user_uuid: Uuid }
  | { outcome: 'not_in_table' | 'unverified'; sub: string };

/**
 * Copies the pool's id of each user into their user and identity items. Users of pool and table match by verified e-mail address.
 * Running it again changes nothing.
 * @param pool all users of the user pool; kept in memory, about 200 bytes each
 * @returns one outcome for each user of the table, and for each user of the pool that matches none
 * @throws DomainError `message_group_busy` or `throttled`
 */
export async function* updateCognitoIds(
  deps: Deps,
  pool: AsyncIterable<PoolUser> | PoolUser[],
): AsyncGenerator<LinkOutcome> {
  const subs = new Map<string, string[]>(); // by e-mail address
  for await (const { email, sub, isVerified } of pool) {
    const address = email.toLowerCase();
    if (isVerified && address) subs.set(address, [...(subs.get(address) ?? []), sub]);
    else yield { outcome: 'unverified', sub };
  }

  const poolSubs = new Map<Uuid, string | undefined>(); // by user_uuid
  const matches: { user: RegisteredUser; sub: string }[] = [];
  for await (const user of allUsers(deps.table)) {
    const { handle, user_uuid } = user;
    const [sub, ...others] = subs.get(user.email.toLowerCase()) ?? [];
    const isUnique = others.length === 0;
    poolSubs.set(user_uuid, isUnique ? sub : undefined);
    if (!isUnique) yield { outcome: 'ambiguous', handle, user_uuid };
    else if (sub === undefined) yield { outcome: 'not_in_pool', handle, user_uuid };
    else matches.push({ user, sub });
  }
  for (const { user, sub } of matches) {
    const { handle, user_uuid } = user;
    try {
      // A holder of this sub for whom the pool has another one loses it, and gets their own when the loop comes to them.
      const before = await linkIdentity(deps, user_uuid, sub, (holder) => {
        const holdersSub = poolSubs.get(holder);
        return holdersSub !== undefined && holdersSub !== sub;
      });
      yield { outcome: before === undefined ? 'unchanged' : 'linked', handle, user_uuid, sub };
    } catch (error) {
      if (!(error instanceof DomainError && error.is('identity_taken'))) throw error;
      yield { outcome: 'taken', handle, user_uuid, sub };
    }
  }
  const matchedSubs = new Set(poolSubs.values());
  for (const [sub, ...others] of subs.values())
    if (sub !== undefined && others.length === 0 && !matchedSubs.has(sub)) yield { outcome: 'not_in_table', sub };
}
