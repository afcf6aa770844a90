import { randomUUID } from 'node:crypto';
import { append, emptyHead, projectedAt } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { inboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { fromMicros, toMicros } from '../../core/model/time.ts';
import type { Handle, User } from '../../core/model/user.ts';
import * as items from '../../core/table/items.ts';

// The items of long lists, made by the core's own rules and mappings. A list of a million is stored in minutes that way, instead of hours.

const text = 'Low tide is at six. Bring both cups, and the lantern, please';
const start = toMicros('2024-01-01T00:00:00.000000+00:00' as Parameters<typeof toMicros>[0]);
const newUuid = () => randomUUID() as string as Uuid;

/** A user who exists only in the items of others: nothing that is measured reads their own. */
export const stranger = (name: string): User => ({
  user_uuid: newUuid(),
  handle: name as Handle,
  display_name: 'Ada North',
});

/** A conversation of many messages: the messages and, at the end, the head. */
export function* conversationItems(
  [one, other]: [User, User],
  conversation: Uuid,
  count: number,
): Generator<items.Item> {
  let head = emptyHead(conversation, one, other);
  for (let n = 0; n < count; n++) {
    const now = fromMicros(start + n * 1_000);
    const next = append(head, { sender: n % 2 ? other : one, message_uuid: newUuid(), message: text, now });
    head = next.head;
    yield items.messageItem(next.message);
  }
  yield items.headItem(projectedAt(head, head.last_message_at));
}

/** The inbox of a user with many conversations: its rows. */
export function* inboxItems(owner: User, count: number): Generator<items.Item> {
  for (let n = 0; n < count; n++) {
    const other = stranger('other');
    const now = fromMicros(start + n * 1_000);
    const sent = { sender: other, message_uuid: newUuid(), message: text, now };
    const { head, message }: { head: Parameters<typeof inboxRow>[0]; message: Message } = append(
      emptyHead(newUuid(), owner, other),
      sent,
    );
    yield items.inboxRowItem(owner.user_uuid, inboxRow(head, message, owner.user_uuid, other), head.last_message_at);
  }
}

/** Many users whose handles begin alike: their handles. */
export function* handleItems(prefix: string, count: number): Generator<items.Item> {
  const digits = String(count).length;
  for (let n = 0; n < count; n++) {
    const { user_uuid, display_name } = stranger('other');
    const handle = `${prefix}${String(n).padStart(digits, '0')}` as Handle;
    yield { ...items.handleKey(handle), user_uuid, display_name };
  }
}
