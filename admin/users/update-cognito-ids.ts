import type { Deps } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Handle, RegisteredUser } from '../../core/model/user.ts';
import { allUsers } from '../table/scan.ts';
import { linkIdentity } from './link-identity.ts';

/** Somebody who can sign in, as the user pool knows them. */
export interface PoolUser {
  /** The `sub` of their tokens. */
  sub: string;
  email: string;
  /** Whether they have shown that the address is theirs: anybody can type another’s. */
  isVerified: boolean;
}

/** What came of one person. Carries no e-mail address, so that it can be logged. */
export type Linked =
  | { outcome: 'linked' | 'unchanged'; handle: Handle; user_uuid: Uuid; sub: string }
  /** Another person of the table signs in with it, and the pool does not say that they should not. */
  | { outcome: 'taken'; handle: Handle; user_uuid: Uuid; sub: string }
  /** The pool has several of their address: nobody here can say which is them. */
  | { outcome: 'ambiguous'; handle: Handle; user_uuid: Uuid }
  | { outcome: 'not_in_pool'; handle: Handle; user_uuid: Uuid }
  | { outcome: 'not_in_table' | 'unverified'; sub: string };

/**
 * Writes into each person's user and identity items the id that the pool has for them: the two are the same person when they
 * have the same e-mail address, verified there. Run again, it changes nothing.
 * @param pool everybody of the user pool; held in memory, some 200 bytes each
 * @throws DomainError `throttled`
 */
export async function* updateCognitoIds(
  deps: Deps,
  pool: AsyncIterable<PoolUser> | PoolUser[],
): AsyncGenerator<Linked> {
  const subs = new Map<string, string[]>();
  for await (const { email, sub, isVerified } of pool) {
    const address = email.toLowerCase();
    if (isVerified && address) subs.set(address, [...(subs.get(address) ?? []), sub]);
    else yield { outcome: 'unverified', sub };
  }

  const people = new Map<Uuid, string | undefined>();
  const waiting: { account: RegisteredUser; sub: string }[] = [];
  for await (const account of allUsers(deps.table)) {
    const { handle, user_uuid } = account;
    const [sub, ...others] = subs.get(account.email.toLowerCase()) ?? [];
    const isKnown = others.length === 0;
    people.set(user_uuid, isKnown ? sub : undefined);
    if (!isKnown) yield { outcome: 'ambiguous', handle, user_uuid };
    else if (sub === undefined) yield { outcome: 'not_in_pool', handle, user_uuid };
    else waiting.push({ account, sub });
  }
  // Whoever has an identity while the pool knows them under another one has no right to it, and gets that one in their turn.
  for (const { account, sub } of waiting) {
    const { handle, user_uuid } = account;
    try {
      const before = await linkIdentity(deps, user_uuid, sub, (holder) => {
        const theirs = people.get(holder);
        return theirs !== undefined && theirs !== sub;
      });
      yield { outcome: before === undefined ? 'unchanged' : 'linked', handle, user_uuid, sub };
    } catch (error) {
      if (!(error instanceof DomainError && error.is('identity_taken'))) throw error;
      yield { outcome: 'taken', handle, user_uuid, sub };
    }
  }
  const known = new Set(people.values());
  for (const [sub, ...others] of subs.values())
    if (sub !== undefined && others.length === 0 && !known.has(sub)) yield { outcome: 'not_in_table', sub };
}
