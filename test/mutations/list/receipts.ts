import type { Mutation } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const stored = 'test/table/items.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const append = 'core/append-message.ts';
const start = 'core/start-conversation.ts';

export const receipts: Mutation[] = [
  {
    name: 'a repeated request gets its first answer (in a conversation)',
    file: append,
    find: '      if (request && failures.receipt?.item) return firstAnswer(deps, request, failures.receipt.item);\n',
    replace: '',
    caughtBy: [send, 'the same request again in a conversation too'],
  },
  {
    name: 'a repeated request gets its first answer (first contact)',
    file: start,
    find: '  if (request && failures.receipt?.item) return { message: await firstAnswer(deps, request, failures.receipt.item) };\n',
    replace: '',
    caughtBy: [send, 'the same request again with another body'],
  },
  {
    name: 'a key goes with one body',
    file: 'core/receipts.ts',
    find: "  if (receipt.body_hash !== request.body_hash) throw domainError('idempotency_key_reused');\n",
    replace: '',
    caughtBy: [send, 'the same request again with another body'],
  },
  {
    name: 'the body includes the conversation',
    file: 'core/send-message.ts',
    find: '{ text, message_group_uuid })',
    replace: '{ text })',
    caughtBy: [safeguards, 'requests with a key one key, two conversations'],
  },
  {
    name: 'the body includes the person',
    file: 'core/send-message.ts',
    find: '{ text, handle: named }',
    replace: '{ text, handle: "" }',
    caughtBy: [send, 'the same request again with another body'],
  },
  {
    name: 'a handle in another spelling is the same body',
    file: 'core/send-message.ts',
    find: '{ text, handle: named }',
    replace: '{ text, handle }',
    caughtBy: [safeguards, 'requests with a key the same wish in another spelling'],
  },
  {
    name: 'a key is its person’s own',
    file: 'core/table/items.ts',
    find: 'SENT#$' + '{user}',
    replace: 'SENT#',
    caughtBy: [send, 'the same request again a key is its person'],
  },
  {
    name: 'a key is kept for thirty days',
    file: 'core/receipts.ts',
    find: 'now + thirtyDays',
    replace: 'now',
    caughtBy: [stored, 'a first message with a key'],
  },
  {
    name: 'a receipt without its message is no answer',
    file: 'core/receipts.ts',
    find: "  if (!message) throw new Error('a receipt names a message that is not there');\n",
    replace: '',
    caughtBy: [safeguards, 'requests with a key a receipt whose message is gone'],
  },
];
