import type { Mutation } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const items = 'test/table/items.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const append = 'core/append-message.ts';
const start = 'core/start-conversation.ts';

export const receipts: Mutation[] = [
  {
    name: 'a repeated request returns the first message (in a conversation)',
    file: append,
    find: '    if (request && failures.receipt?.item) return messageOfReceipt(deps, request, failures.receipt.item, deadline);\n',
    replace: '',
    caughtBy: [send, 'a repeated request returns the first message in a conversation too'],
  },
  {
    name: 'a repeated request returns the first message (the first of a pair)',
    file: start,
    find: '    if (request && failures.receipt?.item)\n      return { message: await messageOfReceipt(deps, request, failures.receipt.item, deadline) };\n',
    replace: '',
    caughtBy: [send, 'a repeated request with another text'],
  },
  {
    name: 'a key is valid for one body',
    file: 'core/receipts.ts',
    find: "  if (receipt.body_hash !== request.body_hash) throw domainError('idempotency_key_reused');\n",
    replace: '',
    caughtBy: [send, 'a repeated request with another text'],
  },
  {
    name: 'the body includes the conversation',
    file: 'core/send-message.ts',
    find: '{ text, message_group_uuid })',
    replace: '{ text })',
    caughtBy: [safeguards, 'with an idempotency key, the same text in another conversation'],
  },
  {
    name: 'the body includes the recipient',
    file: 'core/send-message.ts',
    find: '{ text, handle: recipientHandle }',
    replace: '{ text, handle: "" }',
    caughtBy: [send, 'a repeated request with another text'],
  },
  {
    name: 'a handle in another spelling is the same body',
    file: 'core/send-message.ts',
    find: '{ text, handle: recipientHandle }',
    replace: '{ text, handle }',
    caughtBy: [safeguards, 'with an idempotency key, a handle in another spelling'],
  },
  {
    name: 'a key is valid for its user only',
    file: 'core/table/items.ts',
    find: 'SENT#$' + '{user}',
    replace: 'SENT#',
    caughtBy: [send, 'a repeated request with the key of another user'],
  },
  {
    name: 'a key is kept for thirty days',
    file: 'core/receipts.ts',
    find: 'now + thirtyDays',
    replace: 'now',
    caughtBy: [items, 'a first message with a key'],
  },
  {
    name: 'a receipt without its message is an error',
    file: 'core/receipts.ts',
    find: "  if (!message) throw new Error('a receipt names a message that does not exist');\n",
    replace: '',
    caughtBy: [safeguards, 'with an idempotency key, a repeated request fails if the message'],
  },
];
