import type { Command } from 'commander';
import { setStanding } from '../../admin/users/standing.ts';
import { newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Standing } from '../../core/model/user.ts';
import { print } from '../console/print.ts';
import { addTarget, openTarget, printWriteTarget, type TargetOptions } from '../console/target.ts';

type Changes = { [Name in keyof Standing]?: Standing[Name] | undefined };

/** A command that changes the standing of one user: suspended or not, trusted or not. */
function addStanding(
  program: Command,
  name: string,
  { description, changes, outcome }: { description: string; changes: (now: Timestamp) => Changes; outcome: string },
): void {
  addTarget(program.command(name))
    .description(description)
    .argument('<handle>', 'the handle of the user')
    .addHelpText('after', `\nExample:\n  $ bin/users ${name} grahams`)
    .action(async (handle: string, options: TargetOptions) => {
      const target = openTarget(options);
      await printWriteTarget(target);
      const deps = newDeps(target.table);
      const user = await findUser(deps, handle);
      await setStanding(deps, user.user_uuid, changes(deps.now()));
      await print(`${user.handle} ${outcome}`);
    });
}

export function addStandings(program: Command): void {
  addStanding(program, 'suspend', {
    description: 'refuses all requests of a user, and messages to them, within a minute',
    changes: (now) => ({ suspended_at: now }),
    outcome: 'is suspended: their requests are refused within a minute.',
  });
  addStanding(program, 'restore', {
    description: 'ends the suspension of a user, within a minute',
    changes: () => ({ suspended_at: undefined }),
    outcome: 'is not suspended: their requests are answered again within a minute.',
  });
  addStanding(program, 'trust', {
    description: 'exempts a user, such as a bot, from the limits on messages before a reply and on new conversations',
    changes: () => ({ trusted: true }),
    outcome: 'is trusted: the limits on first contacts do not hold for them.',
  });
  addStanding(program, 'distrust', {
    description: 'takes the trust back',
    changes: () => ({ trusted: undefined }),
    outcome: 'is not trusted: all limits hold for them.',
  });
}
