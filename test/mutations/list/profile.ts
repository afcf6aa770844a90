import { always, type Mutation } from '../mutation.ts';

const receipts = 'test/table/read-receipts.test.ts';
const profile = 'test/table/profile.test.ts';
const search = 'test/table/search.test.ts';
const find = 'core/find-users.ts';
const users = 'core/table/users.ts';

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
    file: users,
    find: 'handle: isRenamed ? update(',
    replace: 'handle: isRenamed && !isRenamed ? update(',
    caughtBy: [profile, 'changing a profile stores the new name in every item'],
  },
  {
    name: 'no name is written into the handle of another user',
    file: users,
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
  {
    name: 'a new user is found by their name',
    file: users,
    find: '{ puts }),',
    replace: '{ puts: puts.slice(0, 0) }),',
    caughtBy: [search, 'a search finds users by each word'],
  },
  {
    name: 'a changed name is searched for',
    file: users,
    find: 'puts: without(current, old)',
    replace: 'puts: without(current, current)',
    caughtBy: [search, 'a search finds users under the name that they have now'],
  },
  {
    name: 'a name that was changed is not searched for any more',
    file: users,
    find: 'removals: without(old, current)',
    replace: 'removals: without(old, old)',
    caughtBy: [search, 'a search finds users under the name that they have now'],
  },
  {
    name: 'a search item that the handle needs stays when the name changes',
    file: users,
    find: 'removals: without(old, current)',
    replace: 'removals: without(old, [])',
    caughtBy: [search, 'search items follow a change of the name'],
  },
  {
    name: 'a search shows each user once',
    file: find,
    find: '[...new Set([...byHandle.rows.map(({ user_uuid }) => user_uuid), ...byWord.rows])]',
    replace: '[...byHandle.rows.map(({ user_uuid }) => user_uuid), ...byWord.rows]',
    caughtBy: [search, 'a search finds users who are found by their handle before others'],
  },
  {
    name: 'a search of several words finds who has them all',
    file: find,
    find: 'words.length > 1 ?',
    replace: 'words.length > 9 ?',
    caughtBy: [search, 'a search finds users who have all words'],
  },
  {
    name: 'a search needs two characters',
    file: find,
    find: 'codePoints(longest) < leastCodePoints',
    replace: 'codePoints(longest) < 1',
    caughtBy: ['test/table/lists.test.ts', 'finding users by a handle or by its prefix'],
  },
  {
    name: 'a user searches 30 times a minute at most',
    file: find,
    find: 'recent.length >= searchesAMinute',
    replace: 'recent.length >= 9 * searchesAMinute',
    caughtBy: [search, 'a user searches 30 times a minute'],
  },
  {
    name: 'a search counts for a minute',
    file: find,
    find: 'filter((at) => at > now - minute)',
    replace: 'filter((at) => at > now - 9 * minute)',
    caughtBy: [search, 'a user searches 30 times a minute'],
  },
  {
    name: 'the doctor finds what a search must not find',
    file: 'admin/doctor/check-users.ts',
    find: 'requiredKeys(user).some(({ pk, sk }) => pk === item.pk && sk === item.sk)',
    replace: 'requiredKeys(user).some(({ pk, sk }) => (pk === item.pk && sk === item.sk) || sk !== item.sk)',
    caughtBy: [search, 'search items of an earlier name are found'],
  },
  {
    name: 'the doctor reads a search item and its user at the same instant',
    file: 'admin/doctor/check-users.ts',
    find: 'if (item?.user_uuid === named.user_uuid) return { item: item as items.Item, user, userKey };',
    replace: 'if (user || item?.user_uuid === named.user_uuid) return { item: named, user, userKey };',
    caughtBy: [search, 'search items are no finding of the doctor while'],
  },
];
