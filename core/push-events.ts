import { type Deps, deadlineOf } from './deps.ts';
import { isOver } from './end-connection.ts';
import { knownUsers } from './known-users.ts';
import { type Head, hasCleared, otherThan, participantIds } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import type { InboxRow } from './model/inbox.ts';
import type { Message } from './model/message.ts';
import { seenCount } from './model/seen.ts';
import type { Timestamp } from './model/time.ts';
import type { UserWithSettings } from './model/user.ts';
import { type Addressed, connectionsOf, type Push, type Pushed, pushTo } from './push.ts';
import { getHeads } from './table/batch-reads.ts';
import type { Change } from './table/stream-changes.ts';

/** What changed for a user, told to their devices. It is a hint: the API tells what is so. */
export type Event =
  | {
      type: 'message.created' | 'message.updated';
      message: Message;
      /** How many of the user's messages the other participant has read; undefined if they may not know. */
      seen: number | undefined;
    }
  | { type: 'message_group.updated'; row: InboxRow; isHidden: boolean }
  | { type: 'message_group.cleared'; message_group_uuid: Uuid; cleared: Timestamp }
  | {
      type: 'message_group.read';
      message_group_uuid: Uuid;
      /** Who has read. */
      user_uuid: Uuid;
      /** How many of the other participant's messages. */
      read: number;
    };

/**
 * Tells the connected participants what has changed in their conversations. What each of them gets follows from the head as it is now: nothing
 * passes between two of whom one blocks the other, nobody gets what they have cleared, and only users with read receipts learn what others
 * have read. A conversation of which nobody is connected costs one read of its participants' connections each.
 * @param changes in the order of the stream
 * @throws DomainError `throttled`
 */
export async function pushEvents(deps: Deps & Push<Event>, changes: readonly Change[]): Promise<Pushed> {
  const deadline = deadlineOf(deps);
  const participants = await rememberedParticipants(deps, changes, deadline);
  const connections = await connectionsOf(deps, [...participants.values()].flat());
  const isConnected = (user: Uuid) => connections.get(user)?.some((connection) => !isOver(deps, connection)) === true;
  const watched = [...participants].filter(([, users]) => users.some(isConnected));
  const heads = await getHeads(
    deps.table,
    watched.map(([conversation]) => conversation),
    deadline,
  );
  const users = await knownUsers(
    deps,
    watched.flatMap(([, both]) => both),
    deadline,
  );
  const events = changes.flatMap((change) => {
    const head = heads.get(change.message_group_uuid);
    return head ? eventsOf(change, head, users) : [];
  });
  return pushTo(deps, events, connections);
}

/** The participants of the conversations of changes: they never change, so a process reads them once. */
async function rememberedParticipants(
  { table, memory }: Deps,
  changes: readonly Change[],
  deadline: number,
): Promise<Map<Uuid, readonly [Uuid, Uuid]>> {
  const ids = [...new Set(changes.map(({ message_group_uuid }) => message_group_uuid))];
  const remembered = new Map(ids.map((id) => [id, memory.participants.get(id)]));
  const unknown = ids.filter((id) => !remembered.get(id));
  for (const [id, head] of await getHeads(table, unknown, deadline)) {
    memory.participants.set(id, participantIds(head));
    remembered.set(id, participantIds(head));
  }
  return new Map([...remembered].flatMap(([id, both]) => (both ? [[id, both] as const] : [])));
}

function eventsOf(change: Change, head: Head, users: ReadonlyMap<Uuid, UserWithSettings>): Addressed<Event>[] {
  const both = participantIds(head).flatMap((id) => users.get(id) ?? []);
  const named = <Named extends { user_uuid: Uuid }>(user: Named) => users.get(user.user_uuid) ?? user;
  const isBlocked = (head.blocked_by ?? []).length > 0;
  switch (change.kind) {
    case 'message': {
      const message = { ...change.message, sender: named(change.message.sender) };
      const type = change.isNew ? 'message.created' : 'message.updated';
      return both
        .filter(({ user_uuid }) => user_uuid === message.sender.user_uuid || !isBlocked)
        .filter(({ user_uuid }) => !hasCleared(head, user_uuid, message.created_at))
        .map((to) => ({ to, event: { type, message, seen: seenCount(head, to.user_uuid, users) } }));
    }
    case 'row': {
      const { row, isHidden, textBefore } = change;
      // Another text while one of the two blocks: perhaps the other participant has deleted their message.
      if (isBlocked && !isHidden && row.message !== textBefore) return [];
      const owner = otherThan(head, row.other.user_uuid).user_uuid;
      if (!isHidden && hasCleared(head, owner, row.last_message_at)) return []; // a record that has come late
      const event = { type: 'message_group.updated', row: { ...row, other: named(row.other) }, isHidden } as const;
      return both.filter(({ user_uuid }) => user_uuid === owner).map((to) => ({ to, event }));
    }
    case 'head':
      return both.flatMap((reader) => readsOf(change, reader, { both, isBlocked }));
  }
}

/** What a change of the head tells of one participant: how far they have read, and what they have cleared. */
function readsOf(
  { message_group_uuid, before, after }: Extract<Change, { kind: 'head' }>,
  reader: UserWithSettings,
  { both, isBlocked }: { both: readonly UserWithSettings[]; isBlocked: boolean },
): Addressed<Event>[] {
  const { user_uuid } = reader;
  const events: Addressed<Event>[] = [];
  const read = after.read[user_uuid] ?? 0;
  if (read !== before.read[user_uuid]) {
    const event = { type: 'message_group.read', message_group_uuid, user_uuid, read } as const;
    const mayAllKnow = !isBlocked && both.every(({ read_receipts }) => read_receipts);
    events.push(...both.filter((to) => to === reader || mayAllKnow).map((to) => ({ to, event })));
  }
  const cleared = after.cleared?.[user_uuid];
  if (cleared && cleared !== before.cleared?.[user_uuid])
    events.push({ to: reader, event: { type: 'message_group.cleared', message_group_uuid, cleared } });
  return events;
}
