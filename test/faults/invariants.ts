import type { User } from '../../core/model/user.ts';
import type { Conversation, Stored } from './stored.ts';

/** The violated invariants once the stream is drained; empty when all invariants hold. */
export function violatedInvariants({ conversations, receipts, pairs, blocks }: Stored, users: User[]): string[] {
  const violations = conversations.flatMap((conversation) =>
    violatedIn(conversation, users).map((violation) => `${conversation.conversation}: ${violation}`),
  );
  for (const { sk, pk, message_group_uuid, created_at } of receipts) {
    const sent = conversations
      .find(({ conversation }) => conversation === message_group_uuid)
      ?.messages.find((message) => message.sk === created_at);
    if (`SENT#${sent?.user_uuid}` !== pk) violations.push(`receipt ${sk} points to no message of its user`);
  }
  return [...violations, ...violatedBlocks({ conversations, pairs, blocks })];
}

/** Where the users' lists of blocked users, the pairs and the heads differ in who blocks whom. */
export function violatedBlocks({
  conversations,
  pairs,
  blocks,
}: Pick<Stored, 'conversations' | 'pairs' | 'blocks'>): string[] {
  const violations: string[] = [];
  const listed = new Set(blocks.map(({ pk, sk }) => `${String(pk).split('#')[1]} ${sk}`));
  for (const { pk, message_group_uuid, blocked_by } of pairs) {
    const [, one = '', other = ''] = String(pk).split('#');
    const both = [
      [one, other],
      [other, one],
    ] as const;
    const expected = both.flatMap(([by, of]) => (listed.delete(`${by} ${of}`) ? [by] : [])).sort();
    const inPair = [...((blocked_by as Set<string>) ?? [])].sort();
    if (inPair.join() !== expected.join()) violations.push(`a pair is blocked by ${inPair}, not by ${expected}`);
    const head = conversations.find(({ conversation }) => conversation === message_group_uuid)?.head;
    if (!head) continue;
    const places = [...((head.blocked_by as Set<string>) ?? [])].map(Number);
    const inHead = places.map((n) => (head.participants as { user_uuid: string }[])[n]?.user_uuid).sort();
    if (inHead.join() !== expected.join()) violations.push(`a head is blocked by ${inHead}, not by ${expected}`);
  }
  return [...violations, ...[...listed].map((block) => `no pair knows the block ${block}`)];
}

function violatedIn({ participants: ids, head, messages, rows }: Conversation, users: User[]): string[] {
  const violations: string[] = [];
  const must = (holds: boolean, violation: string) => holds || violations.push(violation);
  const newest = messages.at(-1);
  must(ids[0] !== '', 'no pair names it');
  if (!head || !newest) return [...violations, 'no head or no message'];

  const seen: Record<string, number> = {};
  for (const [n, message] of messages.entries()) {
    const id = String(message.user_uuid);
    seen[id] = (seen[id] ?? 0) + 1;
    must(ids.includes(id), `${message.message} is from neither of the participants`);
    must(message.seq === n + 1, `seq ${message.seq} instead of ${n + 1}`);
    must(message.sender_seq === seen[id], `sender_seq ${message.sender_seq} instead of ${seen[id]}`);
  }
  const times = messages.map(({ sk }) => String(sk));
  must(
    times.every((time, n) => time.length === 32 && (n === 0 || time > String(times[n - 1]))),
    'times do not increase',
  );
  const uuids = new Set(messages.map(({ message_uuid }) => message_uuid));
  must(uuids.size === messages.length, 'two messages have one uuid');

  const counted = (of: unknown) => (of as Record<string, number>) ?? {};
  must(head.last_message_at === newest.sk, 'the head is not at the newest message');
  must((head.shown_version ?? 0) === (head.version ?? 0), 'the rows do not show the last edit');
  must(head.shown_at === newest.sk, 'the head does not know that the rows show the newest message');
  for (const [me, other] of [ids, [ids[1], ids[0]]] as [string, string][]) {
    must((counted(head.sent)[me] ?? 0) === (seen[me] ?? 0), `the head counts ${counted(head.sent)[me]} sent`);
    const mine = rows.filter(({ pk }) => pk === `GRP#${me}` || pk === `HIDDEN#${me}`);
    const isGone = (user: string) => goneIn(head).includes(user);
    must(mine.length === (isGone(me) ? 0 : 1), `${mine.length} rows of one user`);
    const [row] = mine;
    if (!row) continue;
    const { handle, display_name } = isGone(other)
      ? { handle: 'deleted', display_name: 'Deleted user' }
      : (users.find(({ user_uuid }) => user_uuid === other) ?? {});
    must(row.message === newest.message && row.last_message_at === newest.sk, 'a row does not show the newest message');
    must(row.user_uuid === other && row.user_handle === handle, 'a row names the wrong user');
    // A user who changes their name puts something behind it. Rows may show it as it was.
    must(String(row.user_display_name).startsWith(display_name ?? ' '), 'a row shows another name');
    const place = (head.participants as { user_uuid: string }[]).findIndex(({ user_uuid }) => user_uuid === me);
    const isCleared = String(newest.sk) <= String(head[`cleared${place}`] ?? '');
    must(
      row.pk === `${isCleared ? 'HIDDEN' : 'GRP'}#${me}`,
      'a row is hidden and its conversation not cleared, or vice versa',
    );
    for (const [set, mark] of [
      ['muted_by', 'muted'],
      ['marked_unread_by', 'marked_unread'],
    ] as const) {
      const isMarked = (head[set] as Set<string> | undefined)?.has(String(place)) === true;
      must((row[mark] === true) === isMarked, `a row is ${mark}, and its head not, or vice versa`);
    }
    must(row.sk === head.inbox_at && isNear(row.sk, newest.sk), `a row has the key ${row.sk}`);
    const unread = (seen[other] ?? 0) - (counted(head.read)[me] ?? 0);
    must(row.unread_count === unread && unread >= 0, `a row counts ${row.unread_count} unread, but the head ${unread}`);
  }
  must(rows.length === 2 - goneIn(head).length, `${rows.length} rows`);
  return violations;
}

/** Who was erased, by a head. */
export function goneIn(head: Record<string, unknown>): string[] {
  const places = [...((head.gone as Set<string> | undefined) ?? [])];
  return places.map((place) => (head.participants as { user_uuid: string }[])[Number(place)]?.user_uuid ?? '');
}

// At the time of the newest message, or a few microseconds later: collisions move a row by at most one microsecond per other
// conversation of the user.
function isNear(place: unknown, time: unknown): boolean {
  const micros = (text: unknown) =>
    Date.parse(`${String(text).slice(0, 23)}Z`) * 1000 + Number(String(text).slice(23, 26));
  const ahead = micros(place) - micros(time);
  return ahead >= 0 && ahead <= 8;
}
