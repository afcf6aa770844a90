import type { Mutation } from '../mutation.ts';

const lists = 'test/table/lists.test.ts';
const reads = 'core/table/reads.ts';

export const readsAndPages: Mutation[] = [
  {
    name: 'a get is consistent',
    file: reads,
    find: '{ ConsistentRead } = { ConsistentRead: true }',
    replace: '{ ConsistentRead } = { ConsistentRead: false }',
    caughtBy: [lists, 'all reads are consistent'],
  },
  {
    name: 'a query is consistent',
    file: reads,
    find: '    ConsistentRead: range.consistent ?? true,\n',
    replace: '',
    caughtBy: [lists, 'all reads are consistent'],
  },
  {
    name: 'one item more than a page shows whether more follow',
    file: reads,
    find: 'Limit: range.limit + 1',
    replace: 'Limit: range.limit',
    caughtBy: [lists, 'listing the messages of a conversation in pages of 5'],
  },
  {
    name: 'a page of an inbox holds each conversation once',
    file: 'core/list-message-groups.ts',
    find: '!listed.has(conversation) && listed.add(conversation)',
    replace: 'conversation',
    caughtBy: [lists, 'listing a user’s conversations returns a row that it reads at both its old'],
  },
  {
    name: 'an inbox leaves out the rows of the original service',
    file: reads,
    find: 'page.filter(isShown)',
    replace: 'page',
    caughtBy: [lists, 'items of the original service, which have no numbers, are in no inbox'],
  },
  {
    name: 'a message of the original service cannot be marked as read',
    file: 'core/table/confirmed-reads.ts',
    find: 'item && items.isNumbered(item) ?',
    replace: 'item ?',
    caughtBy: [lists, 'items of the original service, which have no numbers, are in no conversation'],
  },
  {
    name: 'cursor and after exclude each other',
    file: 'core/list-messages.ts',
    find: 'after === undefined || cursor === undefined, {',
    replace: 'after !== null || cursor, {',
    caughtBy: [lists, 'listing the messages of a conversation rejects invalid uuids'],
  },
  {
    name: 'a time has one spelling',
    file: 'core/model/time.ts',
    find: 'isInRange(micros) && fromMicros(micros) === text',
    replace: 'isInRange(micros)',
    caughtBy: ['test/unit/time.test.ts', 'a timestamp is rejected: a day that does not exist'],
  },
  {
    name: 'half a surrogate pair is rejected',
    file: 'core/model/message.ts',
    find: 'text.isWellFormed()',
    replace: 'text !== undefined',
    caughtBy: ['test/unit/message.test.ts', 'half a surrogate pair'],
  },
  {
    name: 'a handle is checked before it is converted to lower case',
    file: 'core/model/user.ts',
    find: '.exec(text)',
    replace: '.exec(text.toLowerCase())',
    caughtBy: ['test/unit/user.test.ts', '"\u212a" is not a handle'],
  },
];
