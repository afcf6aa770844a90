import { type Command, Option } from 'commander';
import { type Kind, kinds, scanTable } from '../../admin/scan-table.ts';
import { wholeNumber } from '../console/cli.ts';
import { columns, oneLine, print, styled, toJson } from '../console/print.ts';
import { addTarget, openTarget, printReadTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  type?: Kind;
  json?: true;
  limit?: number;
}

export function addScan(program: Command): void {
  addTarget(program.command('scan'))
    .description('prints the items of the table, one per line, unordered')
    .addOption(new Option('--type <type>', 'print only items of this type').choices(kinds))
    .option('--json', 'print the stored items, one JSON object per line')
    .option('--limit <n>', 'print at most this many (default: all)', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .addHelpText('after', '\nExamples:\n  $ bin/ddb scan | head\n  $ bin/ddb scan --type head --json | wc -l')
    .action(async ({ type, json, limit, ...options }: Options) => {
      const target = openTarget(options);
      await printReadTarget(target);
      let printed = 0;
      // One item more than asked for tells whether there are others.
      for await (const { kind, item } of scanTable(target, { kind: type, limit: limit && limit + 1 })) {
        if (printed === limit) {
          console.error('There are more such items: without --limit all are printed.');
          break;
        }
        printed++;
        const { pk, sk, ...attributes } = item;
        if (json) await print(toJson(item));
        else
          await print(
            columns([
              [styled('dim', kind.padEnd(8))],
              [oneLine(String(pk)), 42],
              [oneLine(String(sk)), 32],
              [toJson(attributes)],
            ]),
          );
      }
      if (printed === 0 && !json) console.error('There are no such items.'); // not on stdout, where each line is an item
    });
}
