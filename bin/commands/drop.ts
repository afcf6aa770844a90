import type { Command } from 'commander';
import { dropTable } from '../../admin/table/schema.ts';
import { CommandError } from '../console/command-error.ts';
import { print } from '../console/print.ts';
import { addConsent, addTarget, askConsent, type Consent, openTarget, type TargetOptions } from '../console/target.ts';

export function addDrop(program: Command): void {
  addConsent(addTarget(program.command('drop')))
    .description('deletes a table with all that is in it, and waits until it is gone')
    .argument('[table]', 'its name; cruddur-messages[-<stage>] unless told')
    .addHelpText('after', '\nExamples:\n  $ bin/ddb drop\n  $ bin/ddb drop --stage dev --yes')
    .action(async (name: string | undefined, options: TargetOptions & Consent) => {
      const target = openTarget({ ...options, ...(name && { table: name }) });
      await askConsent(target, `Delete ${target.table.name} and all that is in it`, options);
      const dropped = await dropTable(target.table).catch((error: Error) => {
        if (error.name !== 'TimeoutError') throw error;
        throw new CommandError(`${target.table.name} takes long to go: bin/ddb list-tables tells when it has.`);
      });
      if (!dropped) throw new CommandError(`There is no table ${target.table.name}.`);
      await print(`${target.table.name} is gone.`);
    });
}
