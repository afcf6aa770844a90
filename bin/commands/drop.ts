import type { Command } from 'commander';
import { dropTable } from '../../admin/table/schema.ts';
import { CommandError } from '../console/command-error.ts';
import { print } from '../console/print.ts';
import {
  addConfirmation,
  addTarget,
  type ConfirmationOptions,
  confirm,
  openTarget,
  type TargetOptions,
} from '../console/target.ts';

const help = `
In AWS, a deployment does not create the table of a stage again, since its stack still lists it: remove the stage, then deploy it.

Examples:
  $ bin/ddb drop
  $ bin/ddb drop --stage dev --yes`;

export function addDrop(program: Command): void {
  addConfirmation(addTarget(program.command('drop')))
    .description('deletes the table with all its items, and waits until it is gone')
    .argument('[table]', 'the name of the table (default: cruddur-messages[-<stage>])')
    .addHelpText('after', help)
    .action(async (name: string | undefined, options: TargetOptions & ConfirmationOptions) => {
      const target = openTarget({ ...options, ...(name && { table: name }) });
      await confirm(target, `Delete ${target.table.name} with all its items`, options);
      const dropped = await dropTable(target.table).catch((error: Error) => {
        if (error.name !== 'TimeoutError') throw error;
        throw new CommandError(`${target.table.name} is still being deleted: check with bin/ddb list-tables.`);
      });
      if (!dropped) throw new CommandError(`There is no table ${target.table.name}: bin/ddb list-tables shows all.`);
      await print(`Deleted ${target.table.name}.`);
      if (target.stage !== undefined && target.table.name === `cruddur-messages-${target.stage}`)
        await print(
          `To get a new one: npx serverless remove --stage ${target.stage}, then npx serverless deploy --stage ${target.stage}.`,
        );
    });
}
