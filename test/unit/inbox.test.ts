import { expect, test } from 'vitest';
import { append, emptyHead } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { type InboxRow, inboxRow, rowDifferences } from '../../core/model/inbox.ts';
import { fromMicros } from '../../core/model/time.ts';
import type { Handle, User } from '../../core/model/user.ts';

const user = (n: number): User => ({
  user_uuid: `00000000-0000-4000-8000-00000000000${n}` as Uuid,
  handle: `user_${n}` as Handle,
  display_name: `User ${n}`,
});
const [ada, bob] = [user(1), user(2)];
const first = append(emptyHead('00000000-0000-4000-8000-00000000000a' as Uuid, ada, bob), {
  sender: ada,
  message_uuid: '00000000-0000-4000-8000-00000000000b' as Uuid,
  message: 'hello',
  now: fromMicros(1_000_000),
});
const row = inboxRow(first.head, first.message, bob.user_uuid, ada);

test('a row shows the other participant, the last message and the unread count', () => {
  expect(row).toEqual({
    message_group_uuid: first.head.message_group_uuid,
    other: ada,
    message: 'hello',
    last_message_at: fromMicros(1_000_000),
    unread_count: 1,
    rows_rev: 0,
  });
});

test('two rows that show the same to the user count as equal', () => {
  expect(rowDifferences(row, { ...row, other: { ...row.other }, rows_rev: 7 })).toEqual([]);
});

test.each<Partial<InboxRow>>([
  { message: 'changed' },
  { unread_count: 0 },
  { last_message_at: fromMicros(2_000_000) },
  { other: { ...ada, display_name: 'Ada' } },
])('a row with the change %o differs in exactly that field', (change) => {
  expect(rowDifferences(row, { ...row, ...change })).toEqual(Object.keys(change));
  expect(rowDifferences({ ...row, ...change }, row)).toEqual(Object.keys(change));
});

test('the comparison of rows includes a new attribute without being changed', () => {
  const later = { ...row, muted: true } as InboxRow;
  expect(rowDifferences(row, later)).toEqual(['muted']);
  expect(rowDifferences(later, row)).toEqual(['muted']);
});
