import type { Deps } from './deps.ts';
import { DomainError } from './errors.ts';
import { linkIdentity } from './link-identity.ts';
import type { Uuid } from './model/id.ts';
import type { Account, Handle } from './model/person.ts';
import { accounts } from './table/scan.ts';

/** Somebody who can sign in, as the user pool knows them. */
export interface PoolUser {
  /** The `sub` of their tokens. */
  sub: string;
  email: string;
}

/** What came of one person. Carries no e-mail address, so that it can be logged. */
export type Linked =
  | { outcome: 'linked' | 'unchanged'; handle: Handle; user_uuid: Uuid; sub: string }
  /** Another person of the table, who has the same e-mail address, signs in with it. */
  | { outcome: 'taken'; handle: Handle; user_uuid: Uuid; sub: string }
  | { outcome: 'not_in_pool'; handle: Handle; user_uuid: Uuid }
  | { outcome: 'not_in_table'; sub: string };

/**
 * Writes into each person's user and identity items the id that the pool has for them: the two are the same person when they
 * have the same e-mail address. Run again, it changes nothing.
 * @param pool everybody of the user pool; held in memory, some 200 bytes each
 * @throws DomainError `throttled`
 */
export async function* updateCognitoIds(
  deps: Deps,
  pool: AsyncIterable<PoolUser> | PoolUser[],
): AsyncGenerator<Linked> {
  const subs = new Map<string, string>();
  for await (const { email, sub } of pool) subs.set(email.toLowerCase(), sub);
  const subOf = ({ email }: Pick<Account, 'email'>) => subs.get(email.toLowerCase());

  const people = new Map<Uuid, string | undefined>();
  const waiting: { account: Account; sub: string }[] = [];
  for await (const account of accounts(deps.table)) {
    const { handle, user_uuid } = account;
    const sub = subOf(account);
    people.set(user_uuid, sub);
    if (sub === undefined) yield { outcome: 'not_in_pool', handle, user_uuid };
    else waiting.push({ account, sub });
  }
  // Whoever has an identity while the pool knows them under another one, or not at all, has no right to it.
  for (const { account, sub } of waiting) {
    const { handle, user_uuid } = account;
    try {
      const before = await linkIdentity(deps, user_uuid, sub, (holder) => people.get(holder) !== sub);
      yield { outcome: before === undefined ? 'unchanged' : 'linked', handle, user_uuid, sub };
    } catch (error) {
      if (!(error instanceof DomainError && error.is('identity_taken'))) throw error;
      yield { outcome: 'taken', handle, user_uuid, sub };
    }
  }
  const known = new Set(people.values());
  for (const sub of subs.values()) if (!known.has(sub)) yield { outcome: 'not_in_table', sub };
}
