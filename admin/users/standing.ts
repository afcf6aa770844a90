import { type Deps, deadlineOf } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Standing } from '../../core/model/user.ts';
import { putStanding } from '../table/standing.ts';

/**
 * Says what an operator thinks of a user. It takes effect within a minute: functions remember a user that long.
 * @param changes what to change: a time suspends the user from then on, `undefined` takes back what was said
 * @throws DomainError `handle_unknown` (no such user), `throttled`, `message_group_busy`
 */
export async function setStanding(
  deps: Deps,
  user_uuid: Uuid,
  changes: { [Name in keyof Standing]?: Standing[Name] | undefined },
): Promise<void> {
  if (!(await putStanding(deps.table, user_uuid, changes, deadlineOf(deps)))) throw domainError('handle_unknown');
}
