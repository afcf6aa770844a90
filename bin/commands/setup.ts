import type { Command } from 'commander';
import { dropTable } from '../../admin/table/schema.ts';
import { type PoolUser, updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { newDeps } from '../../core/deps.ts';
import { openPool, poolUsers } from '../console/pool.ts';
import { print } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';
import { loadSchema, requireLocal } from './schema-load.ts';
import { loadSeeds } from './seed.ts';

export function addSetup(program: Command): void {
  addTarget(program.command('setup'))
    .description('resets the table: deletes it, creates it, loads the seeds, updates the Cognito ids')
    .addHelpText(
      'after',
      '\nFor the local stack only. A running stack continues with the new table.\n\nExample:\n  $ bin/ddb setup',
    )
    .action(async (options: TargetOptions) => {
      const target = openTarget(options);
      requireLocal(target, 'setup');
      // Reads the pool before it deletes the table: if the pool does not answer, the table must not be lost.
      const users: PoolUser[] = [];
      for await (const user of poolUsers(await openPool(target, 'Reads'))) users.push(user);
      const dropped = await dropTable(target.table);
      await loadSchema(target);
      await print(`${dropped ? 'Deleted and recreated' : 'Created'} ${target.table.name}.`);
      const deps = newDeps(target.table);
      await print(await loadSeeds(deps));
      let linked = 0;
      for await (const { outcome } of updateCognitoIds(deps, users)) if (outcome === 'linked') linked++;
      await print(`Cognito ids: ${linked === 0 ? 'no change needed' : `${linked} updated`}.`);
    });
}
