import type { Command } from 'commander';
import { linkIdentity } from '../../admin/users/link-identity.ts';
import { newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import { print } from '../console/print.ts';
import { addTarget, announce, openTarget, type TargetOptions } from '../console/target.ts';

export function addLink(program: Command): void {
  addTarget(program.command('link'))
    .description(
      'sets by hand the Cognito id that somebody signs in with; the one before opens nothing any more, after a minute at most',
    )
    .argument('<handle>')
    .argument('<sub>', 'the Cognito id: bin/cognito list-users shows them')
    .addHelpText('after', '\nExample:\n  $ bin/users link grahams 0c9f6d52-4b0e-4d8e-9a7c-5b1f0e6a2d31')
    .action(async (handle: string, sub: string, options: TargetOptions) => {
      const target = openTarget(options);
      await announce(target);
      const deps = newDeps(target.table);
      const person = await findUser(deps, handle);
      const before = await linkIdentity(deps, person.user_uuid, sub);
      await print(before === undefined ? `${person.handle} has this id already.` : `${person.handle} has this id now.`);
    });
}
