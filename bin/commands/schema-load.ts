import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { createTable, type TableProperties } from '../../admin/table/schema.ts';
import { openStreams } from '../../admin/table/stream-reader.ts';
import { CommandError } from '../console/command-error.ts';
import { print } from '../console/print.ts';
import { addTarget, localClient, localPort, openTarget, type Target, type TargetOptions } from '../console/target.ts';

/** The table's properties in resources/table.yml. */
export function tableProperties(): TableProperties {
  const text = readFileSync(join(import.meta.dirname, '../../resources/table.yml'), 'utf8');
  return parse(text, { logLevel: 'silent' }).Resources.MessagesTable.Properties;
}

export function addSchemaLoad(program: Command): void {
  addTarget(program.command('schema-load'))
    .description('creates the table of resources/table.yml, and waits until it and its stream are active')
    .addHelpText(
      'after',
      '\nFor the local stack only: in AWS, CloudFormation creates the table.\n\nExample:\n  $ bin/ddb schema-load',
    )
    .action(async (options: TargetOptions) => {
      const target = openTarget(options);
      requireLocal(target, 'schema-load');
      if (!(await loadSchema(target)))
        throw new CommandError(`The table ${target.table.name} exists already: delete it first (bin/ddb drop).`);
      await print(`Created ${target.table.name}.`);
    });
}

/** Creates the table of the local stack. @returns false when it exists already: then it is not changed */
export async function loadSchema({ table }: Target): Promise<boolean> {
  const stream = openStreams(localClient(localPort('dynamodb')));
  try {
    return await createTable(table, tableProperties(), stream);
  } finally {
    stream.destroy();
  }
}

/** @throws CommandError when the target is in AWS */
export function requireLocal({ stage }: Target, command: string): void {
  if (stage !== undefined)
    throw new CommandError(
      `${command} works on the local stack only: deploy the table of stage ${stage} with npx serverless deploy.`,
    );
}
