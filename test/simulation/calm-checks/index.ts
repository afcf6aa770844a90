import type { CalmCheck } from './calm.ts';
import { ofChanges } from './changes.ts';
import { ofControl } from './control.ts';
import { ofDoctor } from './doctor.ts';
import { ofReads } from './reads.ts';
import { ofRows } from './rows.ts';
import { ofSends } from './sends.ts';
import { ofUsers } from './users.ts';

/**
 * What holds when nothing else happens, or when something was done to the table that no verb does. A history ends with one of these
 * checks at most. Each throws an Error that tells what does not hold.
 */
export const calmChecks: Record<string, CalmCheck> = {
  ...ofSends,
  ...ofReads,
  ...ofRows,
  ...ofChanges,
  ...ofUsers,
  ...ofControl,
  ...ofDoctor,
};
