import type { Mutation } from '../mutation.ts';

const test = 'test/table/export-user.test.ts';
const verb = 'core/export-user.ts';
const reads = 'core/table/reads.ts';

/** Exports: that they have all of their user, and nothing else. */
export const exporting: Mutation[] = [
  {
    name: 'a cursor of an export is that of one user',
    file: verb,
    find: "const scope = { list: 'export', user_uuid } as const;",
    replace: "const scope = { list: 'export', user_uuid: 'any' as Uuid } as const;",
    caughtBy: [test, 'a page of an export refuses a cursor of another user'],
  },
  {
    name: 'an export has nothing of others that its user has cleared',
    file: verb,
    find: 'if (!isMine && isCleared(group, message)) continue;',
    replace: 'if (!isMine && !group && isCleared(group, message)) continue;',
    caughtBy: [test, 'an export has of what is cleared the user’s own messages'],
  },
  {
    name: 'an export has its user’s own messages that they have cleared',
    file: verb,
    find: 'if (!isMine && isCleared(group, message)) continue;',
    replace: 'if (isCleared(group, message)) continue;',
    caughtBy: [test, 'an export has of what is cleared the user’s own messages'],
  },
  {
    name: 'an export goes through the hidden rows',
    file: verb,
    find: "part: 'hidden', exported: []",
    replace: "part: 'shown', exported: []",
    caughtBy: [test, 'an export has of what is cleared the user’s own messages'],
  },
  {
    name: 'an export believes that there is no further row when it has read so twice',
    file: verb,
    find: '    row = await read();\n',
    replace: '',
    caughtBy: [test, 'while others write, an export has a row that is at neither of its places'],
  },
  {
    name: 'an export leaves out what it has exported from a row that had moved',
    file: verb,
    find: 'at.exported.includes(message_group_uuid)',
    replace: '!at.exported',
    caughtBy: [test, 'while others write, an export has the conversation whose row moves ahead of it, and ends'],
  },
  {
    name: 'an export has no reports of others',
    file: reads,
    find: "FilterExpression: 'reporter_uuid = :reporter'",
    replace: "FilterExpression: 'reporter_uuid = :reporter OR attribute_exists(reason)'",
    caughtBy: [test, 'an export has nothing of others'],
  },
  {
    name: 'an export has no report that is past its time',
    file: verb,
    find: 'if (report.expires_at > now) entries',
    replace: 'if (report.expires_at > 0) entries',
    caughtBy: [test, 'an export has no report that is past its time'],
  },
  {
    name: 'an export leaves out rows of the predecessor',
    file: reads,
    find: 'query(table, { partition, after, limit }, items.hasUnreadCount)',
    replace: 'query(table, { partition, after, limit })',
    caughtBy: [test, 'an export leaves out what the predecessor of this service wrote'],
  },
];
