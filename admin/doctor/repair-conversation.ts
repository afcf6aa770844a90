import { deadlineOf } from '../../core/deps.ts';
import { participantIds } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { putForgottenErasure, putPair, putRepairedBlocks, putRepairedHead } from '../table/repairs.ts';
import type { CheckContext, ConversationSnapshot } from './diagnosis.ts';
import { isInPlace, keyOfRow } from './placed-rows.ts';
import { repairedHead } from './rules/conversation-rules.ts';
import type { Finding, FindingCode } from './rules/finding.ts';

/** What is repaired without the rows. */
const ofOther: readonly FindingCode[] = ['head_without_pair', 'erasure_forgotten'];
const isOfBlocks = (code: FindingCode) => code === 'pair_blocks_wrong' || code === 'head_blocks_wrong';

/**
 * Repairs a conversation so that it matches its messages, in two steps. First, one transaction corrects the head,
 * removes its `shown_at` and deletes surplus rows, if the head is still as it was read. Then the projector writes the
 * rows, as it does after any message: no other code writes inbox rows. If the process ends between the two steps, the
 * next repair or the projection of the next message writes the rows.
 * @returns the repair, as in `Diagnosis`; undefined when no finding can be repaired
 */
export function repairConversation(
  context: CheckContext,
  snapshot: ConversationSnapshot,
  findings: Finding[],
): (() => Promise<boolean>) | undefined {
  const { head, sequence, pair, blocked_by } = snapshot;
  const repairable = findings.filter(({ repairable }) => repairable).map(({ code }) => code);
  const needsPair = repairable.includes('head_without_pair');
  const needsBlocks = repairable.some(isOfBlocks);
  const forgotten = findings
    .filter(({ code }) => code === 'erasure_forgotten')
    .map(({ user_uuid }) => user_uuid as Uuid);
  const needsRows =
    sequence.last !== undefined && repairable.some((code) => !ofOther.includes(code) && !isOfBlocks(code));
  if (!needsPair && !needsBlocks && !needsRows && forgotten.length === 0) return undefined;
  /** The pair first: the next check compares its blocks. @returns whether a condition failed */
  const repairPair = (deadline: number): Promise<boolean> | boolean => {
    if (needsPair) return putPair(context.table, head, { instead: pair.message_group_uuid }, deadline);
    if (!needsBlocks) return false;
    return putRepairedBlocks(context.table, { users: participantIds(head), pair, head, blocked_by }, deadline);
  };

  return async () => {
    const deadline = deadlineOf(context);
    for (const user_uuid of forgotten) await putForgottenErasure(context.table, user_uuid, context.now(), deadline);
    const pairFailed = await repairPair(deadline);
    if (!needsRows) return !pairFailed;
    // The projector deletes the rows at the head's `inbox_at` before it writes new ones, and fails if another conversation's row is there.
    // In that case this repair deletes all rows of the conversation itself, and removes `inbox_at`.
    const keepsPlace = snapshot.placeIsFreeOrOwn;
    const strays = participantIds(head).flatMap((owner, index) =>
      (snapshot.rows[index] ?? [])
        // By a head without `shown_at`, no row is hidden: the projector would leave a hidden one where it is.
        .filter((row) => !keepsPlace || row.isHidden || !isInPlace(row, head, owner))
        .map((row) => keyOfRow(owner, row)),
    );
    const change = { before: head, after: repairedHead(snapshot), keepsPlace, strays };
    if (await putRepairedHead(context.table, change, deadline)) return false;
    context.memory.heads.delete(head.message_group_uuid);
    await projectInbox(context, head.message_group_uuid);
    return !pairFailed;
  };
}
