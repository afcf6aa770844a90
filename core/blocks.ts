import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { isParticipant } from './model/head.ts';
import { uuid } from './model/id.ts';
import { code, parse } from './model/parse.ts';
import type { User } from './model/user.ts';
import { getExpectedHead } from './table/confirmed-reads.ts';
import { getPair } from './table/reads.ts';
import { backOff } from './table/transactions.ts';
import { getNamedUser } from './table/users.ts';
import { putBlock } from './table/writes.ts';

export const inputSchema = z.object({ user_uuid: uuid('user_uuid_invalid') }, code('body_invalid'));

/**
 * Blocks or unblocks a user, in the pair, in the head of their conversation and in the caller's list, at once: so no message and no first
 * contact passes a block.
 * @param input `{user_uuid}` of the other user, unchecked
 * @throws DomainError `user_uuid_invalid`, `block_self`, `user_unknown`, `message_group_busy`, `throttled`
 */
export async function changeBlock(
  deps: Deps,
  me: Pick<User, 'user_uuid'>,
  input: unknown,
  isBlocked: boolean,
): Promise<void> {
  const { user_uuid: other } = parse(inputSchema, input);
  if (other === me.user_uuid) throw domainError('block_self');
  const { table, memory } = deps;
  const deadline = deadlineOf(deps);
  for (let attempt = 1; ; attempt++) {
    const pair = await getPair(table, me.user_uuid, other, { ConsistentRead: true });
    const { blocked_by = [], message_group_uuid: conversation } = pair;
    if (blocked_by.includes(me.user_uuid) === isBlocked) {
      // A block stands for a user who was there; to unblock one who is gone is no error either.
      if (!isBlocked && !(await getNamedUser(table, other, deadline))) throw domainError('user_unknown');
      return;
    }
    const others = blocked_by.filter((user) => user !== me.user_uuid);
    const after = { ...pair, blocked_by: isBlocked ? [...others, me.user_uuid] : others };
    const head =
      conversation &&
      (await getExpectedHead(
        table,
        conversation,
        (of) => isParticipant(of, me.user_uuid),
        deadline,
        memory.heads.get(conversation),
      ));
    if (conversation && !head) throw new Error('a pair names a conversation without a head');
    const blocked_at = isBlocked ? deps.now() : undefined;
    const failures = await putBlock(table, [me.user_uuid, other], { before: pair, after, head, blocked_at }, deadline);
    if (conversation) memory.heads.delete(conversation);
    if (!failures) return;
    if (failures.me) throw domainError('user_gone');
    if (failures.user) throw domainError('user_unknown');
    await backOff(table, attempt, deadline, domainError('message_group_busy'));
  }
}
