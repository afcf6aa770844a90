import { setTimeout as wait } from 'node:timers/promises';
import { type Head, isParticipant } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { type Timestamp, toMicros } from '../../core/model/time.ts';
import * as items from '../../core/table/items.ts';
import { getHead, getMessage, messagesBefore } from '../../core/table/reads.ts';
import { type Found, getMany, numbersOf, rowsOf } from '../table/scan.ts';
import { lookAtHeadless } from './check-lost-head.ts';
import { type Bedside, type Diagnosis, healthy, type Sight, type Subject } from './diagnosis.ts';
import { cureConversation } from './repair-conversation.ts';
import { isWellFormed, judge } from './rules/conversation-rules.ts';
import { finding } from './rules/finding.ts';
import { Tally } from './rules/sequence-check.ts';
import type { PlacedRow } from './rules/snapshot.ts';

const mostLooks = 20;

/**
 * Looks at a conversation closely: strongly consistent reads between two readings of its head that agree. One that the service
 * writes to at every look is alive, not ill.
 */
export async function lookAtConversation(bedside: Bedside, group: Uuid): Promise<Diagnosis> {
  const subject: Subject = { kind: 'conversation', group };
  const started = Date.now();
  let shownAtFirst: Timestamp | undefined | null = null;
  let upTo: Timestamp | undefined;
  for (let looks = 1; looks <= mostLooks; looks++) {
    const head = await getHead(bedside.table, group);
    if (!head) {
      const { rows } = await messagesBefore(bedside.table, group, { before: undefined, limit: 1 });
      if (rows.length === 0) return healthy(subject); // what points to it is judged where it lies
      if (await getHead(bedside.table, group)) continue; // just opened
      return lookAtHeadless(bedside, group);
    }
    if (!isWellFormed(head) || head.message_group_uuid !== group) {
      return { subject, findings: [finding('head_invalid', { message_group_uuid: group })] };
    }
    const sight = await see(bedside, head, upTo && head.last_message_at);
    const later = await getHead(bedside.table, group);
    if (later?.rows_rev !== head.rows_rev) continue;
    if (!sameCounters(later.sent, head.sent) && upTo === undefined) {
      upTo = head.last_message_at; // from now on each look counts the messages up to its own head only
      continue;
    }

    if (shownAtFirst === null) shownAtFirst = head.shown_at;
    if (isBehind(sight) && shownAtFirst === head.shown_at && !isOverdue(bedside, sight, started)) {
      looks = 0; // bounded by the grace
      await wait(Math.min(100, bedside.grace / 10 + 1));
      continue;
    }
    const isLate = isBehind(sight) && shownAtFirst === head.shown_at;
    const findings = judge(sight, isLate);
    if (findings.length === 0) return healthy(subject);
    return { subject, findings, cure: cureConversation(bedside, sight, findings) };
  }
  return healthy(subject);
}

const isBehind = ({ head, tally }: Sight) =>
  head.shown_at !== tally.last?.created_at && tally.firstUnshown !== undefined;

/** Whether the oldest message that the rows do not show has waited longer than a projection may take. */
function isOverdue({ now, grace }: Bedside, { tally }: Sight, started: number): boolean {
  const waits = (toMicros(now()) - toMicros(tally.firstUnshown as Timestamp)) / 1000;
  return waits > grace || Date.now() - started >= grace;
}

async function see({ table }: Bedside, head: Head, upTo: Timestamp | undefined): Promise<Sight> {
  const group = head.message_group_uuid;
  const [one, other] = head.participants.map(({ user_uuid }) => user_uuid) as [Uuid, Uuid];
  const places =
    head.inbox_at === undefined ? [] : [one, other].map((id) => items.inboxRowKey(id, head.inbox_at as never));
  const [tally, related, ...rows] = await Promise.all([
    count(numbersOf(table, group, upTo), new Tally(group, head.shown_at)),
    getMany(table, [items.pairKey(one, other), items.userKey(one), items.userKey(other), ...places], {
      ConsistentRead: true,
    }),
    rowsOf(table, one, group).then(toPlaced),
    rowsOf(table, other, group).then(toPlaced),
  ]);
  const at = (time: Timestamp | undefined) => (time === undefined ? undefined : getMessage(table, group, time));
  const newest = await at(tally.last?.created_at);
  const pair = related.get(items.pairKey(one, other))?.message_group_uuid as Uuid | undefined;
  const rival = pair !== undefined && pair !== group ? await getHead(table, pair) : undefined;
  return {
    head,
    tally,
    rows,
    users: [userIn(related, one), userIn(related, other)],
    pair,
    hasRival: rival !== undefined && isParticipant(rival, one) && isParticipant(rival, other),
    newest,
    shown: head.shown_at === newest?.created_at ? newest : await at(head.shown_at),
    placeIsOurs: places.every((key) => (related.get(key)?.message_group_uuid ?? group) === group),
  };
}

async function count(messages: ReturnType<typeof numbersOf>, tally: Tally): Promise<Tally> {
  for await (const message of messages) tally.add(message);
  return tally;
}

const toPlaced = (rows: items.Item[]): PlacedRow[] =>
  rows.map((item) => ({ ...items.inboxRowOf(item), place: item.sk as Timestamp }));

function userIn(found: Found, user_uuid: Uuid) {
  const item = found.get(items.userKey(user_uuid));
  return item && items.userOf(item);
}

const sameCounters = (one: Head['sent'], other: Head['sent']) =>
  Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]);
