import type { Uuid } from '../../core/model/id.ts';
import type { User } from '../../core/model/user.ts';
import type { Key } from '../../core/table/items.ts';
import { type BadItem, nameOf, type OriginalItem, type OriginalMessage, type OriginalUser } from './original-items.ts';
import type { NamedUser } from './original-users.ts';

/** A conversation of the original service. */
interface Group {
  /** The ids of all users whom its items name. */
  users: Set<string>;
  messages: OriginalMessage[];
  rows: Key[];
}

/** `by` is the sender's index among the participants. */
type MergedMessage = OriginalMessage & { by: 0 | 1 };

/** All conversations of two users as one. */
export interface MergedConversation {
  participants: [User, User];
  /** Of the conversations that it is made of: the one with the oldest message first. */
  uuids: [Uuid, ...Uuid[]];
  /** At least one, oldest first, each id once. */
  messages: MergedMessage[];
  /** The keys of all items that it is made of. */
  keys: Key[];
}

/** A conversation that cannot be imported, whatever our table holds. */
export interface BadConversation {
  message_group_uuids: Uuid[];
  reason: 'user_unknown' | 'users_not_two' | 'messages_missing';
  /** Those without a user here. */
  users?: OriginalUser[];
}

export interface MergeResult {
  conversations: MergedConversation[];
  badConversations: BadConversation[];
  badItems: BadItem[];
}

/** The items of the original service, by conversation. They stay in memory, since a scan or an export has no order. */
export class Originals {
  readonly #groups = new Map<Uuid, Group>();
  readonly #handles = new Map<string, Set<string>>();

  add(item: Exclude<OriginalItem, { bad: unknown }>): void {
    const [conversation, users] =
      'row' in item ? [item.row.conversation, item.row.users] : [item.message.conversation, [item.message.sender]];
    const group = this.#groups.get(conversation) ?? { users: new Set(), messages: [], rows: [] };
    this.#groups.set(conversation, group);
    if ('message' in item) group.messages.push(item.message);
    else group.rows.push(item.row.key);
    for (const { user_uuid, handle } of users) {
      group.users.add(user_uuid);
      const handles = this.#handles.get(user_uuid) ?? new Set();
      this.#handles.set(user_uuid, handle === undefined ? handles : handles.add(handle));
    }
  }

  /** Every user who is named, with all handles that they had. */
  users(): NamedUser[] {
    return [...this.#handles].map(([user_uuid, handles]) => ({ user_uuid, handles: [...handles] }));
  }

  /**
   * Makes one conversation of all those of a pair.
   * @param userOf our user for an id of the original
   */
  merge(userOf: (user_uuid: string) => User | undefined): MergeResult {
    const result: MergeResult = { conversations: [], badConversations: [], badItems: [] };
    const pairs = new Map<string, { participants: [User, User]; groups: [Uuid, Group][] }>();
    for (const [conversation, group] of this.#groups) {
      const participants = participantsOf(group, userOf);
      const bad = { message_group_uuids: [conversation] };
      if ('unknown' in participants) {
        const users = participants.unknown.map((id) => this.#named(id));
        result.badConversations.push({ ...bad, reason: 'user_unknown', users });
      } else if (participants.length !== 2) {
        result.badConversations.push({ ...bad, reason: 'users_not_two' });
      } else {
        const id = participants.map(({ user_uuid }) => user_uuid).join(' ');
        const pair = pairs.get(id) ?? { participants: participants as [User, User], groups: [] };
        pair.groups.push([conversation, group]);
        pairs.set(id, pair);
      }
    }
    for (const { participants, groups } of pairs.values()) {
      const [{ user_uuid: one }] = participants;
      const by = ({ sender }: OriginalMessage) => (userOf(sender.user_uuid)?.user_uuid === one ? 0 : 1);
      const all = groups.flatMap(([, group]) =>
        group.messages.map((message): MergedMessage => ({ ...message, by: by(message) })),
      );
      const { messages, doubled } = inOrder(all);
      const uuids = byAge(messages, groups);
      const used = all.filter((message) => !doubled.has(message)).map(({ key }) => key);
      const keys = [...used, ...groups.flatMap(([, { rows }]) => rows)];
      if (messages.length > 0) result.conversations.push({ participants, uuids, messages, keys });
      else result.badConversations.push({ message_group_uuids: uuids, reason: 'messages_missing' });
      for (const { key } of doubled)
        result.badItems.push({ key: nameOf(key), reason: 'message_uuid_doubled', field: 'message_uuid' });
    }
    return result;
  }

  #named(user_uuid: string): OriginalUser {
    const [handle] = this.#handles.get(user_uuid) ?? [];
    return handle === undefined ? { user_uuid } : { user_uuid, handle };
  }
}

/** @returns our users of a conversation by their ids, each once; or the ids that are not those of a user here */
function participantsOf({ users }: Group, userOf: (id: string) => User | undefined): User[] | { unknown: string[] } {
  const unknown = [...users].filter((id) => !userOf(id));
  if (unknown.length > 0) return { unknown };
  const ours = new Map([...users].map((id) => userOf(id) as User).map((user) => [user.user_uuid, user]));
  return [...ours.keys()].sort().map((id) => ours.get(id) as User);
}

/**
 * Orders messages by time, and at the same time by their ids, so that a repeated import finds the same order. An id that occurs
 * again counts once.
 * @returns also the messages whose id another message with another sender or text has
 */
function inOrder(messages: MergedMessage[]): { messages: MergedMessage[]; doubled: Set<MergedMessage> } {
  const orderOf = ({ at, message_uuid, text }: OriginalMessage) => `${at} ${message_uuid} ${text}`;
  const first = new Map<Uuid, MergedMessage>();
  const doubled = new Set<MergedMessage>();
  for (const message of messages.toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))) {
    const known = first.get(message.message_uuid);
    if (!known) first.set(message.message_uuid, message);
    else if (known.text !== message.text || known.by !== message.by) doubled.add(message);
  }
  return { messages: [...first.values()], doubled };
}

/** The conversations in the order of their first messages; those without one come last, by their ids. */
function byAge(messages: OriginalMessage[], groups: [Uuid, Group][]): [Uuid, ...Uuid[]] {
  const begun = messages.map(({ conversation }) => conversation);
  const all = groups.map(([conversation]) => conversation).sort();
  return [...new Set([...begun, ...all])] as [Uuid, ...Uuid[]];
}
