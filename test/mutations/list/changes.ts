import type { Mutation } from '../mutation.ts';

const test = 'test/table/change-message.test.ts';
const change = 'core/change-message.ts';
const writes = 'core/table/writes.ts';

/** Edited and deleted messages. */
export const changedMessages: Mutation[] = [
  {
    name: 'only its sender changes a message',
    file: change,
    find: "    if (found.sender.user_uuid !== me.user_uuid) throw domainError('message_not_yours');\n",
    replace: '',
    caughtBy: [test, 'an edited message is one of the sender’s'],
  },
  {
    name: 'only a participant learns whether a message to change exists',
    file: change,
    find: '!head || !isMine(head)',
    replace: '!head',
    caughtBy: [test, 'an edited message is one of the sender’s'],
  },
  {
    name: 'what a user has cleared they do not change',
    file: change,
    find: '!found || hasCleared(head, me.user_uuid, created_at)',
    replace: '!found',
    caughtBy: [test, 'a message that its sender has cleared cannot be changed'],
  },
  {
    name: 'a change is of the revision that was read',
    file: writes,
    find: 'isAtRevision(before),',
    replace: "{ ConditionExpression: 'attribute_exists(pk)' },",
    caughtBy: [test, 'an edited message is not stored over a revision that was not read'],
  },
  {
    name: 'changes of different messages at once each raise the version',
    file: writes,
    find: "        'version',\n",
    replace: "        ...(head.before.version === undefined ? ['version'] : []),\n",
    caughtBy: [test, 'messages that are changed at once do not refuse each other'],
  },
  {
    name: 'a change raises the version of its conversation',
    file: 'core/table/write-requests.ts',
    find: "':one': 1",
    replace: "':one': 0",
    caughtBy: [test, 'an edited message shows in both inboxes'],
  },
  {
    name: 'a deleted message is not edited',
    file: 'core/edit-message.ts',
    find: "    if (message.deleted_at) throw domainError('message_deleted');\n",
    replace: '',
    caughtBy: [test, 'a deleted message stays deleted'],
  },
  {
    name: 'the same text again changes nothing',
    file: 'core/edit-message.ts',
    find: '    if (message.message === text) return undefined;\n',
    replace: '',
    caughtBy: [test, 'an edited message with the text that it has'],
  },
  {
    name: 'a message is edited for 24 hours',
    file: 'core/edit-message.ts',
    find: '> editWindow',
    replace: '> 2 * editWindow',
    caughtBy: [test, 'an edited message is one of the sender’s'],
  },
  {
    name: 'deleting a message again changes nothing',
    file: 'core/delete-message.ts',
    find: 'message.deleted_at ? undefined',
    replace: "message.deleted_at === '' ? undefined",
    caughtBy: [test, 'a deleted message stays deleted'],
  },
  {
    name: 'a deleted message has no text',
    file: 'core/delete-message.ts',
    find: "message: '', deleted_at",
    replace: 'deleted_at',
    caughtBy: [test, 'a deleted message has no text any more'],
  },
  {
    name: 'the doctor confirms that no message was changed meanwhile',
    file: 'admin/doctor/check-conversation.ts',
    find: '  if (current.version !== head.version) return false;\n',
    replace: '',
    caughtBy: [
      'test/table/doctor-beside-service.test.ts',
      'while DynamoDB shows the items of a transaction one by one, the doctor does not take a row for stale whose message was changed',
    ],
  },
];
