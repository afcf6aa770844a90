import type { Mutation } from '../mutation.ts';

const receipts = 'test/table/read-receipts.test.ts';

/** What a user chooses for themselves, and what it shows to others. */
export const profiles: Mutation[] = [
  {
    name: 'a user without read receipts shows nobody what they have read, and sees it of nobody',
    file: 'core/model/seen.ts',
    find: '[user_uuid, other].every(',
    replace: '[user_uuid, other].some(',
    caughtBy: [receipts, 'a message is seen as nobody can tell while the reader'],
  },
  {
    name: 'only the sender of a message learns whether it is seen',
    file: 'core/model/seen.ts',
    find: 'seen === undefined || sender.user_uuid !== me.user_uuid',
    replace: 'seen === undefined',
    caughtBy: [receipts, 'a message is seen by its sender only'],
  },
  {
    name: 'a head holds nothing of its participants but their names',
    file: 'core/model/head.ts',
    find: 'participants: [withNames(starter), withNames(other)]',
    replace: 'participants: [starter, other]',
    caughtBy: [receipts, 'a head holds names of its participants and nothing else'],
  },
  {
    name: 'what is unread counts no muted conversation',
    file: 'core/count-unread.ts',
    find: 'isFirst && !muted && unread_count > 0',
    replace: 'isFirst && unread_count > 0',
    caughtBy: [receipts, 'what is unread counts messages and conversations'],
  },
  {
    name: 'what is unread counts a conversation once',
    file: 'core/count-unread.ts',
    find: 'isFirst && !muted && unread_count > 0',
    replace: '!muted && unread_count > 0',
    caughtBy: [receipts, 'what is unread counts the 200 most recent'],
  },
];
