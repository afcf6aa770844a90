import { budgets } from '../costs/budgets.ts';
import { readUnits } from '../costs/rules.ts';
import { read } from './sizes.ts';

// Units come from the budgets that hold the service's real costs (bench/costs/budgets.ts), and from the sizes of its items. Times and
// answers are assumed.

/** What one operation costs: units of DynamoDB, and the function's time. */
export interface Operation {
  writes: number;
  reads: number;
  /** How long the function runs, in milliseconds, when it is warm, has 512 MB, and stands beside its table. */
  duration: number;
  /** Bytes of the answer, with its headers. */
  bytes: number;
}

export type OperationName =
  | 'send'
  | 'firstContact'
  | 'markRead'
  | 'pollInbox'
  | 'pollConversation'
  | 'pollState'
  | 'openInbox'
  | 'openConversation'
  | 'whoAmI'
  | 'search'
  | 'signUp'
  | 'renew'
  | 'ticket';

const clientPage = 30; // rows and messages that the web client asks for at once (web/src/data); the service reads one more
const page = (size: number): number => readUnits((clientPage + 1) * size, 'strong');

/**
 * Read units for the caller's identity and user. A function remembers users and heads, but among hundreds of environments a user rarely
 * meets one that does. So every request is counted with the reads of a function that remembers nothing.
 */
export const callerReads = budgets['who am I, user not remembered'].readUnits;

const operation = (
  { writeUnits, readUnits: reads }: { writeUnits: number; readUnits: number },
  { duration, bytes }: Pick<Operation, 'duration' | 'bytes'>,
): Operation => ({ writes: writeUnits, reads: callerReads + reads, duration, bytes });

export const operations: Record<OperationName, Operation> = {
  // The web client sends every message with a key.
  send: operation(
    {
      writeUnits: budgets['send with Idempotency-Key, head remembered'].writeUnits,
      readUnits: budgets['send, head not remembered'].readUnits,
    },
    { duration: 30, bytes: 1_200 },
  ),
  firstContact: operation(budgets['first contact with Idempotency-Key'], { duration: 40, bytes: 1_200 }),
  markRead: operation(budgets['mark as read'], { duration: 35, bytes: 700 }),
  pollInbox: operation({ writeUnits: 0, readUnits: page(read.row) }, { duration: 15, bytes: 9_000 }),
  pollConversation: operation(budgets['messages after a time, one new'], { duration: 15, bytes: 1_000 }),
  pollState: operation(budgets['state of a conversation'], { duration: 15, bytes: 1_000 }),
  openInbox: operation({ writeUnits: 0, readUnits: page(read.row) }, { duration: 15, bytes: 9_000 }),
  openConversation: operation({ writeUnits: 0, readUnits: 1 + page(read.message) }, { duration: 15, bytes: 9_000 }), // with the head
  whoAmI: operation({ writeUnits: 0, readUnits: 0 }, { duration: 12, bytes: 800 }),
  search: operation(budgets['search for users, 10 found by handle'], { duration: 12, bytes: 1_500 }),
  signUp: { ...operation(budgets['sign-up, both triggers'], { duration: 60, bytes: 0 }), reads: 1 }, // no caller yet
  renew: { writes: 0, reads: 0, duration: 120, bytes: 2_500 }, // waits for Cognito
  ticket: operation(budgets['ticket for a WebSocket'], { duration: 15, bytes: 900 }),
};

/** One projection of one conversation, in whichever batch. */
export const projection = {
  writes: budgets['projection of one message'].writeUnits,
  reads: budgets['projection of one message'].readUnits,
};

/** Read units of one search in the items of handles, without those of names and of the ten users found. */
export const searchReads = budgets['search for users, 10 found by handle'].readUnits - 0.5 - 10 * 0.5;

/** The authorizer takes the ticket, `$connect` stores the connection and checks the user, `$disconnect` deletes it. */
export const connecting = {
  runs: 3,
  writes: budgets['connect of a WebSocket'].writeUnits + budgets['end of a WebSocket'].writeUnits,
  reads: budgets['connect of a WebSocket'].readUnits,
  duration: 45,
};

/** A frame of the client, which the function answers by the same route. */
export const ping = {
  writes: budgets['ping by a WebSocket'].writeUnits,
  reads: budgets['ping by a WebSocket'].readUnits,
  duration: 3,
};

/**
 * The push function looks up the connections of both users and the head, and posts each event to each device. It does so for the message, and
 * once more when the projector has moved the inbox rows.
 */
export const push = {
  readsPerMessage: 2 * budgets['push of a message, two devices'].readUnits,
  duration: 10,
  bytes: 900,
};

/** The projector's time for a batch, in milliseconds: it projects the conversations of a batch concurrently. Assumed. */
export const batchDuration = (conversations: number): number => 25 + 4 * conversations;

/** Bytes that a function writes to its log in a run, and API Gateway to the access log for a request; assumed. */
export const logBytes = { run: 900, request: 350 };
