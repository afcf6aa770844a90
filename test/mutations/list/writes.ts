import type { Mutation } from '../mutation.ts';
import { always, unconditional } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const project = 'test/table/project-inbox.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const writes = 'core/table/writes.ts';
const conditions = 'core/table/conditions.ts';
const requests = 'core/table/write-requests.ts';

export const writeConditions: Mutation[] = [
  {
    name: 'a message is put on a free key only',
    file: writes,
    find: '      message: put(table, items.messageItem(message), keyIsFree),\n      head: update',
    replace: `      message: put(table, items.messageItem(message), ${unconditional}),\n      head: update`,
    caughtBy: [send, 'what already sits where a message would go'],
  },
  {
    name: 'a send advances the head that it read',
    file: conditions,
    find: "condition('sent = :sent', ",
    replace: `condition('${always('sent = :sent')}', `,
    caughtBy: [send, 'races 200 concurrent sends'],
  },
  {
    name: 'a pair has one conversation',
    file: writes,
    find: 'message_group_uuid), keyIsFree),\n      head: put',
    replace: `message_group_uuid), ${unconditional}),\n      head: put`,
    caughtBy: [safeguards, 'a pair whose conversation'],
  },
  {
    name: 'a new head is put on a free key only',
    file: writes,
    find: 'put(table, items.headItem(head), keyIsFree)',
    replace: `put(table, items.headItem(head), ${unconditional})`,
    caughtBy: [safeguards, 'first contact never overwrites a head'],
  },
  {
    name: 'a first message is put on a free key only',
    file: writes,
    find: '      message: put(table, items.messageItem(message), keyIsFree),\n      starter',
    replace: `      message: put(table, items.messageItem(message), ${unconditional}),\n      starter`,
    caughtBy: [safeguards, 'first contact never overwrites a message'],
  },
  {
    name: 'who starts a conversation exists',
    file: writes,
    find: 'items.userKey(starter), keyIsTaken',
    replace: `items.userKey(starter), ${unconditional}`,
    caughtBy: [send, 'who may write where nobody, oneself'],
  },
  {
    name: 'whom a conversation is started with exists',
    file: writes,
    find: 'items.userKey(other), keyIsTaken',
    replace: `items.userKey(other), ${unconditional}`,
    caughtBy: [safeguards, 'a handle whose person is gone'],
  },
  {
    name: 'a receipt is never overwritten while it counts',
    file: conditions,
    find: "'attribute_not_exists(pk) OR expires_at <= :now'",
    replace: `'${always('expires_at <= :now')}'`,
    caughtBy: [send, 'the same request again gets the first answer'],
  },
  {
    name: 'an expired receipt counts as free',
    file: conditions,
    find: "'attribute_not_exists(pk) OR expires_at <= :now'",
    replace: "'attribute_not_exists(pk) AND NOT (expires_at <= :now)'",
    caughtBy: [send, 'the same request again an expired receipt'],
  },
  {
    name: 'rows are written by the revision that was read',
    file: conditions,
    find: "'rows_rev = :rev AND attribute_exists",
    replace: "'(rows_rev = :rev OR rows_rev <> :rev) AND attribute_exists",
    caughtBy: [safeguards, 'who loses the race for the rows'],
  },
  {
    name: 'writing rows raises the revision',
    file: writes,
    find: 'rows_rev: before.rows_rev + 1',
    replace: 'rows_rev: before.rows_rev',
    caughtBy: [project, 'after a message conflicts, throttling and lost answers'],
  },
  {
    name: 'rows are one participant’s (the first)',
    file: conditions,
    find: ':rev AND attribute_exists(sent.#one)',
    replace: ':rev AND (attribute_exists(sent.#one) OR attribute_not_exists(sent.#one))',
    caughtBy: [project, 'after a message rows are written for the two'],
  },
  {
    name: 'rows are one participant’s (the other)',
    file: conditions,
    find: "attribute_exists(sent.#other)',\n    { ':rev'",
    replace: "(attribute_exists(sent.#other) OR attribute_not_exists(sent.#other))',\n    { ':rev'",
    caughtBy: [project, 'after a message rows are written for the two'],
  },
  {
    name: 'a row is put on a free place only',
    file: writes,
    find: 'items.inboxRowItem(user_uuid, row, place), isFreeOrOwn',
    replace: `items.inboxRowItem(user_uuid, row, place), ${unconditional}`,
    caughtBy: [project, 'two conversations of one person in the same microsecond the second row'],
  },
  {
    name: 'the place of the conversation’s own row is free',
    file: writes,
    find: 'items.inboxRowItem(user_uuid, row, place), isFreeOrOwn',
    replace: 'items.inboxRowItem(user_uuid, row, place), keyIsFree',
    caughtBy: [project, 'two conversations of one person in the same microsecond the next message exactly'],
  },
  {
    name: 'another conversation’s row is never removed',
    file: writes,
    find: 'items.inboxRowKey(user_uuid, from), isFreeOrOwn',
    replace: `items.inboxRowKey(user_uuid, from), ${unconditional}`,
    caughtBy: [safeguards, 'rows that somebody has damaged a row of another conversation is never removed'],
  },
  {
    name: 'a row that is gone already may be moved',
    file: writes,
    find: 'items.inboxRowKey(user_uuid, from), isFreeOrOwn',
    replace:
      "items.inboxRowKey(user_uuid, from), { ...isFreeOrOwn, ConditionExpression: 'message_group_uuid = :conversation' }",
    caughtBy: [safeguards, 'rows that somebody has damaged a row that was lost comes back with the next message'],
  },
  {
    name: 'a row that stays is updated in place',
    file: writes,
    find: 'from === undefined || from === place',
    replace: 'from === undefined',
    caughtBy: [project, 'marking as read counts the other’s messages'],
  },
  {
    name: 'a refused put shows what stood in its way',
    file: requests,
    find: 'Put: { TableName, Item, ...condition, ...bringsItem }',
    replace: 'Put: { TableName, Item, ...condition }',
    caughtBy: [safeguards, 'a pair whose conversation'],
  },
  {
    name: 'a lost race brings the current head with it',
    file: requests,
    find: '      ...bringsItem,\n    },\n  };',
    replace: '    },\n  };',
    caughtBy: [safeguards, 'the remembered head a lost race costs one more round trip'],
  },
];
