import process from 'node:process';
import type { Command } from 'commander';
import { type LinkOutcome, updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { newDeps } from '../../core/deps.ts';
import { openPool, poolUsers } from '../console/pool.ts';
import { columns, oneLine, print, styled, toJson } from '../console/print.ts';
import { addTarget, openTarget, printReadTarget, printWriteTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  json?: true;
  dryRun?: true;
}

const help = `
A user whose Cognito id is in the pool keeps it. If the pool has another address for them, that is reported, and the table gets the
address if it is verified. A user whose Cognito id is gone from the pool gets the id of the pool user with the same address, if the
pool has verified it, no other user of the pool has it, and no user of the table signs in with that id. Running the command again
does no harm.

Exit code: 0 all users match; 1 some do not: they are missing in the pool or in the table, have another address there, or the match
is not unique; 2 it could not run.

Examples:
  $ bin/users update-cognito-ids --dry-run
  $ bin/users update-cognito-ids`;

/** What to do about users who are in the user pool and not in the table. */
export const howToAdd =
  'Users who are only in the user pool choose a handle when they next sign in, or are added by bin/users add <handle> --email <address>.';

const labels: Record<LinkOutcome['outcome'], string> = {
  linked: 'linked',
  unchanged: 'unchanged',
  address_differs: 'ADDRESS DIFFERS',
  taken: 'TAKEN',
  ambiguous: 'AMBIGUOUS',
  unverified: 'UNVERIFIED',
  not_in_pool: 'NOT IN POOL',
  not_in_table: 'NOT IN TABLE',
};

export function addUpdateCognitoIds(program: Command): void {
  addTarget(program.command('update-cognito-ids'))
    .description('copies the Cognito ids (sub) of the pool into the table, and lists users missing in either')
    .option('--dry-run', 'print the same, and change nothing')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', help)
    .action(async ({ json, dryRun, ...options }: Options) => {
      const isDryRun = dryRun === true;
      const target = openTarget(options);
      await (isDryRun ? printReadTarget(target) : printWriteTarget(target));
      const pool = poolUsers(await openPool(target, 'Reads'));
      let isEmpty = true;
      let isMissing = false;
      for await (const result of updateCognitoIds(newDeps(target.table), pool, { isDryRun })) {
        const { outcome } = result;
        isEmpty = false;
        isMissing ||= outcome === 'not_in_table';
        if (!['linked', 'unchanged'].includes(outcome)) process.exitCode = 1;
        await print(json ? toJson(result) : asText(result));
      }
      if (isEmpty && !json) await print('There are no users, neither in the user pool nor in the table.');
      if (isMissing && !json) await print(howToAdd);
      if (isDryRun && !json) await print('Dry run: nothing was changed.');
    });
}

function asText(result: LinkOutcome): string {
  const handle = 'handle' in result ? result.handle : '-';
  const sub = 'sub' in result ? result.sub : '-';
  const remark = 'address_updated' in result && `address in the table ${result.address_updated ? 'updated' : 'kept'}`;
  return columns([
    [styled('dim', labels[result.outcome].padEnd(15))],
    [oneLine(handle), 30],
    [sub, 36],
    [remark || ''],
  ]);
}
