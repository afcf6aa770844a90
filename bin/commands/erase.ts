import process from 'node:process';
import type { Command } from 'commander';
import { type ErasureOutcome, goOnErasing, withoutSockets } from '../../admin/users/erase.ts';
import { beginErasure } from '../../core/begin-erasure.ts';
import { newDeps } from '../../core/deps.ts';
import { findUser } from '../../core/find-user.ts';
import { deletePoolUser, openPool } from '../console/pool.ts';
import { print, toJson } from '../console/print.ts';
import {
  addConfirmation,
  addTarget,
  type ConfirmationOptions,
  confirm,
  openTarget,
  printWriteTarget,
  type TargetOptions,
} from '../console/target.ts';

const help = `
From then on nobody finds the user, and nobody can write to them. What they wrote, their names and settings are erased; others keep what
they wrote themselves. It cannot be undone. The handle can be taken again after 30 days. The table's stream holds what was erased for
24 hours more, its backups for 35 days, and a report that is open until it is resolved.

An erasure ends a minute after it began at the earliest: the service goes on with it once a minute. Without a handle, the command goes on
with all erasures, deletes from the user pool whom their own request left there, and says what stands still.

Exit code: 0 nothing stands still; 1 an erasure stands still: its line says why.

Examples:
  $ bin/users erase mira
  $ bin/users erase --stage dev`;

export function addErase(program: Command): void {
  addConfirmation(addTarget(program.command('erase')))
    .description('erases a user, or goes on with all erasures that were begun')
    .argument('[handle]', 'the handle of the user')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', help)
    .action(run);
}

async function run(
  handle: string | undefined,
  { json, ...options }: TargetOptions & ConfirmationOptions & { json?: true },
): Promise<void> {
  const target = openTarget(options);
  const deps = newDeps(target.table);
  if (handle !== undefined) {
    const user = await findUser(deps, handle);
    await confirm(target, `Erase ${user.handle} with all that they wrote`, options);
    await beginErasure({ ...deps, sockets: withoutSockets }, user.user_uuid);
  } else await printWriteTarget(target);
  const pool = await openPool(target, 'Writes to');
  const outcomes = await goOnErasing(deps, (sub) => deletePoolUser(pool, sub));
  if (outcomes.some(({ failure }) => failure)) process.exitCode = 1;
  for (const outcome of outcomes) await print(json ? toJson(outcome) : asText(outcome));
  if (outcomes.length === 0 && !json) await print('Nothing is left to erase.');
}

function asText({ user_uuid, erased, failure }: ErasureOutcome): string {
  if (failure) return `${user_uuid} stands still: ${failure}`;
  return erased
    ? `${user_uuid} is erased.`
    : `${user_uuid} is gone for others; the service erases the rest within minutes.`;
}
