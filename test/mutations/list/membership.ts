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
    find: '!head || !isMine(head)',
    replace: '!head',
    caughtBy: [send, 'a send is rejected from a stranger'],
  },
  {
    name: 'only participants read messages',
    file: 'core/list-messages.ts',
    find: '!head || !isMine(head)',
    replace: '!head',
    caughtBy: [lists, 'listing the messages of a conversation gives a stranger the same error'],
  },
  {
    name: 'only participants mark as read',
    file: 'core/rewrite-up-to.ts',
    find: '!before || !isMine(before)',
    replace: '!before',
    caughtBy: [project, 'marking as read fails for a time without a message'],
  },
  {
    name: 'a stranger does not learn whether a message exists',
    file: 'core/rewrite-up-to.ts',
    find: '    // Membership first',
    replace: "    if (!message) throw domainError('message_unknown', 'created_at');\n    // Membership first",
    caughtBy: [project, 'marking as read fails for a time without a message'],
  },
  {
    name: 'a participant is one of the two users of a conversation',
    file: head,
    find: 'participant.user_uuid === user_uuid);',
    replace: 'participant.user_uuid);',
    caughtBy: [send, 'a send is rejected from a stranger'],
  },
  {
    name: 'a cursor is valid for its user only',
    file: cursor,
    find: 'return [list, user_uuid, ',
    replace: "return [list, '', ",
    caughtBy: [lists, 'listing the messages of a conversation rejects invalid uuids'],
  },
  {
    name: 'a cursor is valid for its conversation only',
    file: cursor,
    find: "message_group_uuid ?? ''];",
    replace: "''];",
    caughtBy: [safeguards, 'a cursor is rejected for another conversation or another list'],
  },
  {
    name: 'a cursor is valid for its list only',
    file: cursor,
    find: 'return [list, ',
    replace: "return ['', ",
    caughtBy: [safeguards, 'a cursor is rejected for another conversation or another list'],
  },
  {
    name: 'a damaged or foreign cursor is rejected',
    file: cursor,
    find: "  if (toCursor(scope, position) !== cursor) throw domainError('cursor_invalid', 'cursor');\n",
    replace: '',
    caughtBy: [lists, 'listing the messages of a conversation rejects invalid uuids'],
  },
  {
    name: 'a cursor carries a digest',
    file: cursor,
    find: "'base64url').slice(0, 16)",
    replace: "'base64url').slice(0, 0)",
    caughtBy: [safeguards, 'a cursor is rejected when its time has been changed'],
  },
];
