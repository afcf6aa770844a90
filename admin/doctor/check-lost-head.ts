import { deadlineOf } from '../../core/deps.ts';
import type { Head } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Pair } from '../../core/model/pair.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { getTogether } from '../../core/table/confirmed-reads.ts';
import * as items from '../../core/table/items.ts';
import { putLostHead } from '../table/repairs.ts';
import { inboxRowsOf, readMessageNumbers } from '../table/scan.ts';
import { blockersOf, blockKeys } from './check-blocks.ts';
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
  const rebuilt = await rebuildHead(context, conversation, sequence);
  return {
    subject: { kind: 'conversation', conversation },
    findings: [
      ...sequence.faults,
      finding('message_without_head', {
        message_group_uuid: conversation,
        found: sequence.count,
        repairable: !!rebuilt,
      }),
    ],
    repair:
      rebuilt &&
      (async () => {
        if (await putLostHead(context.table, rebuilt.head, rebuilt.pair, deadlineOf(context))) return false;
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
): Promise<{ head: Head; pair: Pair } | undefined> {
  const senders = [...sequence.sent.keys()];
  const [sender] = senders;
  if (sequence.faults.length > 0 || !sequence.last || !sender || senders.length > 2) return undefined;
  const other =
    senders[1] ?? ((await inboxRowsOf(context.table, sender, conversation))[0]?.user_uuid as Uuid | undefined);
  if (!other || other === sender) return undefined;

  const ids = [sender, other];
  const keys = [...ids.map(items.userKey), items.pairKey(sender, other), ...blockKeys(sender, other)];
  const [one, another, pairItem, ...blocks] = await getTogether(context.table, keys, deadlineOf(context));
  const pair = items.pairOf(pairItem ?? {});
  const { message_group_uuid: named = conversation } = pair;
  if (!one || !another || named !== conversation) return undefined;
  const blocked_by = blockersOf([sender, other], blocks);

  const sent = Object.fromEntries(ids.map((id) => [id, sequence.sent.get(id) ?? 0]));
  const readBy = async (user: Uuid, otherUser: Uuid): Promise<number> => {
    const max = sent[otherUser] ?? 0;
    const [row] = await inboxRowsOf(context.table, user, conversation);
    return row ? Math.max(0, Math.min(max, max - Number(row.unread_count))) : 0;
  };
  const head: Head = {
    message_group_uuid: conversation,
    participants: [items.userOf(one), items.userOf(another)],
    last_message_at: sequence.last.created_at,
    sent,
    read: { [sender]: await readBy(sender, other), [other]: await readBy(other, sender) },
    rows_rev: 0,
    ...(blocked_by.length > 0 && { blocked_by }),
  };
  return { head, pair };
}
