import type { Uuid } from '../../core/model/id.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { inboxRowKey } from '../../core/table/items.ts';
import { putHealedHead, putPair } from '../table/repairs.ts';
import type { Bedside, Sight } from './diagnosis.ts';
import { healed } from './rules/conversation-rules.ts';
import type { Finding } from './rules/finding.ts';

/**
 * What makes a conversation a function of its messages again. Its head is put right and forgets what the rows show, on the
 * condition that it still is the one that was read; in the same transaction the rows that are too many go. Then the projector
 * writes the rows as it does after any message: nobody else ever writes one. If this ends between the two, the next message's
 * projection, or the next doctor, goes on from there.
 * @returns undefined when nothing of what was found can be repaired
 */
export function cureConversation(
  bedside: Bedside,
  sight: Sight,
  findings: Finding[],
): (() => Promise<boolean>) | undefined {
  const { head, tally, pair } = sight;
  const repairable = findings.filter(({ repairable }) => repairable).map(({ code }) => code);
  const needsPair = repairable.includes('head_without_pair');
  const needsRows = tally.last !== undefined && repairable.some((code) => code !== 'head_without_pair');
  if (!needsPair && !needsRows) return undefined;

  return async () => {
    const deadline = Date.now() + bedside.patience;
    const pairRefused = needsPair && (await putPair(bedside.table, head, { instead: pair }, deadline));
    if (!needsRows) return !pairRefused;
    // The projector takes the rows away from the place that the head notes. Where another conversation's row sits there it could
    // not: then the place is forgotten, and the row that does sit there goes now.
    const keepsPlace = sight.placeIsOurs;
    const strays = head.participants.flatMap(({ user_uuid }, index) =>
      (sight.rows[index] ?? [])
        .filter(({ place }) => !keepsPlace || place !== head.inbox_at)
        .map(({ place }) => inboxRowKey(user_uuid as Uuid, place)),
    );
    const change = { before: head, after: healed(sight), keepsPlace, strays };
    if (await putHealedHead(bedside.table, change, deadline)) return false;
    bedside.memory.heads.delete(head.message_group_uuid);
    await projectInbox(bedside, head.message_group_uuid);
    return !pairRefused;
  };
}
