import process from 'node:process';
import type { Command } from 'commander';
import { newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import { getRegisteredUser } from '../../core/table/users.ts';
import { seedPassword } from '../../seeds/users.ts';
import { CommandError } from '../console/command-error.ts';
import { openPool, signIn } from '../console/pool.ts';
import { print } from '../console/print.ts';
import { addTarget, openTarget, printReadTarget, type TargetOptions } from '../console/target.ts';

const help = `
The password is taken from COGNITO_PASSWORD (default on the local stack: the seeds' password).

Example:
  $ curl -s localhost:3000/api/me -H "Authorization: Bearer $(bin/cognito token grahams)"`;

export function addToken(program: Command): void {
  addTarget(program.command('token'))
    .description('signs a user in and prints their access token, and nothing else')
    .argument('<handle>', 'the handle of the user')
    .option('--id', 'print the id token instead, which the API rejects')
    .addHelpText('after', help)
    .action(async (handle: string, { id, ...options }: TargetOptions & { id?: true }) => {
      const target = openTarget(options);
      await printReadTarget(target);
      const deps = newDeps(target.table);
      const { user_uuid } = await findUser(deps, handle);
      const user = await getRegisteredUser(deps.table, user_uuid);
      if (!user)
        throw new CommandError(`The handle ${handle} exists, but its user item is missing: run bin/ddb doctor.`);
      const pool = await openPool(target, 'Reads');
      const password = process.env.COGNITO_PASSWORD || (pool.isLocal ? seedPassword : undefined);
      if (!password) throw new CommandError('Set COGNITO_PASSWORD to the password of the user.');
      // Not by their address in the table: in the pool it may be another user's by now.
      const { accessToken, idToken } = await signIn(pool, user.cognito_user_id, password);
      await print(id ? idToken : accessToken);
    });
}
