import process from 'node:process';
import type { Command } from 'commander';
import { listTables } from '../../admin/table/schema.ts';
import type { Table } from '../../core/table/client.ts';
import { printRows } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

export function addListTables(program: Command): void {
  addTarget(program.command('list-tables'))
    .description('lists the tables: name, status, item count, bytes, stream (AWS updates the counts every six hours)')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExample:\n  $ bin/ddb list-tables')
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) => {
      const { stage, table } = openTarget(options);
      if (stage !== undefined) process.stderr.write(`Reads all tables in ${await table.client.config.region()}\n`);
      await printRows(summaries(table), {
        json: json === true,
        none: 'There are no tables.',
        table: [
          ['TABLE', ({ name }) => name, 30],
          ['STATUS', ({ status }) => status, 8],
          ['ITEMS', ({ items }) => String(items), 10],
          ['BYTES', ({ bytes }) => String(bytes), 14],
          ['STREAM', ({ stream }) => stream ?? '-'],
        ],
      });
    });
}

async function* summaries(table: Table) {
  for await (const each of listTables(table)) {
    const { TableName: name = '', TableStatus: status = '', ItemCount: items = 0, TableSizeBytes: bytes = 0 } = each;
    const stream = (each.StreamSpecification?.StreamEnabled && each.LatestStreamLabel) || null;
    yield { name, status, items, bytes, stream };
  }
}
