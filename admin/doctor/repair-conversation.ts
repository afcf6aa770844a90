import type { Uuid } from '../../core/model/id.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { inboxRowKey } from '../../core/table/items.ts';
import { putPair, putRepairedHead } from '../table/repairs.ts';
import type { CheckContext, ConversationSnapshot } from './diagnosis.ts';
import { repairedHead } from './rules/conversation-rules.ts';
import type { Finding } from './rules/finding.ts';

/**
 * What makes a conversation a function of its messages again. Its head is put right and forgets what the rows show, on the
 * condition that it still is the one that was read; in the same transaction the rows that are too many go. Then the projector
 * writes the rows as it does after any message: nobody else ever writes one. If this ends between the two, the next message's
 * projection, or the next doctor, goes on from there.
 * @returns undefined when nothing of what was found can be repaired
 */
export function repairConversation(
  context: CheckContext,
  snapshot: ConversationSnapshot,
  findings: Finding[],
): (() => Promise<boolean>) | undefined {
  const { head, sequence, pair } = snapshot;
  const repairable = findings.filter(({ repairable }) => repairable).map(({ code }) => code);
  const needsPair = repairable.includes('head_without_pair');
  const needsRows = sequence.last !== undefined && repairable.some((code) => code !== 'head_without_pair');
  if (!needsPair && !needsRows) return undefined;

  return async () => {
    const deadline = Date.now() + context.retryBudget;
    const pairRefused = needsPair && (await putPair(context.table, head, { instead: pair }, deadline));
    if (!needsRows) return !pairRefused;
    // The projector takes the rows away from the place that the head notes. Where another conversation's row sits there it could
    // not: then the place is forgotten, and the row that does sit there goes now.
    const keepsPlace = snapshot.placeIsOurs;
    const strays = head.participants.flatMap(({ user_uuid }, index) =>
      (snapshot.rows[index] ?? [])
        .filter(({ place }) => !keepsPlace || place !== head.inbox_at)
        .map(({ place }) => inboxRowKey(user_uuid as Uuid, place)),
    );
    const change = { before: head, after: repairedHead(snapshot), keepsPlace, strays };
    if (await putRepairedHead(context.table, change, deadline)) return false;
    context.memory.heads.delete(head.message_group_uuid);
    await projectInbox(context, head.message_group_uuid);
    return !pairRefused;
  };
}
