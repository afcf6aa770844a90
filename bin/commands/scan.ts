import { type Command, Option } from 'commander';
import { type Kind, kinds, scanTable } from '../../admin/scan-table.ts';
import { wholeNumber } from '../console/cli.ts';
import { columns, harmless, print, styled } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  type?: Kind;
  json?: true;
  limit?: number;
}

export function addScan(program: Command): void {
  addTarget(program.command('scan'))
    .description('prints every item of the table, one line each, in no order')
    .addOption(new Option('--type <type>', 'only items of this type').choices(kinds))
    .option('--json', 'the items as they are stored, one JSON object a line')
    .option('--limit <n>', 'no more than this', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .addHelpText('after', '\nExamples:\n  $ bin/ddb scan | head\n  $ bin/ddb scan --type head --json | wc -l')
    .action(async ({ type, json, limit, ...options }: Options) => {
      for await (const { kind, item } of scanTable(openTarget(options), { kind: type, limit })) {
        const { pk, sk, ...attributes } = item;
        if (json) await print(JSON.stringify(item));
        else
          await print(
            columns([
              [styled('dim', kind.padEnd(8))],
              [harmless(String(pk)), 42],
              [harmless(String(sk)), 32],
              [harmless(JSON.stringify(attributes))],
            ]),
          );
      }
    });
}
