import type { Command } from 'commander';
import { dropTable } from '../../admin/table/schema.ts';
import { updateCognitoIds } from '../../admin/users/update-cognito-ids.ts';
import { newDeps } from '../../core/deps.ts';
import { type ListedUser, openPool, poolUsers } from '../console/pool.ts';
import { oneLine, print } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';
import { loadSchema, requireLocal } from './schema-load.ts';
import { loadSeeds } from './seed.ts';
import { howToAdd } from './update-cognito-ids.ts';

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
      const users: ListedUser[] = [];
      for await (const user of poolUsers(await openPool(target, 'Reads'))) users.push(user);
      const dropped = await dropTable(target.table);
      await loadSchema(target);
      await print(`${dropped ? 'Deleted and recreated' : 'Created'} ${target.table.name}.`);
      const deps = newDeps(target.table);
      await print(await loadSeeds(deps));
      let linked = 0;
      const withoutItem = new Set<string>(); // by sub
      for await (const result of updateCognitoIds(deps, users)) {
        if (result.outcome === 'linked') linked++;
        if (result.outcome === 'not_in_table' || result.outcome === 'unverified') withoutItem.add(result.sub);
      }
      await print(`Cognito ids: ${linked === 0 ? 'no change needed' : `${linked} updated`}.`);
      // A user who has not confirmed their sign-up has never been in the table.
      const gone = users.filter(({ sub, status }) => withoutItem.has(sub) && status !== 'UNCONFIRMED');
      for (const { handle = '(no handle)', email } of gone)
        await print(`Only in the user pool now: ${oneLine(`${handle} <${email}>`)}`);
      if (gone.length > 0) await print(howToAdd);
    });
}
