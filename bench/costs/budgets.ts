// What each operation may cost. test/table/costs.test.ts measures them and fails for one that costs more, or less: then its budget is lowered.

/** What an operation costs in AWS. */
export interface Cost {
  /** Write units of the table. */
  writeUnits: number;
  /** Read units of the table; an eventually consistent read of up to 4 KB is half a unit. */
  readUnits: number;
  /** Requests to DynamoDB. */
  requests: number;
  /** Runs of a function: a request to the API is one, and so is a batch of the stream. */
  functionRuns: number;
}

const cost = (writeUnits: number, readUnits: number, requests: number, functionRuns = 1): Cost => ({
  writeUnits,
  readUnits,
  requests,
  functionRuns,
});

/**
 * By operation. Messages have 60 characters and users short names, except where long ones are named. The function that serves a request
 * knows the caller already; otherwise the row "who am I" comes on top. It does not remember the users whose names it shows.
 */
export const budgets = {
  'send, head remembered': cost(4, 0, 1),
  'send, head not remembered': cost(4, 1.5, 3),
  'send to a handle, head remembered': cost(4, 1.5, 3),
  'send with Idempotency-Key, head remembered': cost(6, 0, 1),
  'repeat of a key': cost(6, 1, 2),
  'send that loses one race': cost(8, 0, 2),
  'first contact': cost(14, 1.5, 3),
  'first contact with Idempotency-Key': cost(16, 1.5, 3),
  'projection of one message': cost(10, 3, 4),
  'projection of ten messages in one batch': cost(10, 3, 4),
  'projection after a first contact': cost(0, 1, 1),
  'projection of a record delivered again': cost(0, 1, 1),
  'mark as read': cost(4, 4, 5),
  'mark as read before the projection': cost(10, 4, 5),
  'mark as read again': cost(0, 2, 2),
  'edit a message': cost(4, 2, 3),
  'delete a message': cost(4, 2, 3),
  'projection of an edited message': cost(6, 6, 4),
  'clear a conversation': cost(6, 4, 5),
  'mute a conversation': cost(4, 3, 4),
  'mark as unread': cost(4, 3, 4),
  'block a user, conversation': cost(10, 1, 2),
  'block a user, no conversation': cost(8, 1, 2),
  'unblock a user': cost(6, 2, 3),
  'report of a conversation with 20 messages': cost(14, 4, 4),
  'page of 20 messages': cost(0, 4, 3),
  'page of 100 messages': cost(0, 11, 3),
  'messages after a time, one new': cost(0, 3, 3),
  'inbox page of 20': cost(0, 12, 2),
  'export, page of nine short conversations': cost(0, 72, 49),
  'export, page of 100 messages': cost(0, 15, 4),
  'state of a conversation': cost(0, 6, 3),
  'count of what is unread, 200 conversations': cost(0, 9, 1),
  'search for users, 10 found by handle': cost(0, 6.5, 3),
  'search for users, 10 found by name': cost(0, 6.5, 3),
  'user by handle': cost(0, 2, 2),
  'who am I, user not remembered': cost(0, 2, 2),
  'who am I, user remembered': cost(0, 0, 0),
  'sign-up, both triggers': cost(14, 2, 2, 2),
  'change of a display name': cost(8, 1, 2),
  'change of a setting': cost(2, 1, 2),
  'ticket for a WebSocket': cost(1, 0, 1),
  'connect of a WebSocket': cost(5, 1, 3, 2),
  'end of a WebSocket': cost(1, 0, 1),
  'ping by a WebSocket': cost(0, 0, 0),
  'typing, told to one device': cost(0, 3, 3),
  'sign out everywhere, two WebSockets': cost(4, 1, 4),
  'deletion of an account, one WebSocket': cost(17, 5, 8),
  'erasure of a conversation with 20 messages': cost(62, 25, 27),
  'push of a message, one device': cost(0, 3, 3),
  'push of a message, two devices': cost(0, 3, 3),
  'push of a message, two devices, nothing remembered': cost(0, 5, 5),
  'push of a message, nobody connected': cost(0, 2, 2),
  'send of 1,024 emoji, longest names': cost(12, 0, 1),
  'send of 1,024 emoji with Idempotency-Key, longest names': cost(14, 0, 1),
  'projection of 1,024 emoji over a short message, longest names': cost(26, 4, 4),
  'projection of a short message over 1,024 emoji, longest names': cost(26, 3, 4),
  'projection of 1,024 emoji over 1,024 emoji, longest names': cost(42, 4, 4),
  'first contact of 1,024 emoji, longest names': cost(38, 1.5, 3),
  'mark as read of 1,024 emoji, longest names': cost(12, 6, 5),
  'page of 20 messages of 1,024 emoji, longest names': cost(0, 26, 3),
} satisfies Record<string, Cost>;

export type OperationName = keyof typeof budgets;

/** How an operation differs from its budget, in words; empty if it does not. */
export function differences(measured: Cost, budget: Cost): string[] {
  const names: Record<keyof Cost, string> = {
    writeUnits: 'write units',
    readUnits: 'read units',
    requests: 'requests',
    functionRuns: 'function runs',
  };
  return (Object.keys(names) as (keyof Cost)[]).flatMap((field) => {
    const more = measured[field] - budget[field];
    if (more === 0) return [];
    const change = more > 0 ? `${more} more` : `${-more} less`;
    return `${change} ${names[field]} (${measured[field]}, budget ${budget[field]})`;
  });
}
