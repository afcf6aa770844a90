import { append, emptyHead, type Head, markRead } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { inboxRows } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { parse } from '../../core/model/parse.ts';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import { type RegisteredUser, registeredUserSchema, type User } from '../../core/model/user.ts';
import * as items from '../../core/table/items.ts';

/** Random numbers and choices, the same for the same seed (mulberry32). */
export function seededRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return { below, of: <T>(choices: readonly T[]): T => choices[below(choices.length)] as T };
}

const uuidOf = (kind: number, n: number) =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}` as Uuid;

const start = toMicros('2024-01-01T00:00:00.000000+00:00' as Timestamp);

/** A generated conversation, with its two inbox rows. */
export interface GeneratedConversation {
  head: Head;
  newest: Message;
  rows: { owner: User; item: items.Item }[];
}

/** A consistent table's items, made by the core's own rules and item builders: quicker than sending thousands of messages. */
export function generateItems(counts: { users: number; conversations: number; seed: number }) {
  const { below, of } = seededRandom(counts.seed);
  const registered = Array.from({ length: counts.users }, (_, n) => registeredUser(n));
  const users = registered.map(({ user_uuid, handle, display_name }): User => ({ user_uuid, handle, display_name }));
  const all: items.Item[] = registered.flatMap(items.userItems);
  const conversations: GeneratedConversation[] = [];
  const pairs = new Set<string>();
  while (conversations.length < counts.conversations) {
    const [one, other] = [of(users), of(users)];
    const pair = items.pairKey(one.user_uuid, other.user_uuid).pk;
    if (one === other || pairs.has(pair)) continue;
    pairs.add(pair);

    const conversation = uuidOf(2, conversations.length);
    const messages: Message[] = [];
    let head = emptyHead(conversation, one, other);
    for (let n = below(8); n >= 0; n--) {
      const now = fromMicros(start + conversations.length * 1_000_000 + messages.length * 1_000);
      const sender = messages.length === 0 ? one : of([one, other]);
      const next = append(head, { sender, message_uuid: uuidOf(3, below(2 ** 31)), message: `line ${n}`, now });
      head = next.head;
      messages.push(next.message);
    }
    head = markRead(head, of([one, other]).user_uuid, of(messages));
    const newest = messages.at(-1) as Message;
    const place = newest.created_at;
    head = { ...head, inbox_at: place, shown_at: place, rows_rev: 1 };
    const rows = inboxRows(head, newest, [one, other]).map(({ user_uuid, row }) => ({
      owner: user_uuid === one.user_uuid ? one : other,
      item: items.inboxRowItem(user_uuid, row, place),
    }));
    conversations.push({ head, newest, rows });
    all.push(
      items.headItem(head),
      items.pairItem(one.user_uuid, other.user_uuid, { message_group_uuid: conversation }),
    );
    all.push(...messages.map(items.messageItem), ...rows.map(({ item }) => item));
  }
  return { users, conversations, items: all };
}

function registeredUser(n: number): RegisteredUser {
  const handle = `user_${n}`;
  return parse(registeredUserSchema, {
    user_uuid: uuidOf(1, n),
    handle,
    display_name: `User ${n}`,
    cognito_user_id: `sub-${n}`,
    email: `${handle}@example.com`,
  });
}
