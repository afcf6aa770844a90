import { type Deps, deadlineOf, type SocketDeps } from './deps.ts';
import { tryToEnd } from './end-connection.ts';
import { domainError } from './errors.ts';
import { namesOfNobody } from './model/account.ts';
import type { Uuid } from './model/id.ts';
import { putGoneUser } from './table/erasures.ts';
import { getConnections } from './table/reads.ts';
import { backOff } from './table/transactions.ts';
import { getRegisteredUser } from './table/users.ts';
import { UnownedItems } from './unowned-items.ts';

/**
 * Erases a user for others: from the answer on, nobody finds them or can write to them, their handle is free after 30 days, and what they
 * wrote is erased in the background ({@link finishErasures}). Whoever remembers them shows their name for a minute at most. A user who was
 * erased before is left as they are; what is left to do for them goes on.
 * @throws DomainError `person_unknown` (no such user), `throttled`, `message_group_busy`; then nothing is written, and it may be repeated
 */
export async function beginErasure(deps: Deps & SocketDeps, user_uuid: Uuid): Promise<void> {
  const { table, memory } = deps;
  const deadline = deadlineOf(deps);
  const unowned = new UnownedItems();
  for (let attempt = 1; ; attempt++) {
    const user = await getRegisteredUser(table, user_uuid, deadline);
    if (!user) throw domainError('person_unknown');
    const gone_at = user.gone_at ?? deps.now();
    const failures = user.gone_at ? undefined : await putGoneUser(table, user, gone_at, deadline);
    if (!failures) {
      memory.users.delete(user.cognito_user_id);
      memory.usersById.set(user_uuid, { user_uuid, ...namesOfNobody, read_receipts: false, gone_at });
      break;
    }
    unowned.mustNotFollow(user, failures);
    await backOff(table, attempt, deadline, domainError('throttled')); // they have changed their name meanwhile
  }
  for (const { connection_id } of await getConnections(table, user_uuid))
    await tryToEnd(deps, user_uuid, connection_id);
}
