import type { Command } from 'commander';
import { openPool, poolUsers } from '../console/pool.ts';
import { columns, print, styled } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

export function addListUsers(program: Command): void {
  addTarget(program.command('list-users'))
    .description('everybody of the user pool: sub, the handle that they asked for, e-mail address, status')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', '\nExample:\n  $ bin/cognito list-users')
    .action(async ({ json, ...options }: TargetOptions & { json?: true }) => {
      const row = (sub: string, handle: string, email: string, status: string) =>
        columns([[sub, 36], [handle, 20], [email, 32], [status]]);
      if (!json) await print(styled('bold', row('SUB', 'HANDLE', 'E-MAIL', 'STATUS')));
      for await (const user of poolUsers(await openPool(openTarget(options)))) {
        await print(json ? JSON.stringify(user) : row(user.sub, user.handle ?? '-', user.email, user.status));
      }
    });
}
