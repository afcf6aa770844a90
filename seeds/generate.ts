import { randomUUID } from 'node:crypto';
import type { ImportedConversation } from '../admin/import/import-batches.ts';
import type { Uuid } from '../core/model/id.ts';
import { parse } from '../core/model/parse.ts';
import { fromMicros } from '../core/model/time.ts';
import { type RegisteredUser, registeredUserSchema } from '../core/model/user.ts';
import { lines } from './conversation.ts';

// As much data as asked for, for load tests and for the look of a full inbox: people who are nobody's seeds, and what they say.

const newUuid = () => randomUUID() as string as Uuid;
const second = 1_000_000; // microseconds
const halfAYear = 182 * 24 * 3600 * second;
const longestPause = 600 * second;
/** How long conversations are on average, as long as there are enough pairs of people. */
const usualLength = 60;

/** So many people, each with a new id: asked for again, they are others. They cannot sign in: no pool knows them. */
export function* generateUsers(count: number): Generator<RegisteredUser> {
  for (let n = 0; n < count; n++) {
    const user_uuid = newUuid();
    const handle = `t_${user_uuid.replaceAll('-', '').slice(0, 16)}`;
    yield parse(registeredUserSchema, {
      user_uuid,
      handle,
      display_name: `Townsperson ${n + 1}`,
      cognito_user_id: user_uuid,
      email: `${handle}@example.com`,
    });
  }
}

/**
 * So many messages among the people, in conversations of a few up to some hundred: as many pairs of people as that takes, each
 * once. The last half year is when they talked.
 * @param people two at least
 * @param now microseconds since 1970
 */
export function* generateConversations(
  users: RegisteredUser[],
  messages: number,
  now = Date.now() * 1000,
): Generator<ImportedConversation> {
  const pairs = (users.length * (users.length - 1)) / 2;
  const conversations = Math.min(pairs, Math.max(1, Math.round(messages / usualLength)));
  let left = messages;
  for (let n = 0; n < conversations; n++) {
    const others = conversations - n - 1; // which have a message each at least
    const average = left / (others + 1);
    const length = others === 0 ? left : Math.min(left - others, Math.max(1, Math.round(average * skewed())));
    left -= length;
    yield generateConversation(pairOf(users, n), length, { n, now });
  }
}

/** From 0.1 to 3, 1 on average: many short conversations and a few long ones. */
const skewed = () => 0.1 + 2.7 * Math.random() ** 2;

/** The n-th pair, each pair once: everybody with their neighbour, then with their neighbour's neighbour … */
function pairOf(users: RegisteredUser[], n: number): ImportedConversation['participants'] {
  const count = users.length;
  const at = (index: number) => {
    const { user_uuid, handle, display_name } = users[index % count] as RegisteredUser;
    return { user_uuid, handle, display_name };
  };
  const distance = Math.floor(n / count) + 1;
  const isOpposite = distance * 2 === count; // there, half a round meets everybody
  const first = isOpposite ? n - (distance - 1) * count : n;
  return [at(first), at(first + distance)];
}

function generateConversation(
  participants: ImportedConversation['participants'],
  length: number,
  { n, now }: { n: number; now: number },
): ImportedConversation {
  const pause = Math.min(longestPause, Math.floor(halfAYear / length));
  const start = now - halfAYear + Math.floor(Math.random() * (halfAYear - pause * length));
  // Conversations of one person seldom end in the same microsecond this way; where they do, their rows move apart.
  const micro = (time: number) => Math.floor(time / second) * second + (n % second);
  function* talk(): Generator<{ by: 0 | 1; message_uuid: Uuid; message: string; at: ReturnType<typeof fromMicros> }> {
    for (let k = 0; k < length; k++) {
      const [, message] = lines[(n + k) % lines.length] as (typeof lines)[number];
      const at = fromMicros(micro(start + k * pause + Math.floor(Math.random() * pause)));
      yield { by: Math.random() < 0.5 ? 0 : 1, message_uuid: newUuid(), message, at };
    }
  }
  const unread = () => (Math.random() < 0.3 ? Math.floor(Math.random() * 5) : 0);
  return { message_group_uuid: newUuid(), participants, messages: talk(), unread: [unread(), unread()] };
}
