import type { Command } from 'commander';
import { listTables } from '../../core/table/schema.ts';
import { columns, print, styled } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

const widths = [30, 8, 10, 14];

export function addListTables(program: Command): void {
  addTarget(program.command('list-tables'))
    .description('names, status, item count, size in bytes, stream; AWS counts every six hours')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', '\nExample:\n  $ bin/ddb list-tables')
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) => {
      const row = (...cells: string[]) => columns(cells.map((text, n) => [text, widths[n]]));
      if (!json) await print(styled('bold', row('TABLE', 'STATUS', 'ITEMS', 'BYTES', 'STREAM')));
      for await (const table of listTables(openTarget(options).table)) {
        const name = table.TableName ?? '';
        const { TableStatus: status = '', ItemCount: items = 0, TableSizeBytes: bytes = 0 } = table;
        const stream = table.StreamSpecification?.StreamEnabled ? table.LatestStreamLabel : undefined;
        if (json) await print(JSON.stringify({ name, status, items, bytes, stream: stream ?? null }));
        else await print(row(name, status, String(items), String(bytes), stream ?? '-'));
      }
    });
}
