import type { Command } from 'commander';
import { everyAccount } from '../../core/scan-table.ts';
import { columns, print, styled } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

export function addListPeople(program: Command): void {
  addTarget(program.command('list'))
    .description('everybody of the table: handle, uuid, Cognito id, e-mail address, display name')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', '\nExample:\n  $ bin/users list')
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) => {
      const row = (handle: string, uuid: string, sub: string, email: string, name: string) =>
        columns([[handle, 20], [uuid, 36], [sub, 36], [email, 32], [name]]);
      if (!json) await print(styled('bold', row('HANDLE', 'UUID', 'COGNITO ID', 'E-MAIL', 'NAME')));
      for await (const account of everyAccount(openTarget(options))) {
        const { handle, user_uuid, cognito_user_id, email, display_name } = account;
        await print(json ? JSON.stringify(account) : row(handle, user_uuid, cognito_user_id, email, display_name));
      }
    });
}
