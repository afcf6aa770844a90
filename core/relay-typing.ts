import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { knownUsers } from './known-users.ts';
import { isUnavailable } from './model/account.ts';
import { isClosed, isParticipant, otherThan, participantIds } from './model/head.ts';
import { type Uuid, uuid } from './model/id.ts';
import { parse } from './model/parse.ts';
import { type Push, pushTo } from './push.ts';
import { getHead } from './table/reads.ts';

export const inputSchema = z.object(
  { message_group_uuid: uuid('message_group_uuid_invalid') },
  { error: 'body_invalid' },
);

/** A user who is writing. */
export interface Typing {
  type: 'typing';
  message_group_uuid: Uuid;
  /** Who is writing. */
  user_uuid: Uuid;
}

const pause = 1_000; // milliseconds between two of one user in one conversation, in each process

/**
 * Tells the other participant that a user is writing. It is stored nowhere. Nothing is told, without an error, when one of the two blocks
 * the other, which the user must not learn, or has switched read receipts off, when the user is suspended, and when this process has just told it.
 * @param user_uuid who is writing
 * @param input `{message_group_uuid}`, unchecked
 * @throws DomainError `body_invalid`, `message_group_uuid_invalid`, `message_group_unknown` (also for strangers), `throttled`
 */
export async function relayTyping(deps: Deps & Push<Typing>, user_uuid: Uuid, input: unknown): Promise<void> {
  const { message_group_uuid } = parse(inputSchema, input);
  const { memory, table } = deps;
  const told = `${message_group_uuid} ${user_uuid}`;
  const now = table.runtime.millis();
  if (now < (memory.typing.get(told) ?? 0) + pause) return;
  const head = await getHead(table, message_group_uuid);
  if (!head || !isParticipant(head, user_uuid)) throw domainError('message_group_unknown', 'message_group_uuid');
  memory.typing.set(told, now);
  if (isClosed(head)) return;
  const users = await knownUsers(deps, participantIds(head), deadlineOf(deps));
  if (!participantIds(head).every((id) => users.get(id)?.read_receipts)) return;
  if (isUnavailable(users.get(user_uuid) ?? {})) return;
  const other = users.get(otherThan(head, user_uuid).user_uuid);
  if (other) await pushTo(deps, [{ to: other, event: { type: 'typing', message_group_uuid, user_uuid } }]);
}
