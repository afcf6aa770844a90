import type { Deps } from './deps.ts';
import { isUnavailable, namesOfNobody } from './model/account.ts';
import { type Head, includes, type Participant } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { Handle, UserWithSettings } from './model/user.ts';
import { getNamedUser, getUsers } from './table/users.ts';

// Messages, inbox rows and heads store names as they were when they were written. An operation that shows a name takes it from here.

/**
 * Users as they are now, or were at most a minute ago: a process remembers them that long. The others are read together.
 * @param ids 100 at most
 * @returns by user_uuid; a user who does not exist is missing
 * @throws DomainError `throttled`
 */
export async function knownUsers(
  { table, memory }: Deps,
  ids: Iterable<Uuid>,
  deadline: number,
): Promise<Map<Uuid, UserWithSettings>> {
  const known = new Map<Uuid, UserWithSettings>();
  const unknown: Uuid[] = [];
  for (const id of new Set(ids)) {
    const user = memory.usersById.get(id);
    if (user) known.set(id, user);
    else unknown.push(id);
  }
  for (const user of await getUsers(table, unknown, deadline)) {
    memory.usersById.set(user.user_uuid, user);
    known.set(user.user_uuid, user);
  }
  return known;
}

/**
 * Whether a user cannot be reached, since an operator suspended them, or they were erased. What this process remembers is confirmed by a read before it counts.
 * @throws DomainError `throttled`, `message_group_busy`
 */
export async function cannotBeReached(deps: Deps, user_uuid: Uuid, deadline: number): Promise<boolean> {
  const known = (await knownUsers(deps, [user_uuid], deadline)).get(user_uuid);
  if (!known || !isUnavailable(known)) return false;
  const user = await getNamedUser(deps.table, user_uuid, deadline);
  if (user) deps.memory.usersById.set(user_uuid, user);
  return user !== undefined && isUnavailable(user);
}

/**
 * The two participants of a conversation as they are now, in the order of the head. One whom the head calls gone has no name, whatever this
 * process remembers: what is written with the head would bring their name back.
 * @throws DomainError `throttled`, `message_group_busy`
 */
export async function participantsOf(
  deps: Deps,
  head: Head,
  deadline: number,
): Promise<[UserWithSettings, UserWithSettings]> {
  const isGone = ({ user_uuid }: Participant) => includes(head.gone, user_uuid);
  const there = head.participants.filter((participant) => !isGone(participant)).map(({ user_uuid }) => user_uuid);
  const known = await knownUsers(deps, there, deadline);
  const [one, other] = await Promise.all(
    head.participants.map(
      async (participant) =>
        ((isGone(participant) && { ...participant, ...namesOfNobody, read_receipts: false }) ||
          known.get(participant.user_uuid)) ??
        (await getNamedUser(deps.table, participant.user_uuid, deadline)) ??
        withoutUser(participant),
    ),
  );
  return [one as UserWithSettings, other as UserWithSettings];
}

/** What is shown of a participant whose user item is lost: the doctor reports it. */
export const withoutUser = ({ user_uuid, handle, display_name }: Participant): UserWithSettings => ({
  user_uuid,
  handle: handle ?? ('unknown' as Handle),
  display_name: display_name ?? 'Unknown user',
  read_receipts: false,
});
