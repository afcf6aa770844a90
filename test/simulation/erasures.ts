import type { RegisteredUser } from '../../core/model/user.ts';
import { goneIn } from '../faults/invariants.ts';
import type { Stored } from '../faults/stored.ts';
import type { Client } from './client.ts';
import type { MemoryTable } from './table/memory-table.ts';

type Item = Record<string, unknown>;

/** What an item says of a user, although they were erased: their names, their address, or a text of theirs. */
export function tracesOf({ handle, display_name, email, user_uuid }: RegisteredUser, items: Iterable<Item>): string[] {
  const isTrace = (text: string) =>
    text === handle || text === email || text.startsWith(display_name) || new RegExp(`^${handle}[_#]`).test(text);
  const own = ['GRP', 'HIDDEN', 'SENT', 'BLOCK', 'CONN'].map((kind) => `${kind}#${user_uuid}`);
  return [...items].flatMap((item) => {
    const { pk, ...rest } = item as { pk: string };
    if (own.includes(pk)) return [`${pk} is left of ${handle}`];
    // An open report keeps what it is about until an operator resolves it.
    if (pk.startsWith('REPORT')) return [];
    const found = textsIn(rest).filter(isTrace);
    return found.map((text) => `${pk} still says ${text}`);
  });
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Set) return [...value].flatMap(textsIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Whether the heads of all conversations of a user say that they are gone. */
export const isErased = ({ user_uuid }: RegisteredUser, { conversations }: Stored): boolean =>
  conversations
    .filter(({ participants }) => participants.includes(user_uuid))
    .every(({ head }) => (head ? goneIn(head) : []).includes(user_uuid));

/** What is stored, with the messages of erased users as they were before: so what clients were told can be compared with them. */
export function beforeErasure(stored: Stored, table: MemoryTable, client: Client): Stored {
  const conversations = stored.conversations.map((conversation) => ({
    ...conversation,
    messages: conversation.messages.map((message) => {
      if (message.user_handle !== 'deleted') return message;
      const images = table.changes.filter(({ keys }) => keys.pk === message.pk && keys.sk === message.sk);
      const { after: before = message } =
        images.findLast(({ after }) => after !== undefined && after.user_handle !== 'deleted') ?? {};
      // The user may have deleted it again, after the erasure.
      const isDeleted = client.model.changes.get(String(message.message_uuid))?.deletion === 'answered';
      return isDeleted ? { ...before, message: '', revision: message.revision } : before;
    }),
  }));
  return { ...stored, conversations };
}
