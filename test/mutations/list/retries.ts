import type { Mutation } from '../mutation.ts';

const send = 'test/table/send-message.test.ts';
const project = 'test/table/project-inbox.test.ts';
const safeguards = 'test/table/safeguards.test.ts';
const transactions = 'core/table/transactions.ts';
const outcomes = 'core/table/outcomes.ts';
const reads = 'core/table/reads.ts';

export const retriesAndTokens: Mutation[] = [
  {
    name: 'a repeated transaction carries the same token',
    file: transactions,
    find: 'ClientRequestToken: token',
    replace: 'ClientRequestToken: randomUUID()',
    caughtBy: [send, 'lost answers a send whose answer is lost after the commit is stored once: so often'],
  },
  {
    name: 'after a definite refusal the token is new',
    file: transactions,
    find: '        if (unacknowledged === undefined) token = randomUUID();\n',
    replace: '',
    caughtBy: [send, 'lost answers after a definite refusal the token is new'],
  },
  {
    name: 'a conflict is no definite refusal while an earlier try is unanswered',
    file: transactions,
    find: 'if (unacknowledged === undefined) token',
    replace: 'token',
    caughtBy: [send, 'lost answers a try that arrives after the next was told conflict'],
  },
  {
    name: 'TransactionConflict is tried again',
    file: transactions,
    find: "if (codes.includes('TransactionConflict')) return domainError('message_group_busy');",
    replace: '',
    caughtBy: [project, 'after a message conflicts, throttling and lost answers'],
  },
  {
    name: 'a throttled transaction is tried again',
    file: transactions,
    find: "codes.includes('ThrottlingError')",
    replace: 'false',
    caughtBy: [project, 'after a message conflicts, throttling and lost answers'],
  },
  {
    name: 'a transaction over its throughput is tried again',
    file: transactions,
    find: "codes.includes('ProvisionedThroughputExceeded') || ",
    replace: '',
    caughtBy: [safeguards, 'what passes by itself is tried again ProvisionedThroughputExceeded'],
  },
  {
    name: 'a throttled request is tried again',
    file: transactions,
    find: 'else if (!isThrottled(error)) throw error;',
    replace: 'else throw error;',
    caughtBy: [safeguards, 'what passes by itself is tried again ThrottlingException'],
  },
  {
    name: 'a request without an answer is tried again',
    file: transactions,
    find: 'if (isUncertain(error)) unacknowledged = error;\n        else if',
    replace: 'if (isUncertain(error)) throw error;\n        else if',
    caughtBy: [send, 'lost answers a send whose answer is lost after the commit is stored once: so often'],
  },
  {
    name: 'a 5xx is no answer',
    file: outcomes,
    find: ' || isServerError(error as SdkError)',
    replace: '',
    caughtBy: [safeguards, 'what passes by itself is tried again InternalServerError'],
  },
  {
    name: 'a broken connection is no answer',
    file: outcomes,
    find: 'isTransientError(error as SdkError) || ',
    replace: '',
    caughtBy: [send, 'lost answers a send whose answer is lost after the commit is stored once: so often'],
  },
  {
    name: 'a token still being worked on is no answer',
    file: outcomes,
    find: 'return isInProgress(error) || isTransientError',
    replace: 'return isTransientError',
    caughtBy: [safeguards, 'what passes by itself is tried again TransactionInProgressException'],
  },
  {
    name: 'an unknown outcome is never told as “nothing was written”',
    file: transactions,
    find: "unacknowledged ?? domainError('throttled')",
    replace: "domainError('throttled')",
    caughtBy: [safeguards, 'an unknown outcome is never told as "nothing was written" ECONNRESET'],
  },
  {
    name: 'a try that the SDK made and nobody heard of leaves doubt',
    file: transactions,
    find: '            if (isUncertain(error)) unacknowledged = error;\n',
    replace: '',
    caughtBy: ['test/faults/faults.test.ts', 'a failure of every kind at every call a send that was applied, unheard'],
  },
  {
    name: 'a conflict does not end the doubt about an earlier try',
    file: transactions,
    find: 'unacknowledged ?? atDeadline',
    replace: 'atDeadline',
    caughtBy: [safeguards, 'a conflict does not end the doubt'],
  },
  {
    name: 'what is wrong for good is not tried again (a request)',
    file: transactions,
    find: 'else if (!isThrottled(error)) throw error;',
    replace: '',
    caughtBy: [safeguards, 'what is wrong for good is told at once: ValidationException'],
  },
  {
    name: 'what is wrong for good is not tried again (a cancellation)',
    file: transactions,
    find: 'if (!atDeadline) throw error;',
    replace: '',
    caughtBy: [safeguards, 'what is wrong for good is told at once: cancelled'],
  },
  {
    name: 'no write goes on past its deadline',
    file: transactions,
    find: '  if (Date.now() + delay >= deadline) throw otherwise;\n',
    replace: '',
    caughtBy: [send, 'races a conversation that stays too busy'],
  },
  {
    name: 'a throttled read is told as such',
    file: reads,
    find: "isThrottled(error) ? domainError('throttled') : error",
    replace: 'error',
    caughtBy: [safeguards, 'a throttled read is told as such'],
  },
  {
    name: 'an answer is not waited for for ever',
    file: 'core/table/client.ts',
    find: 'requestTimeout: 5_000, throwOnRequestTimeout: true',
    replace: '',
    caughtBy: [safeguards, 'an answer is not waited for for ever'],
  },
];
