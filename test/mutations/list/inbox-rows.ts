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
    name: 'marking one’s own message as read counts the other’s earlier messages as read',
    file: head,
    find: 'upTo.sender.user_uuid === user_uuid ? upTo.seq - upTo.sender_seq : upTo.sender_seq',
    replace: 'upTo.sender_seq',
    caughtBy: [safeguards, 'marking one’s own message as read'],
  },
  {
    name: 'only the time of a message can be marked as read',
    file: 'core/rewrite-up-to.ts',
    find: "    if (!message) throw domainError('message_unknown', 'created_at');\n",
    replace: '',
    caughtBy: [project, 'marking as read fails for a time without a message'],
  },
  {
    name: 'marking as read again writes nothing',
    file: 'core/rewrite-up-to.ts',
    find: 'isEqual(after, before) ? undefined : after',
    replace: 'after',
    caughtBy: [project, 'marking as read a second time writes nothing'],
  },
  {
    name: 'a projected conversation is not written again',
    file: 'core/project-inbox.ts',
    find: 'isProjected(head) ? undefined : head',
    replace: 'head',
    caughtBy: [project, 'a projection that is repeated changes nothing'],
  },
  {
    name: 'whether rows are projected depends on what they show, not on their place',
    file: head,
    find: 'head.shown_at === head.last_message_at &&',
    replace: 'head.inbox_at === head.last_message_at &&',
    caughtBy: [project, 'with two conversations of one user in the same microsecond, the second row'],
  },
  {
    name: 'a message without a head is an error',
    file: 'core/project-inbox.ts',
    find: "    if (!head) throw new Error('the conversation of a message has no head');\n",
    replace: '    if (!head) return undefined;\n',
    caughtBy: [project, 'a projection fails for a message without a head'],
  },
  {
    name: 'after a lost race, the head is read again',
    file: rewrite,
    find: '  for (let attempt = 1; ; attempt++) {\n    const known = await getExpectedHead(table, conversation, isExpected, deadline);\n',
    replace:
      '  const known = await getExpectedHead(table, conversation, isExpected, deadline);\n  for (let attempt = 1; ; attempt++) {\n',
    caughtBy: [safeguards, 'a write of the rows that fails by a concurrent write'],
  },
  {
    name: 'after a lost race, the rows are written again',
    file: rewrite,
    find: 'if (await writeRows(deps, { before, after, newest }, deadline)) return true;',
    replace: 'return writeRows(deps, { before, after, newest }, deadline);',
    caughtBy: [safeguards, 'a write of the rows that fails by a concurrent write'],
  },
  {
    name: 'a projection ends at its deadline',
    file: rewrite,
    find: "    await backOff(table, attempt, deadline, domainError('message_group_busy'));\n",
    replace: '',
    caughtBy: [project, 'a projection writes rows only for the two'],
  },
  {
    name: 'a row moves on from a taken place to the next microsecond',
    file: rewrite,
    find: '    if (!collided) return false;\n',
    replace: '    return false;\n',
    caughtBy: [project, 'with two conversations of one user in the same microsecond, the second row'],
  },
  {
    name: 'the search for a free sort key ends at the deadline',
    file: rewrite,
    find: "    if (deps.table.runtime.millis() >= deadline) throw domainError('message_group_busy');\n",
    replace: '',
    caughtBy: [safeguards, 'the search for a free sort key ends at the deadline'],
  },
  {
    name: 'rows that show the newest message stay where they are',
    file: rewrite,
    find: 'isProjected(before) ? before.inbox_at : undefined',
    replace: 'undefined',
    caughtBy: [
      project,
      'with two conversations of one user in the same microsecond, marking as read does not move a moved row back',
    ],
  },
  {
    name: 'if rows stay, only the row that changes is written',
    file: rewrite,
    find: '.filter(({ isSame }) => !(stay && isSame))',
    replace: '.filter(({ isSame }) => !(stay && isSame && isSame === undefined))',
    caughtBy: [safeguards, 'marking as read writes only the row that changes'],
  },
  {
    name: 'rows that move are both written',
    file: rewrite,
    find: '!(stay && isSame)',
    replace: '!isSame',
    caughtBy: [project, 'a projection gives each participant one row'],
  },
];
