import process from 'node:process';
import type { Command } from 'commander';
import { type LinkOutcome, updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { newDeps } from '../../core/deps.ts';
import { openPool, poolUsers } from '../console/pool.ts';
import { columns, print, styled } from '../console/print.ts';
import { addTarget, announce, openTarget, type TargetOptions } from '../console/target.ts';

const help = `
Somebody in the pool and somebody in the table are the same when they have the same e-mail address, verified there, and nobody
else has it. Run it as often as you like.

Exit code: 0 everybody is on both sides; 1 somebody is missing on one of them, or it cannot be told who they are; 2 it could not
be done.

Example:
  $ bin/users update-cognito-ids`;

const words: Record<LinkOutcome['outcome'], string> = {
  linked: 'linked',
  unchanged: 'unchanged',
  taken: 'ANOTHER’S',
  ambiguous: 'AMBIGUOUS',
  unverified: 'UNVERIFIED',
  not_in_pool: 'NOT IN POOL',
  not_in_table: 'NOT IN TABLE',
};

export function addUpdateCognitoIds(program: Command): void {
  addTarget(program.command('update-cognito-ids'))
    .description('writes each person’s Cognito sub into the table, and says who is missing on which side')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', help)
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) => {
      const target = openTarget(options);
      await announce(target);
      const pool = poolUsers(await openPool(target));
      for await (const person of updateCognitoIds(newDeps(target.table), pool)) {
        const { outcome } = person;
        if (!['linked', 'unchanged'].includes(outcome)) process.exitCode = 1;
        if (json) {
          await print(JSON.stringify(person));
          continue;
        }
        const handle = 'handle' in person ? person.handle : '-';
        const sub = 'sub' in person ? person.sub : '-';
        await print(columns([[styled('dim', words[outcome].padEnd(12))], [handle, 30], [sub]]));
      }
    });
}
