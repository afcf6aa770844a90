import type { Mutation } from '../mutation.ts';
import { always } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const project = 'test/table/project-inbox.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const writes = 'core/table/writes.ts';

export const writeConditions: Mutation[] = [
  {
    name: 'a message is put on a free key only',
    file: writes,
    find: '      message: put(table, items.messageItem(message), keyIsFree),\n      head: {',
    replace: `      message: put(table, items.messageItem(message), '${always('attribute_exists(pk)')}'),\n      head: {`,
    caughtBy: [send, 'what already sits where a message would go'],
  },
  {
    name: 'a send advances the head that it read',
    file: writes,
    find: "const nobodySentMeanwhile = 'sent = :sent'",
    replace: `const nobodySentMeanwhile = '${always('sent = :sent')}'`,
    caughtBy: [send, 'races 200 concurrent sends'],
  },
  {
    name: 'a pair has one conversation',
    file: writes,
    find: 'message_group_uuid), keyIsFree),\n      head: put',
    replace: `message_group_uuid), '${always('attribute_exists(pk)')}'),\n      head: put`,
    caughtBy: [safeguards, 'a pair whose conversation'],
  },
  {
    name: 'a new head is put on a free key only',
    file: writes,
    find: 'put(table, items.headItem(head), keyIsFree)',
    replace: `put(table, items.headItem(head), '${always('attribute_exists(pk)')}')`,
    caughtBy: [safeguards, 'first contact never overwrites a head'],
  },
  {
    name: 'a first message is put on a free key only',
    file: writes,
    find: '      message: put(table, items.messageItem(message), keyIsFree),\n      starter',
    replace: `      message: put(table, items.messageItem(message), '${always('attribute_exists(pk)')}'),\n      starter`,
    caughtBy: [safeguards, 'first contact never overwrites a message'],
  },
  {
    name: 'who starts a conversation exists',
    file: writes,
    find: 'items.userKey(starter), keyIsTaken',
    replace: `items.userKey(starter), '${always('attribute_exists(pk)')}'`,
    caughtBy: [send, 'who may write where nobody, oneself'],
  },
  {
    name: 'whom a conversation is started with exists',
    file: writes,
    find: 'items.userKey(other), keyIsTaken',
    replace: `items.userKey(other), '${always('attribute_exists(pk)')}'`,
    caughtBy: [safeguards, 'a handle whose person is gone'],
  },
  {
    name: 'a receipt is never overwritten while it counts',
    file: writes,
    find: "'attribute_not_exists(pk) OR expires_at <= :now'",
    replace: `'${always('expires_at <= :now')}'`,
    caughtBy: [send, 'the same request again gets the first answer'],
  },
  {
    name: 'an expired receipt counts as free',
    file: writes,
    find: "'attribute_not_exists(pk) OR expires_at <= :now'",
    replace: "'attribute_not_exists(pk) AND NOT (expires_at <= :now)'",
    caughtBy: [send, 'the same request again an expired receipt'],
  },
  {
    name: 'rows are written by the revision that was read',
    file: writes,
    find: "'rows_rev = :rev AND ",
    replace: "'(rows_rev = :rev OR rows_rev <> :rev) AND ",
    caughtBy: [safeguards, 'who loses the race for the rows'],
  },
  {
    name: 'writing rows raises the revision',
    file: writes,
    find: "':next': before.rows_rev + 1",
    replace: "':next': before.rows_rev",
    caughtBy: [project, 'after a message conflicts, throttling and lost answers'],
  },
  {
    name: 'rows are one participant’s (the first)',
    file: writes,
    find: 'attribute_exists(sent.#one)',
    replace: '(attribute_exists(sent.#one) OR attribute_not_exists(sent.#one))',
    caughtBy: [project, 'after a message rows are written for the two'],
  },
  {
    name: 'rows are one participant’s (the other)',
    file: writes,
    find: 'attribute_exists(sent.#other)',
    replace: '(attribute_exists(sent.#other) OR attribute_not_exists(sent.#other))',
    caughtBy: [project, 'after a message rows are written for the two'],
  },
  {
    name: 'a row is put on a free place only',
    file: writes,
    find: 'items.inboxRowItem(user_uuid, row, place), placeIsFreeOrOwn',
    replace: `items.inboxRowItem(user_uuid, row, place), '${always('message_group_uuid = :conversation')}'`,
    caughtBy: [project, 'two conversations of one person in the same microsecond the second row'],
  },
  {
    name: 'the place of the conversation’s own row is free',
    file: writes,
    find: 'items.inboxRowItem(user_uuid, row, place), placeIsFreeOrOwn',
    replace:
      "items.inboxRowItem(user_uuid, row, place), 'attribute_not_exists(pk) AND NOT (message_group_uuid = :conversation)'",
    caughtBy: [project, 'two conversations of one person in the same microsecond the next message exactly'],
  },
  {
    name: 'another conversation’s row is never removed',
    file: writes,
    find: 'items.inboxRowKey(user_uuid, from), placeIsFreeOrOwn',
    replace: `items.inboxRowKey(user_uuid, from), '${always('message_group_uuid = :conversation')}'`,
    caughtBy: [safeguards, 'rows that somebody has damaged a row of another conversation is never removed'],
  },
  {
    name: 'a row that is gone already may be moved',
    file: writes,
    find: 'items.inboxRowKey(user_uuid, from), placeIsFreeOrOwn',
    replace: "items.inboxRowKey(user_uuid, from), 'message_group_uuid = :conversation'",
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
    file: writes,
    find: "      ...condition,\n      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',",
    replace: '      ...condition,',
    caughtBy: [safeguards, 'a pair whose conversation'],
  },
  {
    name: 'a lost race brings the current head with it',
    file: writes,
    find: "':sent': sentBefore },\n          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',",
    replace: "':sent': sentBefore },",
    caughtBy: [safeguards, 'the remembered head a lost race costs one more round trip'],
  },
];
