import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { createTable, type TableProperties } from '../../admin/table/schema.ts';
import { openStreams } from '../../admin/table/stream-reader.ts';
import { CommandError } from '../console/command-error.ts';
import { print } from '../console/print.ts';
import { addTarget, localClient, openTarget, ports, type Target, type TargetOptions } from '../console/target.ts';

/** The properties of the table, from the one place where they are written. */
export function tableProperties(): TableProperties {
  const text = readFileSync(join(import.meta.dirname, '../../resources/table.yml'), 'utf8');
  return parse(text, { logLevel: 'silent' }).Resources.MessagesTable.Properties;
}

export function addSchemaLoad(program: Command): void {
  addTarget(program.command('schema-load'))
    .description('creates the table of resources/table.yml, and waits until it and its stream are active')
    .addHelpText(
      'after',
      '\nOn this machine only: in AWS the table is CloudFormation’s.\n\nExample:\n  $ bin/ddb schema-load',
    )
    .action(async (options: TargetOptions) => {
      const target = openTarget(options);
      refuseInAws(target, 'schema-load');
      if (!(await loadSchema(target)))
        throw new CommandError(`There is a table ${target.table.name} already: bin/ddb drop takes it away.`);
      await print(`${target.table.name} is there and empty.`);
    });
}

/** @returns false when there is a table already */
export async function loadSchema({ table }: Target): Promise<boolean> {
  const stream = openStreams(localClient(ports().dynamodb));
  try {
    return await createTable(table, tableProperties(), stream);
  } finally {
    stream.destroy();
  }
}

export function refuseInAws({ stage }: Target, command: string): void {
  if (stage !== undefined)
    throw new CommandError(
      `${command} is for this machine: the table of stage ${stage} is CloudFormation's (npx serverless deploy).`,
    );
}
