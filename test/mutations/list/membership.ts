import type { Mutation } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const project = 'test/table/project-inbox.test.ts';
const lists = 'test/table/lists.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const append = 'core/append-message.ts';
const head = 'core/model/head.ts';
const cursor = 'core/table/cursor.ts';

export const membership: Mutation[] = [
  {
    name: 'only participants send',
    file: append,
    find: '!head || !isParticipant(head, me.user_uuid)',
    replace: '!head',
    caughtBy: [send, 'who may write where a stranger'],
  },
  {
    name: 'only participants read messages',
    file: 'core/list-messages.ts',
    find: '!head || !isParticipant(head, me.user_uuid)',
    replace: '!head',
    caughtBy: [lists, 'A: the messages of a conversation a stranger'],
  },
  {
    name: 'only participants mark as read',
    file: 'core/mark-read.ts',
    find: '!before || !isParticipant(before, me.user_uuid)',
    replace: '!before',
    caughtBy: [project, 'marking as read a time that is no message'],
  },
  {
    name: 'a stranger does not learn whether a message is there',
    file: 'core/mark-read.ts',
    find: '    // Membership first',
    replace: "    if (!message) throw domainError('message_unknown', 'created_at');\n    // Membership first",
    caughtBy: [project, 'marking as read a time that is no message'],
  },
  {
    name: 'a participant is one of the two',
    file: head,
    find: 'participant.user_uuid === user_uuid);',
    replace: 'participant.user_uuid);',
    caughtBy: [send, 'who may write where a stranger'],
  },
  {
    name: 'a cursor is its person’s own',
    file: cursor,
    find: 'return [list, user_uuid, ',
    replace: "return [list, '', ",
    caughtBy: [lists, 'A: the messages of a conversation bad uuids'],
  },
  {
    name: 'a cursor is its conversation’s own',
    file: cursor,
    find: "message_group_uuid ?? ''];",
    replace: "''];",
    caughtBy: [safeguards, 'cursors of the same person'],
  },
  {
    name: 'a cursor is its list’s own',
    file: cursor,
    find: 'return [list, ',
    replace: "return ['', ",
    caughtBy: [safeguards, 'cursors of the same person'],
  },
  {
    name: 'a damaged or foreign cursor is refused',
    file: cursor,
    find: "  if (toCursor(scope, below) !== cursor) throw domainError('cursor_invalid', 'cursor');\n",
    replace: '',
    caughtBy: [lists, 'A: the messages of a conversation bad uuids'],
  },
  {
    name: 'a cursor carries a digest',
    file: cursor,
    find: "digest('base64url').slice(0, 16)",
    replace: "digest('base64url').slice(0, 0)",
    caughtBy: [safeguards, 'cursors with another time'],
  },
];
