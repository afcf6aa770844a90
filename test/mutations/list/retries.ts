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
    replace: 'ClientRequestToken: table.runtime.newId()',
    caughtBy: [send, 'with unreliable answers, a committed send is stored once: its answer is lost so often'],
  },
  {
    name: 'a retry after a definite failure carries a new token',
    file: transactions,
    find: '        if (unacknowledged === undefined) token = table.runtime.newId();\n',
    replace: '',
    caughtBy: [send, 'with unreliable answers, a retry after a definite failure carries a new token'],
  },
  {
    name: 'while an earlier attempt is unacknowledged, a conflict is not a definite failure',
    file: transactions,
    find: 'if (unacknowledged === undefined) token',
    replace: 'token',
    caughtBy: [send, 'with unreliable answers, an attempt that arrives after the next one was answered with conflict'],
  },
  {
    name: 'a transaction is retried after TransactionConflict',
    file: transactions,
    find: "if (codes.includes('TransactionConflict')) return domainError('message_group_busy');",
    replace: '',
    caughtBy: [project, 'a projection survives conflicts, throttling and lost answers'],
  },
  {
    name: 'a throttled transaction is retried',
    file: transactions,
    find: "codes.includes('ThrottlingError')",
    replace: 'false',
    caughtBy: [project, 'a projection survives conflicts, throttling and lost answers'],
  },
  {
    name: 'a transaction over its throughput is retried',
    file: transactions,
    find: "codes.includes('ProvisionedThroughputExceeded') || ",
    replace: '',
    caughtBy: [safeguards, 'a transaction is retried after ProvisionedThroughputExceeded'],
  },
  {
    name: 'a throttled request is retried',
    file: transactions,
    find: 'else if (!isThrottled(error)) throw error;',
    replace: 'else throw error;',
    caughtBy: [safeguards, 'a transaction is retried after ThrottlingException'],
  },
  {
    name: 'a request without an answer is retried',
    file: transactions,
    find: 'if (isUncertain(error)) unacknowledged = error;\n        else if',
    replace: 'if (isUncertain(error)) throw error;\n        else if',
    caughtBy: [send, 'with unreliable answers, a committed send is stored once: its answer is lost so often'],
  },
  {
    name: 'after a 5xx the outcome is unknown',
    file: outcomes,
    find: ' || isServerError(error as SdkError)',
    replace: '',
    caughtBy: [safeguards, 'a transaction is retried after InternalServerError'],
  },
  {
    name: 'after a broken connection the outcome is unknown',
    file: outcomes,
    find: 'isTransientError(error as SdkError) || ',
    replace: '',
    caughtBy: [send, 'with unreliable answers, a committed send is stored once: its answer is lost so often'],
  },
  {
    name: 'while DynamoDB still processes the token, the outcome is unknown',
    file: outcomes,
    find: 'return isInProgress(error) || isTransientError',
    replace: 'return isTransientError',
    caughtBy: [safeguards, 'a transaction is retried after TransactionInProgressException'],
  },
  {
    name: 'an unknown outcome is not reported as “nothing was written”',
    file: transactions,
    find: "unacknowledged ?? domainError('throttled')",
    replace: "domainError('throttled')",
    caughtBy: [safeguards, 'an unknown outcome is not reported as "nothing was written" after ECONNRESET'],
  },
  {
    name: 'an unacknowledged attempt of the SDK leaves the outcome unknown',
    file: transactions,
    find: '            if (isUncertain(error)) unacknowledged = error;\n',
    replace: '',
    caughtBy: ['test/faults/faults.test.ts', 'a send whose answer is lost and whose retries are throttled'],
  },
  {
    name: 'a conflict does not hide an unacknowledged earlier attempt',
    file: transactions,
    find: 'unacknowledged ?? temporaryError',
    replace: 'temporaryError',
    caughtBy: [safeguards, 'while an earlier attempt is unacknowledged, a conflict'],
  },
  {
    name: 'a permanent error is not retried (a request)',
    file: transactions,
    find: 'else if (!isThrottled(error)) throw error;',
    replace: '',
    caughtBy: [safeguards, 'a transaction is not retried after ValidationException'],
  },
  {
    name: 'a permanent error is not retried (a cancellation)',
    file: transactions,
    find: 'if (!temporaryError) throw error;',
    replace: '',
    caughtBy: [safeguards, 'a transaction is not retried after a cancellation'],
  },
  {
    name: 'no write is retried after its deadline',
    file: transactions,
    find: '  if (runtime.millis() + delay >= deadline) return false;\n',
    replace: '',
    caughtBy: [send, 'concurrent sends: a send into a conversation that stays busy'],
  },
  {
    name: 'a throttled read fails with the code throttled',
    file: reads,
    find: "isThrottled(error) ? domainError('throttled') : error",
    replace: 'error',
    caughtBy: [safeguards, 'a throttled read fails'],
  },
  {
    name: 'a request without an answer times out',
    file: 'core/table/client.ts',
    find: 'requestTimeout: 5_000, throwOnRequestTimeout: true',
    replace: '',
    caughtBy: [safeguards, 'a request without an answer times out'],
  },
];
