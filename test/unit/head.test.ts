import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemSize } from '../../bench/costs/rules.ts';
import {
  append,
  emptyHead,
  type Head,
  isParticipant,
  markRead,
  otherThan,
  unreadCount,
  withoutNames,
} from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import { fromMicros, justAfter } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { headItem, headOf } from '../../core/table/items.ts';
import { micros, pairs, uuids } from '../support/arbitraries.ts';

const conversation = '00000000-0000-4000-8000-000000000001' as Uuid;

/** Random steps of a conversation: which participant sends, at which clock time, or marks which message as read. */
const steps = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('send' as const), first: fc.boolean(), at: micros.filter((at) => at < 2 ** 50) }),
    fc.record({ does: fc.constant('read' as const), first: fc.boolean(), which: fc.nat() }),
  ),
  { maxLength: 40 },
);

function run(pair: [User, User], course: typeof steps extends fc.Arbitrary<infer T> ? T : never) {
  let head = emptyHead(conversation, ...pair);
  const messages: Message[] = [];
  const heads: Head[] = [head];
  for (const step of course) {
    const me = step.first ? pair[0] : pair[1];
    if (step.does === 'send') {
      const next = append(head, { sender: me, message_uuid: conversation, message: 'x', now: fromMicros(step.at) });
      messages.push(next.message);
      head = next.head;
    } else if (messages.length > 0) {
      head = markRead(head, me.user_uuid, messages[step.which % messages.length] as Message);
    }
    heads.push(head);
  }
  return { head, heads, messages };
}

test('messages are numbered 1, 2, 3 … in the order of their times, whatever the clocks show', () => {
  fc.assert(
    fc.property(pairs, steps, (pair, course) => {
      const { messages } = run(pair, course);
      expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
      for (const [index, message] of messages.entries()) {
        const before = messages[index - 1];
        if (before) expect(message.created_at > before.created_at).toBe(true);
      }
      for (const user of pair) {
        const own = messages.filter(({ sender }) => sender === user);
        expect(own.map(({ sender_seq }) => sender_seq)).toEqual(own.map((_, index) => index + 1));
      }
    }),
  );
});

test('a message gets the clock’s time if that is later than the last message, otherwise the next microsecond', () => {
  fc.assert(
    fc.property(pairs, micros, micros, ([me, other], first, second) => {
      fc.pre(first > 0 && first < Number.MAX_SAFE_INTEGER);
      const send = (head: Head, at: number) =>
        append(head, { sender: me, message_uuid: conversation, message: 'x', now: fromMicros(at) });
      const one = send(emptyHead(conversation, me, other), first);
      const two = send(one.head, second);
      const expected = second > first ? fromMicros(second) : justAfter(fromMicros(first));
      expect(two.message.created_at).toBe(expected);
      expect(two.head.last_message_at).toBe(expected);
    }),
  );
});

test('the unread count is the number of the other’s messages after the last one marked as read', () => {
  fc.assert(
    fc.property(pairs, steps, (pair, course) => {
      const { head, messages } = run(pair, course);
      const upTo = { [pair[0].user_uuid]: 0, [pair[1].user_uuid]: 0 }; // the seq up to which each user has read
      let sent = 0;
      for (const step of course) {
        const me = step.first ? pair[0] : pair[1];
        if (step.does === 'send') sent++;
        else if (sent > 0) upTo[me.user_uuid] = Math.max(upTo[me.user_uuid] ?? 0, (step.which % sent) + 1);
      }
      for (const me of pair) {
        const unread = messages.filter(
          ({ sender, seq }) => sender.user_uuid !== me.user_uuid && seq > (upTo[me.user_uuid] ?? 0),
        ).length;
        expect(unreadCount(head, me.user_uuid)).toBe(unread);
      }
    }),
  );
});

test('the counters never decrease', () => {
  fc.assert(
    fc.property(pairs, steps, (pair, course) => {
      const { heads } = run(pair, course);
      for (const [index, head] of heads.entries()) {
        const before = heads[index - 1];
        if (!before) continue;
        for (const { user_uuid } of pair) {
          expect(head.sent[user_uuid]).toBeGreaterThanOrEqual(before.sent[user_uuid] ?? 0);
          expect(head.read[user_uuid]).toBeGreaterThanOrEqual(before.read[user_uuid] ?? 0);
        }
      }
    }),
  );
});

test('only the two users of a conversation are participants', () => {
  fc.assert(
    fc.property(pairs, uuids, ([one, other], stranger) => {
      fc.pre(stranger !== one.user_uuid && stranger !== other.user_uuid);
      const head = emptyHead(conversation, one, other);
      expect([one, other].map(({ user_uuid }) => isParticipant(head, user_uuid))).toEqual([true, true]);
      expect(isParticipant(head, stranger)).toBe(false);
      expect(otherThan(head, one.user_uuid)).toEqual(other);
      expect(otherThan(head, other.user_uuid)).toEqual(one);
    }),
  );
});

test('a head stays under 1 KB with all that it can hold, as long as it has names, and without them', () => {
  const user = (n: string): User => ({
    user_uuid: `${n.repeat(8)}-0000-4000-8000-000000000001` as Uuid,
    handle: n.repeat(30) as User['handle'],
    display_name: '😀'.repeat(40),
  });
  const one = user('a');
  const other = user('b');
  const many = { [one.user_uuid]: 999_999_999, [other.user_uuid]: 999_999_999 };
  const place = fromMicros(1);
  const withNames: Head = {
    ...emptyHead(conversation, one, other),
    sent: many,
    read: many,
    inbox_at: place,
    shown_at: place,
    rows_rev: 999_999_999,
    tat: { [one.user_uuid]: 9_999_999_999_999, [other.user_uuid]: 9_999_999_999_999 },
  };
  const both = [one.user_uuid, other.user_uuid];
  // What only functions write that strip the names
  const grown: Head = {
    ...withoutNames(withNames),
    version: 999_999_999,
    shown_version: 999_999_999,
    cleared: { [one.user_uuid]: place, [other.user_uuid]: place },
    muted_by: both,
    marked_unread_by: both,
    blocked_by: both,
    gone: both,
  };
  for (const head of [withNames, grown]) {
    expect(itemSize(marshall(headItem(head), { removeUndefinedValues: true }))).toBeLessThan(1024);
    expect(headOf(headItem(head))).toEqual(head);
  }
});
