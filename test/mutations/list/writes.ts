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
    name: 'a message is put at a free key only',
    file: writes,
    find: '      message: put(table, items.messageItem(message), keyIsFree),\n      head: update',
    replace: `      message: put(table, items.messageItem(message), ${unconditional}),\n      head: update`,
    caughtBy: [send, 'an item at the key of a new message'],
  },
  {
    name: 'a send advances the head that it read',
    file: conditions,
    find: "all(isStill('sent', head.sent), limit",
    replace: 'all(limit',
    caughtBy: [send, 'concurrent sends: 200 sends'],
  },
  {
    name: 'a pair has one conversation',
    file: writes,
    find: "items.pairChanges(head, ['message_group_uuid']), mayMeet)",
    replace: `items.pairChanges(head, ['message_group_uuid']), ${unconditional})`,
    caughtBy: [safeguards, 'a send whose eventually consistent read does not find the pair'],
  },
  {
    name: 'a new head is put at a free key only',
    file: writes,
    find: 'put(table, items.headItem(head), keyIsFree)',
    replace: `put(table, items.headItem(head), ${unconditional})`,
    caughtBy: [safeguards, 'the first message of a pair never overwrites a head'],
  },
  {
    name: 'a first message is put at a free key only',
    file: writes,
    find: '      message: put(table, items.messageItem(message), keyIsFree),\n      ...rowWrites',
    replace: `      message: put(table, items.messageItem(message), ${unconditional}),\n      ...rowWrites`,
    caughtBy: [safeguards, 'the first message of a pair never overwrites a message'],
  },
  {
    name: 'the sender of a first message exists',
    file: conditions,
    find: "all(isReachable, isStill('conversations_until'",
    replace: "all(isStill('conversations_until'",
    caughtBy: [send, 'a send is rejected to an unknown handle'],
  },
  {
    name: 'the recipient of a first message exists',
    file: writes,
    find: 'items.userKey(other), isReachable',
    replace: `items.userKey(other), ${unconditional}`,
    caughtBy: [safeguards, 'a handle whose user item is missing'],
  },
  {
    name: 'a receipt is never overwritten before it expires',
    file: conditions,
    find: "'attribute_not_exists(pk) OR expires_at <= :now'",
    replace: `'${always('expires_at <= :now')}'`,
    caughtBy: [send, 'a repeated request returns the first message, and writes nothing'],
  },
  {
    name: 'an expired receipt counts as free',
    file: conditions,
    find: "'attribute_not_exists(pk) OR expires_at <= :now'",
    replace: "'attribute_not_exists(pk) AND NOT (expires_at <= :now)'",
    caughtBy: [send, 'a repeated request is a new request once its receipt has expired'],
  },
  {
    name: 'rows are written only at the revision that was read',
    file: conditions,
    find: "all(isStill('rows_rev', head.rows_rev), isHeadOf",
    replace: 'all(isHeadOf',
    caughtBy: [safeguards, 'a write of the rows that fails by a concurrent write'],
  },
  {
    name: 'writing rows raises the revision',
    file: 'core/model/head.ts',
    find: 'rows_rev: head.rows_rev + 1',
    replace: 'rows_rev: head.rows_rev',
    caughtBy: [project, 'a projection survives conflicts, throttling and lost answers'],
  },
  {
    name: 'rows are written for participants only (the first)',
    file: conditions,
    find: "condition('attribute_exists(sent.#one) AND attribute_exists(sent.#other)', undefined, {",
    replace:
      "condition('(attribute_exists(sent.#one) OR attribute_not_exists(sent.#one)) AND attribute_exists(sent.#other)', undefined, {",
    caughtBy: [project, 'a projection writes rows only for the two'],
  },
  {
    name: 'rows are written for participants only (the other)',
    file: conditions,
    find: "condition('attribute_exists(sent.#one) AND attribute_exists(sent.#other)', undefined, {",
    replace:
      "condition('attribute_exists(sent.#one) AND (attribute_exists(sent.#other) OR attribute_not_exists(sent.#other))', undefined, {",
    caughtBy: [project, 'a projection writes rows only for the two'],
  },
  {
    name: 'a row is put at a free place only',
    file: writes,
    find: 'put(table, item, isFreeOrOwn)',
    replace: `put(table, item, ${unconditional})`,
    caughtBy: [project, 'with two conversations of one user in the same microsecond, the second row'],
  },
  {
    name: 'a sort key that the conversation’s own row has counts as free',
    file: writes,
    find: 'put(table, item, isFreeOrOwn)',
    replace: 'put(table, item, keyIsFree)',
    caughtBy: [
      project,
      'with two conversations of one user in the same microsecond, a next message whose time is the sort key',
    ],
  },
  {
    name: 'another conversation’s row is never removed',
    file: writes,
    find: 'remove(table, from, isFreeOrOwn)',
    replace: `remove(table, from, ${unconditional})`,
    caughtBy: [safeguards, 'a projection of damaged rows never removes a row'],
  },
  {
    name: 'a row that is gone may be moved',
    file: writes,
    find: 'remove(table, from, isFreeOrOwn)',
    replace: "remove(table, from, { ...isFreeOrOwn, ConditionExpression: 'message_group_uuid = :conversation' })",
    caughtBy: [safeguards, 'a projection of damaged rows restores a lost row'],
  },
  {
    name: 'a row that stays is updated in place',
    file: writes,
    find: 'from && (from.pk !== item.pk || from.sk !== item.sk)',
    replace: 'from',
    caughtBy: [project, 'marking as read counts the other’s messages'],
  },
  {
    name: 'a condition failure of a put returns the existing item',
    file: requests,
    find: 'Put: { TableName, Item, ...(condition && { ...condition, ...bringsItem }) }',
    replace: 'Put: { TableName, Item, ...condition }',
    caughtBy: [safeguards, 'a send whose eventually consistent read does not find the pair'],
  },
  {
    name: 'a condition failure of a send returns the current head',
    file: requests,
    find: '      ...bringsItem,\n    },\n  };',
    replace: '    },\n  };',
    caughtBy: [
      safeguards,
      'with a remembered head, a send that a concurrent send has overtaken needs one more round trip',
    ],
  },
];
