import { randomUUID } from 'node:crypto';
import { importConversation } from '../../admin/import/import-conversation.ts';
import type { Deps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import { fromMicros, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';

/**
 * Stores a conversation of many messages, as `bin/ddb import` does: much quicker than sending them.
 * @param participants who write in turn; they have no conversation yet
 * @returns its uuid
 */
export async function importMessages(
  deps: Deps,
  participants: [User, User],
  { count, text, onProgress }: { count: number; text: string; onProgress?: (messages: number) => void },
): Promise<Uuid> {
  const message_group_uuid = randomUUID() as string as Uuid;
  const end = toMicros(deps.now());
  function* messages() {
    for (let n = 0; n < count; n++) {
      const at = fromMicros(end - (count - n) * 1_000);
      yield { by: (n % 2) as 0 | 1, message_uuid: randomUUID() as string as Uuid, message: text, at };
    }
  }
  const conversation = { message_group_uuid, participants, messages: messages(), unread: [0, 0] as [number, number] };
  if (!(await importConversation(deps, conversation, onProgress))) throw new Error('the users have a conversation');
  return message_group_uuid;
}
