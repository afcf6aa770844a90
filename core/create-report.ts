import * as z from 'zod/mini';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import { lastMessagesUpTo } from './list-messages.ts';
import { type Head, hasCleared, isParticipant, newestSeq, otherThan } from './model/head.ts';
import { type Uuid, uuid } from './model/id.ts';
import { code, parse } from './model/parse.ts';
import { evidenceLength, type Report, reportKept, reportNote, reportReasons, toEvidence } from './model/report.ts';
import { isBlank } from './model/text.ts';
import { justAfter, timestamp, toSeconds } from './model/time.ts';
import type { User } from './model/user.ts';
import { arrivalOf, spendReport } from './refusals.ts';
import { getExpectedHead, getNamedItem, getNamedMessage } from './table/confirmed-reads.ts';
import { accountOf, userKey } from './table/items.ts';
import { backOff } from './table/transactions.ts';
import { putReport } from './table/writes.ts';

export const inputSchema = z.object(
  {
    message_group_uuid: uuid('message_group_uuid_invalid'),
    created_at: z.optional(timestamp('created_at_invalid')),
    reason: z.enum(reportReasons, code('body_invalid')),
    note: z.optional(reportNote),
  },
  code('body_invalid'),
);

/**
 * Reports the other participant of a conversation to the operators, with copies of its last messages: those up to the reported one, or to
 * the newest. A conversation that is cleared, blocked or with a user who is suspended can be reported, too.
 * @param input `{message_group_uuid, created_at?, reason, note?}`, unchecked. `created_at` is that of a message of the other participant
 * @returns the report's uuid
 * @throws DomainError `message_group_uuid_invalid`, `created_at_invalid`, `body_invalid`, `note_exceed_max_chars`, `message_group_unknown`
 *   (also for strangers), `message_unknown` (also one that the caller has cleared), `report_self`, `too_many_reports`, `person_unknown`,
 *   `user_gone`, `message_group_busy`, `throttled`
 */
export async function createReport(deps: Deps, me: User, input: unknown): Promise<Uuid> {
  const { message_group_uuid, created_at, reason, note } = parse(inputSchema, input);
  const { table, memory } = deps;
  const deadline = deadlineOf(deps);
  const arrivedAt = arrivalOf(deps);
  const isMine = (head: Head) => isParticipant(head, me.user_uuid);
  // Read anew: if what this process remembers of the user were old, a write with all the evidence would fail and cost its units.
  const readReporter = async () => {
    const item = await getNamedItem(table, userKey(me.user_uuid), deadline);
    if (item?.gone_at) throw domainError('user_gone');
    if (item) return accountOf(item);
    memory.users.clear(); // without the caller, the table is a new one with other users
    throw domainError('person_unknown');
  };
  const [head, named, firstRead] = await Promise.all([
    getExpectedHead(table, message_group_uuid, isMine, deadline),
    created_at && getNamedMessage(table, message_group_uuid, created_at, deadline),
    readReporter(),
  ]);
  if (!head || !isMine(head)) throw domainError('message_group_unknown', 'message_group_uuid');
  if (created_at && (!named || hasCleared(head, me.user_uuid, created_at))) throw domainError('message_unknown');
  if (named && named.sender.user_uuid === me.user_uuid) throw domainError('report_self');
  let reporter = { before: firstRead, after: spendReport(deps, firstRead, arrivedAt) };

  const upTo = named || { created_at: head.last_message_at, seq: newestSeq(head) };
  const evidence = await lastMessagesUpTo(deps, message_group_uuid, { upTo, limit: evidenceLength }, deadline);
  const now = deps.now();
  let report: Report = {
    report_uuid: deps.newId(),
    reported_at: now,
    user_uuid: otherThan(head, me.user_uuid).user_uuid,
    reporter_uuid: me.user_uuid,
    message_group_uuid,
    ...(created_at && { message_created_at: created_at }),
    reason,
    ...(note !== undefined && !isBlank(note) && { note }),
    evidence: evidence.map(toEvidence),
    expires_at: toSeconds(now) + reportKept,
  };
  for (let attempt = 1; ; attempt++) {
    const failures = await putReport(table, report, reporter, deadline);
    if (!failures) return report.report_uuid;
    // Another report on the same user, or another one in the list, has this time.
    if (failures.report || failures.open) report = { ...report, reported_at: justAfter(report.reported_at) };
    if (failures.reporter) {
      await backOff(table, attempt, deadline, domainError('message_group_busy'));
      const before = await readReporter();
      reporter = { before, after: spendReport(deps, before, arrivedAt) };
    } else if (table.runtime.millis() >= deadline) throw domainError('message_group_busy');
  }
}
