import { randomUUID } from 'node:crypto';
import type { ImportedConversation } from '../admin/import/import-batches.ts';
import type { Uuid } from '../core/model/id.ts';
import { parse } from '../core/model/parse.ts';
import { fromMicros } from '../core/model/time.ts';
import { type RegisteredUser, registeredUserSchema } from '../core/model/user.ts';
import { lines } from './conversation.ts';

// Generates any amount of data, for load tests and for trying the client with a full inbox.

const newUuid = () => randomUUID() as string as Uuid;
const second = 1_000_000; // microseconds
const halfAYear = 182 * 24 * 3600 * second;
const maxPause = 600 * second;
/** The average number of messages of a conversation, if there are enough pairs of users. */
const averageLength = 60;

/**
 * Generates users with random ids, different ones at each call. They cannot sign in, since they are in no user pool.
 */
export function* generateUsers(count: number): Generator<RegisteredUser> {
  for (let n = 0; n < count; n++) {
    const user_uuid = newUuid();
    const handle = `t_${user_uuid.replaceAll('-', '').slice(0, 16)}`;
    yield parse(registeredUserSchema, {
      user_uuid,
      handle,
      display_name: `Generated User ${n + 1}`,
      cognito_user_id: user_uuid,
      email: `${handle}@example.com`,
    });
  }
}

/**
 * Generates conversations of different lengths between pairs of users, at times of the last half year; each pair has one at most.
 * @param users at least two
 * @param messages the number of messages in all conversations together
 * @param now microseconds since 1970
 */
export function* generateConversations(
  users: RegisteredUser[],
  messages: number,
  now = Date.now() * 1000,
): Generator<ImportedConversation> {
  const pairs = (users.length * (users.length - 1)) / 2;
  const conversations = Math.min(pairs, Math.max(1, Math.round(messages / averageLength)));
  let remaining = messages;
  for (let n = 0; n < conversations; n++) {
    const others = conversations - n - 1; // the conversations still to come, which need one message each
    const average = remaining / (others + 1);
    const length = others === 0 ? remaining : Math.min(remaining - others, Math.max(1, Math.round(average * skewed())));
    remaining -= length;
    yield generateConversation(pairOf(users, n), length, { n, now });
  }
}

/**
 * A random factor from 0.1 to 2.8 that is 1 on average. Small factors are more frequent, so there are many short
 * conversations and a few long ones.
 */
const skewed = () => 0.1 + 2.7 * Math.random() ** 2;

/**
 * The n-th pair of users. The pairs are first each user with the next one, then each with the next but one, and so
 * on, so no pair comes twice.
 */
function pairOf(users: RegisteredUser[], n: number): ImportedConversation['participants'] {
  const count = users.length;
  const at = (index: number) => {
    const { user_uuid, handle, display_name } = users[index % count] as RegisteredUser;
    return { user_uuid, handle, display_name };
  };
  const distance = Math.floor(n / count) + 1;
  const isOpposite = distance * 2 === count; // users opposite each other: half a round already has every such pair
  const first = isOpposite ? n - (distance - 1) * count : n;
  return [at(first), at(first + distance)];
}

function generateConversation(
  participants: ImportedConversation['participants'],
  length: number,
  { n, now }: { n: number; now: number },
): ImportedConversation {
  const pause = Math.min(maxPause, Math.floor(halfAYear / length));
  const start = now - halfAYear + Math.floor(Math.random() * (halfAYear - pause * length));
  // Uses the number of the conversation as microseconds, so that two conversations of one user rarely end at the same
  // time. If they do, the import moves one of the inbox rows.
  const withMicros = (time: number) => Math.floor(time / second) * second + (n % second);
  function* generateMessages(): Generator<{
    by: 0 | 1;
    message_uuid: Uuid;
    message: string;
    at: ReturnType<typeof fromMicros>;
  }> {
    for (let k = 0; k < length; k++) {
      const [, message] = lines[(n + k) % lines.length] as (typeof lines)[number];
      const at = fromMicros(withMicros(start + k * pause + Math.floor(Math.random() * pause)));
      yield { by: Math.random() < 0.5 ? 0 : 1, message_uuid: newUuid(), message, at };
    }
  }
  const unread = () => (Math.random() < 0.3 ? Math.floor(Math.random() * 5) : 0);
  return { message_group_uuid: newUuid(), participants, messages: generateMessages(), unread: [unread(), unread()] };
}
