import type { Command } from 'commander';
import { openPool, poolUsers } from '../console/pool.ts';
import { printRows } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

export function addListPoolUsers(program: Command): void {
  addTarget(program.command('list-users'))
    .description('lists the users of the pool: sub, handle requested at sign-up, e-mail address, status')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExample:\n  $ bin/cognito list-users')
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) =>
      printRows(poolUsers(await openPool(openTarget(options), 'Reads')), {
        json: json === true,
        table: [
          ['SUB', ({ sub }) => sub, 36],
          ['HANDLE', ({ handle }) => handle ?? '-', 20],
          ['E-MAIL', ({ email }) => email, 32],
          ['STATUS', ({ status }) => status],
        ],
      }),
    );
}
