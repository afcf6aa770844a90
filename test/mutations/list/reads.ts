import type { Mutation } from '../mutation.ts';

const lists = 'test/table/lists.test.ts';
const reads = 'core/table/reads.ts';

export const readsAndPages: Mutation[] = [
  {
    name: 'a get is consistent',
    file: reads,
    find: '{ ConsistentRead } = { ConsistentRead: true }',
    replace: '{ ConsistentRead } = { ConsistentRead: false }',
    caughtBy: [lists, 'reads ask for what was written last'],
  },
  {
    name: 'a query is consistent',
    file: reads,
    find: '    ConsistentRead: true,\n',
    replace: '',
    caughtBy: [lists, 'reads ask for what was written last'],
  },
  {
    name: 'one more than a page tells whether more follow',
    file: reads,
    find: 'Limit: range.limit + 1',
    replace: 'Limit: range.limit',
    caughtBy: [lists, 'A: the messages of a conversation pages of 5'],
  },
  {
    name: 'a page of an inbox holds each conversation once',
    file: 'core/list-message-groups.ts',
    find: '!seen.has(conversation) && seen.add(conversation)',
    replace: 'conversation',
    caughtBy: [lists, 'B: a person’s conversations a row that is met'],
  },
  {
    name: 'cursor and after do not go together',
    file: 'core/list-messages.ts',
    find: 'after === undefined || cursor === undefined, {',
    replace: 'after !== null || cursor, {',
    caughtBy: [lists, 'A: the messages of a conversation bad uuids'],
  },
  {
    name: 'a time has one spelling',
    file: 'core/model/time.ts',
    find: 'isInRange(micros) && fromMicros(micros) === text',
    replace: 'isInRange(micros)',
    caughtBy: ['test/unit/time.test.ts', 'refuses a day that is not'],
  },
  {
    name: 'half a surrogate pair is no text',
    file: 'core/model/message.ts',
    find: 'text.isWellFormed()',
    replace: 'text !== undefined',
    caughtBy: ['test/unit/message.test.ts', 'half a surrogate pair'],
  },
  {
    name: 'a handle is checked before it is lowered',
    file: 'core/model/user.ts',
    find: '.exec(text)',
    replace: '.exec(text.toLowerCase())',
    caughtBy: ['test/unit/user.test.ts', '"\u212a" is nobody’s handle'],
  },
];
