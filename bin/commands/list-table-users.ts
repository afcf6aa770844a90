import type { Command } from 'commander';
import { scanUsers } from '../../admin/scan-table.ts';
import { printRows } from '../console/print.ts';
import { addTarget, openTarget, printReadTarget, type TargetOptions } from '../console/target.ts';

export function addListTableUsers(program: Command): void {
  addTarget(program.command('list'))
    .description('lists the users of the table: handle, uuid, Cognito id, e-mail address, display name')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExample:\n  $ bin/users list')
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) => {
      const target = openTarget(options);
      await printReadTarget(target);
      await printRows(scanUsers(target), {
        json: json === true,
        none: 'The table has no users.',
        table: [
          ['HANDLE', ({ handle }) => handle, 20],
          ['UUID', ({ user_uuid }) => user_uuid, 36],
          ['COGNITO ID', ({ cognito_user_id }) => cognito_user_id, 36],
          ['E-MAIL', ({ email }) => email, 32],
          ['NAME', ({ display_name }) => display_name],
        ],
      });
    });
}
