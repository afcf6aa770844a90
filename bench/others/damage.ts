import type { User } from '../../core/model/user.ts';
import type { Listed, Row } from './design.ts';

/** What can be wrong at the end of a history. */
export const damages = [
  'lost messages', // accepted, and in no conversation of its two users
  'doubled messages', // sent once, listed more often
  'messages out of order', // sent after the answer to another one, and listed before it
  'lost inbox rows', // a conversation has messages, and one of its users has no row that leads to it
  'doubled inbox rows', // more than one row leads to the same user
  'wrong newest message', // a row shows another message than the newest of its conversation
  'wrong unread counts',
] as const;
export type DamageKind = (typeof damages)[number];
export type Damage = Record<DamageKind, number>;

export const noDamage = () => Object.fromEntries(damages.map((kind) => [kind, 0])) as Damage;
export const isDamaged = (damage: Damage) => damages.some((kind) => damage[kind] > 0);

/** A message that was accepted, with the moments at which it was first sent and last answered. */
export interface Accepted {
  from: User;
  to: User;
  /** Unique in the history. */
  text: string;
  sentAt: number;
  answeredAt: number;
}

/** Marking as read all messages that a user has from another one. */
export interface Read {
  me: User;
  other: User;
  at: number;
}

/** What happened, and what the users see once the stream is drained. */
export interface History {
  users: User[];
  accepted: Accepted[];
  reads: Read[];
  /** By user_uuid. */
  inboxes: Map<string, Row[]>;
  /** By conversation, in the order in which it lists them. */
  conversations: Map<string, Listed[]>;
}

/** Counts what is wrong. It knows no design: it compares what users did with what they see. */
export function damageOf(history: History): Damage {
  const { users, accepted, inboxes, conversations } = history;
  const damage = noDamage();
  const listed = [...conversations.values()];
  for (const { text } of accepted) {
    const copies = listed.flat().filter((message) => message.text === text).length;
    if (copies === 0) damage['lost messages']++;
    else damage['doubled messages'] += copies - 1;
  }
  for (const messages of listed) damage['messages out of order'] += outOfOrder(messages, accepted);

  for (const me of users) {
    const inbox = inboxes.get(me.user_uuid) ?? [];
    for (const [conversation, messages] of conversations) {
      const isMine = accepted.some(
        ({ from, to, text }) => (from === me || to === me) && messages.some((message) => message.text === text),
      );
      if (isMine && !inbox.some((row) => row.conversation === conversation)) damage['lost inbox rows']++;
    }
    for (const other of users) {
      const rows = inbox.filter((row) => row.other === other.user_uuid);
      damage['doubled inbox rows'] += Math.max(0, rows.length - 1);
      for (const { conversation, text, unread } of rows) {
        if (text !== conversations.get(conversation)?.at(-1)?.text) damage['wrong newest message']++;
        if (unread !== undefined && unread !== unreadOf(history, me, other)) damage['wrong unread counts']++;
      }
    }
  }
  return damage;
}

/** The number of messages that stand before one that had been answered before they were sent. */
function outOfOrder(messages: Listed[], accepted: Accepted[]): number {
  const known = messages.map(({ text }) => accepted.find((one) => one.text === text));
  return known.filter((one, n) => known.slice(n + 1).some((later) => one && later && later.answeredAt < one.sentAt))
    .length;
}

function unreadOf({ accepted, reads }: History, me: User, other: User): number {
  const readAt = Math.max(-1, ...reads.filter((read) => read.me === me && read.other === other).map(({ at }) => at));
  return accepted.filter(({ from, to, sentAt }) => from === other && to === me && sentAt > readAt).length;
}
