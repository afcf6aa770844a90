import { type Deps, deadlineOf } from '../../core/deps.ts';
import { finishErasures } from '../../core/finish-erasures.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Sockets } from '../../core/sockets/client.ts';
import { putWithoutPoolUser } from '../../core/table/erasures.ts';
import { erasuresAfter } from '../../core/table/reads.ts';
import { getRegisteredUser } from '../../core/table/users.ts';

/**
 * A command cannot end WebSockets, since only functions of the stack may. Without its item a connection gets nothing any more; API Gateway
 * ends it when its user does, or after two hours.
 */
export const withoutSockets: Sockets = { post: async () => 'failed', end: async () => {} };

/** How far the erasure of a user has come. Has no name or address, so that it can be logged. */
export interface ErasureOutcome {
  user_uuid: Uuid;
  /** Whether the table holds nothing of the user any more. */
  erased: boolean;
  /** Whether the user is in the user pool no more. */
  left_pool: boolean;
  /** Why the erasure stands still; undefined if it goes on, or is done. */
  failure?: string;
}

/**
 * Goes on with every erasure, as the service does once a minute, and deletes the users from the user pool whom their own request left there.
 * @param deleteFromPool gets a Cognito id; a user who is not in the pool is no error
 * @returns one outcome for each erasure that was not done before
 * @throws DomainError `throttled`, `message_group_busy`; errors of the user pool
 */
export async function goOnErasing(
  deps: Deps,
  deleteFromPool: (cognito_user_id: string) => Promise<void>,
): Promise<ErasureOutcome[]> {
  const { table } = deps;
  const begun: { user_uuid: Uuid; left_pool: boolean }[] = [];
  let after: Uuid | undefined;
  for (let more = true; more; ) {
    const page = await erasuresAfter(table, { after, limit: 100 });
    for (const { user_uuid, has_pool_user } of page.rows) {
      const user = await getRegisteredUser(table, user_uuid);
      if (has_pool_user && user) {
        await deleteFromPool(user.cognito_user_id);
        await putWithoutPoolUser(table, user_uuid, deadlineOf(deps));
      }
      begun.push({ user_uuid, left_pool: !has_pool_user || user !== undefined });
    }
    after = page.rows.at(-1)?.user_uuid;
    more = page.more;
  }
  const { open, failures } = await finishErasures({ ...deps, sockets: withoutSockets }, Number.POSITIVE_INFINITY);
  return begun.map(({ user_uuid, left_pool }) => {
    const failure = failures.find((each) => each.user_uuid === user_uuid)?.error;
    const isOpen = open.some((each) => each.user_uuid === user_uuid);
    return { user_uuid, erased: !isOpen, left_pool, ...(failure !== undefined && { failure: String(failure) }) };
  });
}
