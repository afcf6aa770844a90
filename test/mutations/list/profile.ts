import { always, type Mutation } from '../mutation.ts';

const receipts = 'test/table/read-receipts.test.ts';
const profile = 'test/table/profile.test.ts';

/** What a user chooses for themselves, and what it shows to others. */
export const profiles: Mutation[] = [
  {
    name: 'a changed name replaces the one that was read',
    file: 'core/table/conditions.ts',
    find: "condition('display_name = :before', ",
    replace: `condition('${always('display_name = :before')}', `,
    caughtBy: [profile, 'changing a profile that loses to another one'],
  },
  {
    name: 'the handle shows the changed name',
    file: 'core/table/users.ts',
    find: 'handle: isRenamed ? update(',
    replace: 'handle: isRenamed && !isRenamed ? update(',
    caughtBy: [profile, 'changing a profile stores the new name in every item'],
  },
  {
    name: 'no name is written into the handle of another user',
    file: 'core/table/users.ts',
    find: '{ display_name }, isHeldBy(user_uuid))',
    replace: '{ display_name }, keyIsTaken)',
    caughtBy: [profile, 'changing a profile writes nothing when the handle belongs to another user'],
  },
  {
    name: 'a process shows the name that it has changed',
    file: 'core/update-profile.ts',
    find: '  if (caller) users.set(',
    replace: '  if (caller && !caller) users.set(',
    caughtBy: [profile, 'changing a profile shows in this process at once'],
  },
  {
    name: 'a process shows the name of a user that it has changed in lists',
    file: 'core/update-profile.ts',
    find: '  usersById.set(user_uuid, { ...toUser(user), read_receipts });\n',
    replace: '',
    caughtBy: [profile, 'changing a profile shows in this process at once'],
  },
  {
    name: 'the doctor compares a user with items of the same instant',
    file: 'admin/doctor/check-users.ts',
    find: 'return { user: current, stored };',
    replace: 'return { user, stored };',
    caughtBy: [profile, 'the doctor finds nothing in a user who changes their name'],
  },
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
