import process from 'node:process';
import type { Command } from 'commander';
import { newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import { getRegisteredUser } from '../../core/table/users.ts';
import { seedPassword } from '../../seeds/users.ts';
import { CommandError } from '../console/command-error.ts';
import { openPool, signIn } from '../console/pool.ts';
import { print } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

const help = `
The password comes from COGNITO_PASSWORD; on this machine it is the seeds' unless that is set.

Example:
  $ curl -s localhost:3000/api/me -H "Authorization: Bearer $(bin/cognito token grahams)"`;

export function addToken(program: Command): void {
  addTarget(program.command('token'))
    .description('signs somebody in and prints their access token, and nothing else')
    .argument('<handle>')
    .option('--id', 'their id token instead, which says who they are and opens nothing')
    .addHelpText('after', help)
    .action(async (handle: string, { id, ...options }: TargetOptions & { id?: true }) => {
      const target = openTarget(options);
      const deps = newDeps(target.table);
      const { user_uuid } = await findUser(deps, handle);
      const account = await getRegisteredUser(deps.table, user_uuid);
      if (!account)
        throw new CommandError(`The handle ${handle} is there, but not its person: bin/ddb doctor says more.`);
      const pool = await openPool(target);
      const password = process.env.COGNITO_PASSWORD || (pool.isLocal ? seedPassword : undefined);
      if (!password) throw new CommandError('Their password must be in COGNITO_PASSWORD.');
      const { accessToken, idToken } = await signIn(pool, account.email, password);
      await print(id ? idToken : accessToken);
    });
}
