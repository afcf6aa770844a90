import { deadlineOf } from '../../core/deps.ts';
import type { Head } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import * as items from '../../core/table/items.ts';
import { putLostHead } from '../table/repairs.ts';
import { getNamed, inboxRowsOf, readMessageNumbers } from '../table/scan.ts';
import type { CheckContext, Diagnosis } from './diagnosis.ts';
import { finding } from './rules/finding.ts';
import { SequenceCheck } from './rules/sequence-check.ts';

/**
 * Reports messages whose conversation has no head. The head can be rebuilt if no message is missing and both
 * participants are known: both have sent messages, or the inbox row of the only sender names the other participant.
 * The read counters are computed from the inbox rows; without rows, every message counts as unread.
 * @throws DomainError `throttled` when DynamoDB throttles
 */
export async function checkLostHead(context: CheckContext, conversation: Uuid): Promise<Diagnosis> {
  const sequence = new SequenceCheck(conversation);
  for await (const message of readMessageNumbers(context.table, conversation)) sequence.add(message);
  const head = await rebuildHead(context, conversation, sequence);
  return {
    subject: { kind: 'conversation', conversation },
    findings: [
      ...sequence.faults,
      finding('message_without_head', { message_group_uuid: conversation, found: sequence.count, repairable: !!head }),
    ],
    repair:
      head &&
      (async () => {
        if (await putLostHead(context.table, head, deadlineOf(context))) return false;
        context.memory.heads.delete(conversation);
        await projectInbox(context, conversation);
        return true;
      }),
  };
}

async function rebuildHead(
  context: CheckContext,
  conversation: Uuid,
  sequence: SequenceCheck,
): Promise<Head | undefined> {
  const senders = [...sequence.sent.keys()];
  const [sender] = senders;
  if (sequence.faults.length > 0 || !sequence.last || !sender || senders.length > 2) return undefined;
  const other =
    senders[1] ?? ((await inboxRowsOf(context.table, sender, conversation))[0]?.user_uuid as Uuid | undefined);
  if (!other || other === sender) return undefined;

  const ids = [sender, other];
  const keys = [...ids.map(items.userKey), items.pairKey(sender, other)];
  const found = await getNamed(context.table, keys, deadlineOf(context));
  const users = ids.map((id) => found.get(items.userKey(id)));
  const pair = found.get(items.pairKey(sender, other));
  if (!users[0] || !users[1] || (pair && pair.message_group_uuid !== conversation)) return undefined;

  const sent = Object.fromEntries(ids.map((id) => [id, sequence.sent.get(id) ?? 0]));
  const readBy = async (user: Uuid, otherUser: Uuid): Promise<number> => {
    const max = sent[otherUser] ?? 0;
    const [row] = await inboxRowsOf(context.table, user, conversation);
    return row ? Math.max(0, Math.min(max, max - Number(row.unread_count))) : 0;
  };
  return {
    message_group_uuid: conversation,
    participants: [items.userOf(users[0]), items.userOf(users[1])],
    last_message_at: sequence.last.created_at,
    sent,
    read: { [sender]: await readBy(sender, other), [other]: await readBy(other, sender) },
    rows_rev: 0,
  };
}
