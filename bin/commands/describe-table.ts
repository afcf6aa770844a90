import type { Command } from 'commander';
import { describeTable } from '../../admin/table/schema.ts';
import { CommandError } from '../console/command-error.ts';
import { columns, print, toJson } from '../console/print.ts';
import { addTarget, openTarget, printReadTarget, type TargetOptions } from '../console/target.ts';

type Description = NonNullable<Awaited<ReturnType<typeof describeTable>>>;

export function addDescribeTable(program: Command): void {
  addTarget(program.command('describe-table'))
    .description(
      'shows the table: status, keys, item count, bytes, stream, protection (AWS updates the counts every six hours)',
    )
    .argument('[table]', 'the name of the table (default: cruddur-messages[-<stage>])')
    .option('--json', 'print DynamoDB’s description as one JSON object')
    .addHelpText('after', '\nExamples:\n  $ bin/ddb describe-table\n  $ bin/ddb describe-table --stage dev --json')
    .action(async (name: string | undefined, { json, ...options }: TargetOptions & { json?: true }) => {
      const target = openTarget({ ...options, ...(name && { table: name }) });
      await printReadTarget(target);
      const description = await describeTable(target.table);
      if (!description)
        throw new CommandError(`There is no table ${target.table.name}: bin/ddb list-tables shows all.`);
      if (json) return print(toJson(description));
      for (const [title, text] of summary(description)) await print(columns([[title, 12], [text]]));
    });
}

function summary(table: Description): [title: string, text: string][] {
  const { TableName, TableStatus, KeySchema = [], ItemCount, TableSizeBytes, CreationDateTime } = table;
  const { StreamSpecification: stream, LatestStreamLabel, BillingModeSummary, DeletionProtectionEnabled } = table;
  return [
    ['table', String(TableName)],
    ['status', String(TableStatus)],
    ['keys', KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} (${KeyType})`).join(', ')],
    ['items', String(ItemCount ?? 0)],
    ['bytes', String(TableSizeBytes ?? 0)],
    ['billing', BillingModeSummary?.BillingMode ?? 'PROVISIONED'],
    ['stream', stream?.StreamEnabled ? `${stream.StreamViewType} ${LatestStreamLabel}` : 'none'],
    ['protected', DeletionProtectionEnabled ? 'yes' : 'no'],
    ['created', CreationDateTime?.toISOString() ?? '-'],
  ];
}
