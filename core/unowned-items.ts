import { isEqual } from './model/equal.ts';
import type { StoredUser } from './model/user.ts';
import type { ConditionFailures } from './table/transactions.ts';
import type { UserPart } from './table/users.ts';

/** Tells a user whose handle or search item is another user's from one who was changed while an operation read them. */
export class UnownedItems {
  #refused: StoredUser | undefined;

  /**
   * Called after a transaction on a user's items whose condition failed.
   * @param user as they were read for it
   * @throws Error when the same user is refused twice for another item than their own: the doctor reports it
   */
  mustNotFollow(user: StoredUser, failures: ConditionFailures<UserPart>): void {
    if (!failures.user && isEqual(this.#refused, user))
      throw new Error(`items of a user are not theirs: ${Object.keys(failures).join(', ')}`);
    this.#refused = failures.user ? undefined : user;
  }
}
