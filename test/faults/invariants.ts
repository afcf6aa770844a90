import type { User } from '../../core/model/user.ts';
import type { Conversation, Stored } from './stored.ts';

/** What of the design's section 6 does not hold once the stream is drained; empty when all does. */
export function broken({ conversations, receipts }: Stored, people: User[]): string[] {
  const wrong = conversations.flatMap((conversation) =>
    brokenIn(conversation, people).map((what) => `${conversation.conversation}: ${what}`),
  );
  for (const { sk, pk, message_group_uuid, created_at } of receipts) {
    const made = conversations
      .find(({ conversation }) => conversation === message_group_uuid)
      ?.messages.find((message) => message.sk === created_at);
    if (`SENT#${made?.user_uuid}` !== pk) wrong.push(`receipt ${sk} points to no message of its person`);
  }
  return wrong;
}

function brokenIn({ people: ids, head, messages, rows }: Conversation, people: User[]): string[] {
  const wrong: string[] = [];
  const must = (holds: boolean, what: string) => holds || wrong.push(what);
  const newest = messages.at(-1);
  must(ids[0] !== '', 'no pair names it');
  if (!head || !newest) return [...wrong, 'no head or no message'];

  const seen: Record<string, number> = {};
  for (const [n, message] of messages.entries()) {
    const id = String(message.user_uuid);
    seen[id] = (seen[id] ?? 0) + 1;
    must(ids.includes(id), `${message.message} is of neither of the two`);
    must(message.seq === n + 1, `seq ${message.seq} instead of ${n + 1}`);
    must(message.sender_seq === seen[id], `sender_seq ${message.sender_seq} instead of ${seen[id]}`);
  }
  const times = messages.map(({ sk }) => String(sk));
  must(
    times.every((time, n) => time.length === 32 && (n === 0 || time > String(times[n - 1]))),
    'times do not increase',
  );
  const uuids = new Set(messages.map(({ message_uuid }) => message_uuid));
  must(uuids.size === messages.length, 'a message uuid twice');

  const counted = (of: unknown) => (of as Record<string, number>) ?? {};
  must(head.last_message_at === newest.sk, 'the head is not at the newest message');
  must(head.shown_at === newest.sk, 'the head does not know that the rows show the newest message');
  for (const [me, other] of [ids, [ids[1], ids[0]]] as [string, string][]) {
    must((counted(head.sent)[me] ?? 0) === (seen[me] ?? 0), `the head counts ${counted(head.sent)[me]} sent`);
    const mine = rows.filter(({ pk }) => pk === `GRP#${me}`);
    must(mine.length === 1, `${mine.length} rows of one person`);
    const [row] = mine;
    if (!row) continue;
    const { handle, display_name } = people.find(({ user_uuid }) => user_uuid === other) ?? {};
    must(row.message === newest.message && row.last_message_at === newest.sk, 'a row does not show the newest message');
    must(row.user_uuid === other && row.user_handle === handle, 'a row names somebody else');
    must(row.user_display_name === display_name, 'a row shows another name');
    must(row.sk === head.inbox_at && isNear(row.sk, newest.sk), `a row sits at ${row.sk}`);
    const unread = (seen[other] ?? 0) - (counted(head.read)[me] ?? 0);
    must(row.unread_count === unread && unread >= 0, `a row counts ${row.unread_count} unread, the head ${unread}`);
  }
  must(rows.length === 2, `${rows.length} rows`);
  return wrong;
}

// At the newest message, or, after a collision, few microseconds later: there are at most as many others as conversations.
function isNear(place: unknown, time: unknown): boolean {
  const micros = (text: unknown) =>
    Date.parse(`${String(text).slice(0, 23)}Z`) * 1000 + Number(String(text).slice(23, 26));
  const ahead = micros(place) - micros(time);
  return ahead >= 0 && ahead <= 8;
}
