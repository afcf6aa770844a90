import type { Mutation } from '../mutation.ts';

const torn = 'test/table/torn-reads.test.ts';
const beside = 'test/table/doctor-beside-service.test.ts';
const tornItems = 'while DynamoDB shows the items of a transaction one by one,';
const doctor = 'admin/doctor/check-conversation.ts';
const confirmed = 'core/table/confirmed-reads.ts';
const gaps = 'core/model/gaps.ts';
const list = 'core/list-messages.ts';

export const tornReads: Mutation[] = [
  {
    name: 'a head that is missing or not believed is read again in a transaction',
    file: confirmed,
    find: '  if (head && isExpected(head)) return head;',
    replace: '  if (head || isExpected === undefined) return head;',
    caughtBy: [torn, 'marking as read never counts more messages as read'],
  },
  {
    name: 'a missing head is read again in a transaction',
    file: confirmed,
    find: '  if (head && isExpected(head)) return head;',
    replace: '  if (!head || isExpected(head)) return head;',
    caughtBy: [torn, 'a send to a user finds the head of the pair'],
  },
  {
    name: 'a named item that is missing is read again in a transaction',
    file: confirmed,
    find: ' ?? (await getTogether(table, [key], deadline))[0];',
    replace: ' ?? (deadline > 0 ? undefined : (await getTogether(table, [key], deadline))[0]);',
    caughtBy: [torn, 'a send that is repeated with its key finds the first message'],
  },
  {
    name: 'a read transaction is repeated while a write transaction is under way',
    file: confirmed,
    find: '      await backOff(table, attempt, deadline, temporaryError);\n',
    replace: '      throw temporaryError;\n',
    caughtBy: [torn, 'a send into a conversation finds its head'],
  },
  {
    name: 'the state of a conversation is read at one instant',
    file: confirmed,
    find: 'if (current.last_message_at === at)',
    replace: 'if (current.last_message_at >= at)',
    caughtBy: [torn, 'the state of a conversation counts the newest message'],
  },
  {
    name: 'the state of a conversation is for participants only',
    file: 'core/get-message-group.ts',
    find: '!known || !isMine(known)',
    replace: '!known',
    caughtBy: ['test/table/permissions.test.ts', 'the role of getMessageGroup'],
  },
  {
    name: 'a head that does not count the message is not believed when marking as read',
    file: 'core/rewrite-up-to.ts',
    find: 'isMine(head) && (!message || message.created_at <= head.last_message_at)',
    replace: 'isMine(head)',
    caughtBy: [torn, 'marking as read never counts more messages as read'],
  },
  {
    name: 'a projection that meets an older head fails',
    file: 'core/project-inbox.ts',
    find: "    if (!knowsMessage(head)) throw new Error('the head is older than a message of its conversation');\n",
    replace: '',
    caughtBy: [torn, 'a projection fails, so that its record comes again'],
  },
  {
    name: 'a projection knows the newest message of its batch',
    file: 'core/table/stream-record.ts',
    find: 'sentAt: times.sort().at(-1)',
    replace: 'sentAt: times.sort().at(times.length)',
    caughtBy: ['test/table/consumer.test.ts', 'a record of a message that the head does not count yet'],
  },
  {
    name: 'a page with a gap is read again',
    file: list,
    find: 'if (isWhole || !(await mayRetry(table, attempt, deadline)))',
    replace: 'if (isWhole || attempt > 0 || !(await mayRetry(table, attempt, deadline)))',
    caughtBy: [torn, 'a page of messages is read again while it lacks a message between two'],
  },
  {
    name: 'a page ends before a gap that may still be filled',
    file: gaps,
    find: ': [0, open[0] ?? messages.length]',
    replace: ': [0, messages.length]',
    caughtBy: [torn, 'a page of messages that still has a gap at the deadline ends before'],
  },
  {
    name: 'a page ends behind a gap to the message that the caller has',
    file: gaps,
    find: '[open.at(-1) ?? 0, messages.length]',
    replace: '[0, messages.length]',
    caughtBy: [torn, 'a page of messages that still has a gap at the deadline is empty'],
  },
  {
    name: 'a list begins with message 1',
    file: list,
    find: 'before: more ? undefined : 0',
    replace: 'before: more ? undefined : undefined',
    caughtBy: [torn, 'a page of messages is read again while it lacks the first message'],
  },
  {
    name: 'a cursor carries the number of the message where its page stopped',
    file: list,
    find: '{ stop: oldest.created_at, seq: oldest.seq }',
    replace: '{ stop: oldest.created_at }',
    caughtBy: [torn, 'a page of messages that continues another is read again'],
  },
  {
    name: 'the list after a time begins with the message at that time',
    file: list,
    find: 'before: known?.seq }',
    replace: 'before: known && undefined }',
    caughtBy: [torn, 'a page of messages after a time is read again'],
  },
  {
    name: 'an old gap is final',
    file: gaps,
    find: '(isFinal ? final : open)',
    replace: '(isFinal ? open : open)',
    caughtBy: [torn, 'a page of messages shows a gap that is older than a minute'],
  },
  {
    name: 'the hash of an idempotency key is shown to the sender alone',
    file: 'handlers/http/views.ts',
    find: 'sender.user_uuid === me.user_uuid && { idempotency_key_hash:',
    replace: 'me && { idempotency_key_hash:',
    caughtBy: ['test/table/permissions.test.ts', 'the role of listMessages'],
  },
  {
    name: 'the doctor reads a newest message that is missing again in a transaction',
    file: doctor,
    find: '  if (last < last_message_at && newestItem) return false;\n',
    replace: '',
    caughtBy: [beside, `${tornItems} the doctor does not take a head for wrong whose newest message is still hidden`],
  },
  {
    name: 'the doctor reads a head that does not count the newest message again in a transaction',
    file: doctor,
    find: '  if (last > last_message_at && current.last_message_at !== last_message_at) return false;\n',
    replace: '',
    caughtBy: [beside, `${tornItems} the doctor does not take a head for wrong that does not count`],
  },
  {
    name: 'the doctor reads rows that differ again in a transaction',
    file: doctor,
    find: '  return checked.every(({ row }, n) => {\n',
    replace: '  return checked.every(({ row }, n) => {\n    if (n >= 0) return true;\n',
    caughtBy: [beside, `${tornItems} the doctor does not miss a row`],
  },
  {
    name: 'the doctor reads the head of rows that differ again in a transaction',
    file: doctor,
    find: '  if (current?.rows_rev !== head.rows_rev) return false;\n',
    replace: '  if (!current) return false;\n',
    caughtBy: [beside, `${tornItems} the doctor does not take rows for misplaced`],
  },
  {
    name: 'the doctor waits for a gap from when it first sees it',
    file: doctor,
    find: '    if (gaps !== gapsSeen.gaps) gapsSeen = { gaps, at: runtime.millis() };\n',
    replace: '',
    caughtBy: [beside, `${tornItems} the doctor waits for a message that is hidden from when it misses it`],
  },
  {
    name: 'the doctor looks for what other items name in a transaction',
    file: 'admin/table/scan.ts',
    find: ' ?? (await getNamedItem(table, key, deadline))',
    replace: ' ?? (deadline ? undefined : await getNamedItem(table, key, deadline))',
    caughtBy: [beside, `${tornItems} the doctor does not miss a pair`],
  },
  {
    name: 'the doctor waits before it reports a fresh gap',
    file: doctor,
    find: "awaitsRows || (gaps !== '' &&",
    replace: 'awaitsRows || (false &&',
    caughtBy: [beside, `${tornItems} the doctor waits for a message that is hidden`],
  },
  {
    name: 'a part of the doctor’s scan that fails does not end the program',
    file: 'admin/doctor/merge-generators.ts',
    find: '    pending.catch(() => {});\n',
    replace: '',
    caughtBy: ['test/unit/merge-generators.test.ts', 'a generator that fails while the caller works'],
  },
  {
    name: 'a repair sets a head back only if its newest message does not exist',
    file: 'admin/table/repairs.ts',
    find: 'after.last_message_at < before.last_message_at\n',
    replace: "after.last_message_at < ''\n",
    caughtBy: [beside, `${tornItems} a repair does not set a head back`],
  },
];
