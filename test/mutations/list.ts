import { blocking } from './list/blocks.ts';
import { changedMessages } from './list/changes.ts';
import { erasures } from './list/erasures.ts';
import { exporting } from './list/export.ts';
import { forOneself } from './list/for-oneself.ts';
import { inboxRows } from './list/inbox-rows.ts';
import { limiting } from './list/limits.ts';
import { membership } from './list/membership.ts';
import { profiles } from './list/profile.ts';
import { readsAndPages } from './list/reads.ts';
import { realtime } from './list/realtime.ts';
import { receipts } from './list/receipts.ts';
import { redrives } from './list/redrive.ts';
import { reporting } from './list/reports.ts';
import { retriesAndTokens } from './list/retries.ts';
import { rollbacks } from './list/rollback.ts';
import { sends } from './list/sends.ts';
import { siteFunctions } from './list/site.ts';
import { standings } from './list/standing.ts';
import { streamFunctions } from './list/stream.ts';
import { tornReads } from './list/torn-reads.ts';
import { usersAndImports } from './list/users.ts';
import { writeConditions } from './list/writes.ts';
import type { Mutation } from './mutation.ts';

/** The mutations of all safeguards, by topic. */
export const mutations: Mutation[] = [
  ...writeConditions,
  ...retriesAndTokens,
  ...sends,
  ...receipts,
  ...membership,
  ...inboxRows,
  ...blocking,
  ...limiting,
  ...standings,
  ...reporting,
  ...forOneself,
  ...exporting,
  ...changedMessages,
  ...readsAndPages,
  ...streamFunctions,
  ...tornReads,
  ...redrives,
  ...rollbacks,
  ...profiles,
  ...erasures,
  ...realtime,
  ...usersAndImports,
  ...siteFunctions,
];
