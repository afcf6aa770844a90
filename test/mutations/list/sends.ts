import type { Mutation } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const turns = 'test/unit/serial-queue.test.ts';
const append = 'core/append-message.ts';
const start = 'core/start-conversation.ts';
const head = 'core/model/head.ts';

export const sends: Mutation[] = [
  {
    name: 'sends of one conversation queue up',
    file: 'core/serial-queue.ts',
    find: 'before.then(task, task)',
    replace: 'task()',
    caughtBy: [turns, 'the tasks of one conversation'],
  },
  {
    name: 'a failed send does not hold up the next',
    file: 'core/serial-queue.ts',
    find: 'before.then(task, task)',
    replace: 'before.then(task)',
    caughtBy: [turns, 'the tasks of one conversation'],
  },
  {
    name: 'a queue ends with its last send',
    file: 'core/serial-queue.ts',
    find: 'if (queues.get(conversation) === mine) queues.delete(conversation);',
    replace: '',
    caughtBy: [turns, 'the tasks of one conversation'],
  },
  {
    name: 'a queue does not end before its last send',
    file: 'core/serial-queue.ts',
    find: 'if (queues.get(conversation) === mine) queues',
    replace: 'queues',
    caughtBy: [safeguards, 'a queue does not end before'],
  },
  {
    name: 'a send that waited too long is not begun',
    file: append,
    find: "    if (Date.now() >= deadline) throw domainError('message_group_busy'); // waited its whole time in the queue\n",
    replace: '',
    caughtBy: [send, 'a send that waited its whole time'],
  },
  {
    name: 'the clock never goes back in a conversation',
    file: head,
    find: 'now > earliest ? now : earliest',
    replace: 'now',
    caughtBy: [send, 'clocks in one microsecond'],
  },
  {
    name: 'a message is later than the last, not beside it',
    file: head,
    find: 'const earliest = justAfter(head.last_message_at)',
    replace: 'const earliest = head.last_message_at',
    caughtBy: [send, 'clocks in one microsecond'],
  },
  {
    name: 'a warm process remembers the head of its first contact',
    file: start,
    find: '    deps.memory.heads.set(next.head.message_group_uuid, next.head);\n',
    replace: '',
    caughtBy: [send, 'a warm process sends in one round trip'],
  },
  {
    name: 'a warm process remembers the head after its send',
    file: append,
    find: '        heads.set(conversation, next.head);\n',
    replace: '',
    caughtBy: [safeguards, 'the remembered head a warm process goes on in one round trip'],
  },
  {
    name: 'a lost race is tried again with the current head',
    file: append,
    find: 'failures.head?.item ? headOf(failures.head.item) : await getHead(deps.table, conversation)',
    replace: 'head',
    caughtBy: [safeguards, 'the remembered head a lost race costs one more round trip'],
  },
  {
    name: 'a refusal that does not show the head has it read',
    file: append,
    find: 'headOf(failures.head.item) : await getHead(deps.table, conversation)',
    replace: 'headOf(failures.head.item) : head',
    caughtBy: [safeguards, 'the remembered head AWS need not say that the head moved'],
  },
  {
    name: 'a head that is gone is forgotten',
    file: append,
    find: '      else heads.delete(conversation);\n',
    replace: '',
    caughtBy: [send, 'a head that was remembered from a table that is gone'],
  },
  {
    name: 'people of a table that is gone are forgotten (a send)',
    file: append,
    find: 'if (failures.head && !failures.head.item) users.clear();',
    replace: '',
    caughtBy: [safeguards, 'remembered people people remembered from a table that is gone are forgotten: a send'],
  },
  {
    name: 'people of a table that is gone are forgotten (first contact)',
    file: start,
    find: '    deps.memory.users.clear(); // the table was replaced since they were remembered\n',
    replace: '',
    caughtBy: [
      safeguards,
      'remembered people people remembered from a table that is gone are forgotten: first contact',
    ],
  },
  {
    name: 'people are remembered for a minute only',
    file: 'core/deps.ts',
    find: 'max: 1_000, ttl: 60_000',
    replace: 'max: 1_000',
    caughtBy: [safeguards, 'remembered people a new display name is seen within a minute'],
  },
  {
    name: 'competitors wait before they try again',
    file: append,
    find: "      await backOff(attempt, deadline, domainError('message_group_busy'));\n",
    replace: '',
    caughtBy: [send, 'what already sits where a message would go'],
  },
  {
    name: 'who loses the race of first contact joins the winner',
    file: start,
    find: '  if (failures.pair?.item) return { existing: failures.pair.item.message_group_uuid as Uuid };\n',
    replace: '',
    caughtBy: [safeguards, 'a pair whose conversation'],
  },
  {
    name: 'nobody writes to themselves',
    file: 'core/send-message.ts',
    find: "  if (other.user_uuid === me.user_uuid) throw domainError('message_to_self', 'handle');\n",
    replace: '',
    caughtBy: [send, 'who may write where nobody, oneself'],
  },
];
