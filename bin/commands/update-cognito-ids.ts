import process from 'node:process';
import type { Command } from 'commander';
import { type LinkOutcome, updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { newDeps } from '../../core/deps.ts';
import { openPool, poolUsers } from '../console/pool.ts';
import { columns, print, styled } from '../console/print.ts';
import { addTarget, openTarget, printWriteTarget, type TargetOptions } from '../console/target.ts';

const help = `
A user of the pool and a user of the table match when they have the same e-mail address, the pool has verified it, and no other
user of the pool has it. Running the command again does no harm.

Exit code: 0 all users match; 1 some do not: they are missing in the pool or in the table, or the match is not unique; 2 it could
not run.

Example:
  $ bin/users update-cognito-ids`;

const labels: Record<LinkOutcome['outcome'], string> = {
  linked: 'linked',
  unchanged: 'unchanged',
  taken: 'TAKEN',
  ambiguous: 'AMBIGUOUS',
  unverified: 'UNVERIFIED',
  not_in_pool: 'NOT IN POOL',
  not_in_table: 'NOT IN TABLE',
};

export function addUpdateCognitoIds(program: Command): void {
  addTarget(program.command('update-cognito-ids'))
    .description('copies the Cognito ids (sub) of the pool into the table, and lists users missing in either')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', help)
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) => {
      const target = openTarget(options);
      await printWriteTarget(target);
      const pool = poolUsers(await openPool(target));
      for await (const result of updateCognitoIds(newDeps(target.table), pool)) {
        const { outcome } = result;
        if (!['linked', 'unchanged'].includes(outcome)) process.exitCode = 1;
        if (json) {
          await print(JSON.stringify(result));
          continue;
        }
        const handle = 'handle' in result ? result.handle : '-';
        const sub = 'sub' in result ? result.sub : '-';
        await print(columns([[styled('dim', labels[outcome].padEnd(12))], [handle, 30], [sub]]));
      }
    });
}
