import type { Mutation } from '../mutation.ts';

const project = 'test/table/project-inbox.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const rewrite = 'core/rewrite-inbox.ts';
const head = 'core/model/head.ts';

export const inboxRows: Mutation[] = [
  {
    name: 'what was read stays read',
    file: head,
    find: 'Math.max(count(head.read, user_uuid), othersBefore)',
    replace: 'othersBefore',
    caughtBy: [project, 'marking as read counts the other’s messages'],
  },
  {
    name: 'reading up to one’s own message counts the other’s before it',
    file: head,
    find: 'upTo.sender.user_uuid === user_uuid ? upTo.seq - upTo.sender_seq : upTo.sender_seq',
    replace: 'upTo.sender_seq',
    caughtBy: [safeguards, 'reading up to one’s own'],
  },
  {
    name: 'only a message marks as read',
    file: 'core/mark-read.ts',
    find: "    if (!message) throw domainError('message_unknown', 'created_at');\n",
    replace: '',
    caughtBy: [project, 'marking as read a time that is no message'],
  },
  {
    name: 'marking as read again writes nothing',
    file: 'core/mark-read.ts',
    find: 'unreadCount(after, me.user_uuid) === unreadCount(before, me.user_uuid) ? undefined : after',
    replace: 'after',
    caughtBy: [project, 'marking as read the same again'],
  },
  {
    name: 'a projected conversation is not written again',
    file: 'core/project-inbox.ts',
    find: 'isProjected(head) ? undefined : head',
    replace: 'head',
    caughtBy: [project, 'after a message told again, late'],
  },
  {
    name: 'shown is what the rows show, not where they sit',
    file: head,
    find: 'head.shown_at === head.last_message_at',
    replace: 'head.inbox_at === head.last_message_at',
    caughtBy: [project, 'two conversations of one person in the same microsecond the second row'],
  },
  {
    name: 'a message without a head is no news to ignore',
    file: 'core/project-inbox.ts',
    find: "    if (!head) throw new Error('a message without a head');\n    return isProjected(head)",
    replace: '    return !head || isProjected(head)',
    caughtBy: [project, 'after a message a message without a head'],
  },
  {
    name: 'a lost race is read again',
    file: rewrite,
    find: '  for (let attempt = 1; ; attempt++) {\n    const before = await getHead(deps.table, conversation);\n',
    replace: '  const before = await getHead(deps.table, conversation);\n  for (let attempt = 1; ; attempt++) {\n',
    caughtBy: [safeguards, 'who loses the race for the rows'],
  },
  {
    name: 'a lost race is tried again',
    file: rewrite,
    find: 'if (await writeRows(deps, before, after, deadline)) return true;',
    replace: 'return writeRows(deps, before, after, deadline);',
    caughtBy: [safeguards, 'who loses the race for the rows'],
  },
  {
    name: 'a projection does not go on for ever',
    file: rewrite,
    find: "    await backOff(attempt, deadline, domainError('message_group_busy'));\n",
    replace: '',
    caughtBy: [project, 'after a message rows are written for the two'],
  },
  {
    name: 'a taken place is made up for by the next microsecond',
    file: rewrite,
    find: '    if (!collided) return false;\n',
    replace: '    return false;\n',
    caughtBy: [project, 'two conversations of one person in the same microsecond the second row'],
  },
  {
    name: 'looking for a free place ends at the deadline',
    file: rewrite,
    find: "    if (Date.now() >= deadline) throw domainError('message_group_busy');\n",
    replace: '',
    caughtBy: [safeguards, 'looking for a free place ends at the deadline'],
  },
  {
    name: 'rows that show the newest message stay where they are',
    file: rewrite,
    find: 'isProjected(before) ? before.inbox_at : undefined',
    replace: 'undefined',
    caughtBy: [project, 'two conversations of one person in the same microsecond marking as read leaves'],
  },
  {
    name: 'where rows stay, only the one that changes is written',
    file: rewrite,
    find: '    .filter(({ user_uuid, row }) => !stays || rowDifferences(row, inboxRow(before, newest, user_uuid)).length > 0);\n',
    replace: '    ;\n',
    caughtBy: [safeguards, 'marking as read writes one row'],
  },
  {
    name: 'rows that move are both written',
    file: rewrite,
    find: '!stays || rowDifferences',
    replace: 'rowDifferences',
    caughtBy: [project, 'after a message each has one row'],
  },
];
