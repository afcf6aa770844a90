import type { Command } from 'commander';
import { linkIdentity } from '../../admin/users/link-identity.ts';
import { newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import { print } from '../console/print.ts';
import { addTarget, openTarget, printWriteTarget, type TargetOptions } from '../console/target.ts';

export function addLink(program: Command): void {
  addTarget(program.command('link'))
    .description('sets the Cognito id that a user signs in with; the previous one stops working within a minute')
    .argument('<handle>', 'the handle of the user')
    .argument('<sub>', 'the Cognito id, as in bin/cognito list-users')
    .addHelpText('after', '\nExample:\n  $ bin/users link grahams 0c9f6d52-4b0e-4d8e-9a7c-5b1f0e6a2d31')
    .action(async (handle: string, sub: string, options: TargetOptions) => {
      const target = openTarget(options);
      await printWriteTarget(target);
      const deps = newDeps(target.table);
      const user = await findUser(deps, handle);
      const before = await linkIdentity(deps, user.user_uuid, sub);
      await print(
        before === undefined
          ? `${user.handle} has this Cognito id already: nothing was changed.`
          : `${user.handle} now signs in with this Cognito id.`,
      );
    });
}
