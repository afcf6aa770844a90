import type { Command } from 'commander';
import { dropTable } from '../../admin/table/schema.ts';
import { type PoolUser, updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { newDeps } from '../../core/deps.ts';
import { openPool, poolUsers } from '../console/pool.ts';
import { print } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';
import { loadSchema, refuseInAws } from './schema-load.ts';
import { loadSeeds } from './seed.ts';

export function addSetup(program: Command): void {
  addTarget(program.command('setup'))
    .description('a known state: drops the table if there is one, creates it, loads the seeds, links the Cognito ids')
    .addHelpText(
      'after',
      '\nOn this machine only. A running stack goes on with the new table.\n\nExample:\n  $ bin/ddb setup',
    )
    .action(async (options: TargetOptions) => {
      const target = openTarget(options);
      refuseInAws(target, 'setup');
      // Everybody is asked for first: without sign-in nothing is dropped.
      const everybody: PoolUser[] = [];
      for await (const user of poolUsers(await openPool(target))) everybody.push(user);
      const dropped = await dropTable(target.table);
      await loadSchema(target);
      await print(`${target.table.name}: ${dropped ? 'dropped and created anew' : 'created'}.`);
      const deps = newDeps(target.table);
      await print(await loadSeeds(deps));
      let linked = 0;
      for await (const { outcome } of updateCognitoIds(deps, everybody)) if (outcome === 'linked') linked++;
      await print(`Cognito ids: ${linked === 0 ? 'all right as they are' : `${linked} linked`}.`);
    });
}
