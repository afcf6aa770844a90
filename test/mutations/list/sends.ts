import type { Mutation } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const queue = 'test/unit/serial-queue.test.ts';
const append = 'core/append-message.ts';
const start = 'core/start-conversation.ts';
const head = 'core/model/head.ts';

export const sends: Mutation[] = [
  {
    name: 'sends of one conversation queue up',
    file: 'core/serial-queue.ts',
    find: 'before.then(task, task)',
    replace: 'task()',
    caughtBy: [queue, 'the tasks of one conversation'],
  },
  {
    name: 'a failed send does not block the next',
    file: 'core/serial-queue.ts',
    find: 'before.then(task, task)',
    replace: 'before.then(task)',
    caughtBy: [queue, 'the tasks of one conversation'],
  },
  {
    name: 'a queue is removed after its last task',
    file: 'core/serial-queue.ts',
    find: 'if (queues.get(conversation) === mine) queues.delete(conversation);',
    replace: '',
    caughtBy: [queue, 'the tasks of one conversation'],
  },
  {
    name: 'a queue is not removed before its last task has ended',
    file: 'core/serial-queue.ts',
    find: 'if (queues.get(conversation) === mine) queues',
    replace: 'queues',
    caughtBy: [safeguards, 'the queue of a conversation exists until its last task has ended'],
  },
  {
    name: 'a send that used up its retry budget in the queue does not start',
    file: append,
    find: "    if (deps.table.runtime.millis() >= deadline) throw domainError('message_group_busy'); // also after it waited in the queue\n",
    replace: '',
    caughtBy: [send, 'a send that used up its retry budget in the queue'],
  },
  {
    name: 'the times of a conversation never go back',
    file: head,
    find: 'now > earliest ? now : earliest',
    replace: 'now',
    caughtBy: [send, 'the messages are in the order of sending'],
  },
  {
    name: 'a message is later than the last one, not at the same time',
    file: head,
    find: 'const earliest = justAfter(head.last_message_at)',
    replace: 'const earliest = head.last_message_at',
    caughtBy: [send, 'the messages are in the order of sending'],
  },
  {
    name: 'a process remembers the head after a first message',
    file: start,
    find: '      memory.heads.set(head.message_group_uuid, projected);\n',
    replace: '',
    caughtBy: [send, 'a warm process sends in one round trip'],
  },
  {
    name: 'a process remembers the head after a send',
    file: append,
    find: '      heads.set(conversation, next.head);\n',
    replace: '',
    caughtBy: [safeguards, 'with a remembered head, a warm process sends again in one round trip'],
  },
  {
    name: 'a send that lost a race is retried with the current head',
    file: append,
    find: 'known = failures.head?.item && headOf(failures.head.item)',
    replace: 'known = head',
    caughtBy: [
      safeguards,
      'with a remembered head, a send that a concurrent send has overtaken needs one more round trip',
    ],
  },
  {
    name: 'after a condition failure that does not return the head, the head is read',
    file: append,
    find: 'known = failures.head?.item && headOf(failures.head.item)',
    replace: 'known = failures.head?.item ? headOf(failures.head.item) : head',
    caughtBy: [safeguards, 'with a remembered head, a send finds the new head'],
  },
  {
    name: 'a head that is gone is forgotten',
    file: append,
    find: '    if (!head) heads.delete(conversation);\n',
    replace: '',
    caughtBy: [send, 'a remembered head that is not in the table'],
  },
  {
    name: 'users of a table that is gone are forgotten (a send into a conversation)',
    file: append,
    find: 'if (failures.head && !failures.head.item) users.clear();',
    replace: '',
    caughtBy: [safeguards, 'remembered users that are not in the table any more are forgotten after a send'],
  },
  {
    name: 'users of a table that is gone are forgotten (a first message)',
    file: start,
    find: '      memory.users.clear(); // without the sender, the table is a new one with other users\n',
    replace: '',
    caughtBy: [safeguards, 'remembered users that are not in the table any more are forgotten after a first message'],
  },
  {
    name: 'users are remembered for a minute only',
    file: 'core/deps.ts',
    find: 'ttl: 60_000, ',
    replace: '',
    caughtBy: [safeguards, 'remembered users are forgotten after a minute'],
  },
  {
    name: 'a send whose place is taken waits before it tries again',
    file: append,
    find: 'if (!failures.head) await backOff(',
    replace: 'if (failures.head) await backOff(',
    caughtBy: [send, 'an item at the key of a new message'],
  },
  {
    name: 'a first message that loses the race goes into the existing conversation',
    file: start,
    find: '    if (existing) return { existing };\n',
    replace: '',
    caughtBy: [safeguards, 'a send whose eventually consistent read does not find the pair'],
  },
  {
    name: 'a first contact that was stored without an answer is a success',
    file: start,
    find: '    if (existing === head.message_group_uuid) return { message };\n',
    replace: '',
    caughtBy: [safeguards, 'a first contact whose stored attempt got no answer succeeds, although a retry'],
  },
  {
    name: 'the pair is read when a failed first contact does not name it',
    file: start,
    find: '  return head || message ? getPair',
    replace: '  return !head && head && message ? getPair',
    caughtBy: [safeguards, 'a first contact whose stored attempt got no answer succeeds, although the retry'],
  },
  {
    name: 'the search for a place of a first contact ends at the deadline',
    file: start,
    find: "    if (table.runtime.millis() >= deadline) throw domainError('message_group_busy');\n",
    replace: '',
    caughtBy: [safeguards, 'the search for a free sort key ends at the deadline of a first contact'],
  },
  {
    name: 'a send has one deadline',
    file: append,
    find: 'deps.table.runtime.millis() >= deadline)',
    replace: 'deps.table.runtime.millis() >= deadline + deps.retryBudget)',
    caughtBy: [safeguards, 'a first contact that loses its race has one deadline'],
  },
  {
    name: 'marking as read has one deadline',
    file: 'core/rewrite-up-to.ts',
    find: '{ isExpected, deadline }',
    replace: '{ isExpected, deadline: deadlineOf(deps) }',
    caughtBy: [safeguards, 'marking as read has one deadline'],
  },
  {
    name: 'users do not send to themselves',
    file: 'core/send-message.ts',
    find: "  if (recipient.user_uuid === me.user_uuid) throw domainError('message_to_self', 'handle');\n",
    replace: '',
    caughtBy: [send, 'a send is rejected to an unknown handle'],
  },
];
