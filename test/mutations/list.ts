import { inboxRows } from './list/inbox-rows.ts';
import { membership } from './list/membership.ts';
import { readsAndPages } from './list/reads.ts';
import { receipts } from './list/receipts.ts';
import { redriving } from './list/redrive.ts';
import { retriesAndTokens } from './list/retries.ts';
import { sends } from './list/sends.ts';
import { streamFunctions } from './list/stream.ts';
import { peopleAndLoads } from './list/users.ts';
import { writeConditions } from './list/writes.ts';
import type { Mutation } from './mutation.ts';

/** Every safeguard, by what it is about. */
export const mutations: Mutation[] = [
  ...writeConditions,
  ...retriesAndTokens,
  ...sends,
  ...receipts,
  ...membership,
  ...inboxRows,
  ...readsAndPages,
  ...streamFunctions,
  ...redriving,
  ...peopleAndLoads,
];
