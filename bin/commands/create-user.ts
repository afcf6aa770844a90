import { randomBytes } from 'node:crypto';
import process from 'node:process';
import type { Command } from 'commander';
import { linkIdentity } from '../../admin/users/link-identity.ts';
import { createUser } from '../../core/create-user.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import { parse } from '../../core/model/parse.ts';
import { type RegisteredUser, registeredUserSchema } from '../../core/model/user.ts';
import { getHandleOwner } from '../../core/table/reads.ts';
import { getRegisteredUser } from '../../core/table/users.ts';
import { seedPassword } from '../../seeds/users.ts';
import { createPoolUser, findPoolUser, openPool, setPassword } from '../console/pool.ts';
import { print, toJson } from '../console/print.ts';
import { addTarget, openTarget, printWriteTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  email: string;
  name?: string;
  json?: true;
}

const help = `
The password is taken from COGNITO_PASSWORD. Without it, the local stack uses the seeds' password; in AWS one is generated and
printed once. An interrupted run can be repeated: a user who exists only in the pool or only in the table is added to the other.

Example:
  $ bin/users add mira --email mira@example.com --name "Mira Solberg"`;

/** Adds the command under the name that the program has for it. */
export function addCreateUser(program: Command, name: string): void {
  addTarget(program.command(name))
    .description('creates a user in the user pool and in the table')
    .argument('<handle>', 'the unique name that others find the user by')
    .requiredOption('--email <address>', 'the address that the user signs in with')
    .option('--name <display name>', 'the display name (default: the handle)')
    .option('--json', 'print the user as one JSON object')
    .addHelpText('after', help)
    .action(run);
}

async function run(handle: string, { email: address, name = handle, json, ...options }: Options): Promise<void> {
  // Cognito ignores the case of an address, so the table and the pool get one spelling of it.
  const email = address.toLowerCase();
  const target = openTarget(options);
  const deps = newDeps(target.table);
  const input = { user_uuid: deps.newId(), handle, display_name: name, email };
  const checked = parse(registeredUserSchema, { ...input, cognito_user_id: 'not known yet' });
  await printWriteTarget(target);
  const pool = await openPool(target, 'Writes to');
  const existing = await existingUser(deps, checked);
  const fromEnvironment = process.env.COGNITO_PASSWORD;
  const password = fromEnvironment || (pool.isLocal ? seedPassword : generatePassword());
  // The password is set last. If the command is interrupted before, the user still needs one, and the next run sets it.
  // A user who can sign in keeps their Cognito id: another user of the pool may have their address by now.
  const { sub, needsPassword } =
    (existing && (await findPoolUser(pool, existing.cognito_user_id))) ??
    (await createPoolUser(pool, { email, handle: checked.handle, name: checked.display_name, password }));
  if (existing) await linkIdentity(deps, existing.user_uuid, sub);
  const user = existing ?? (await createUser(deps, { ...input, cognito_user_id: sub }));
  if (needsPassword) await setPassword(pool, sub, password); // not by the address, which may be another user's in the pool

  const { user_uuid, display_name } = user;
  const generated = needsPassword && !pool.isLocal && !fromEnvironment ? { password } : {};
  if (json) return print(toJson({ user_uuid, handle: user.handle, display_name, sub, ...generated }));
  await print(`${user.handle} (${user_uuid}) signs in as ${email}.`);
  if (!needsPassword) await print('The user pool has this address already: its password was not changed.');
  if (generated.password) await print(`Password: ${generated.password}`);
}

/**
 * @returns the user in the table with this handle and e-mail address, for whom only the user in the pool is still
 * missing; undefined for a new user
 * @throws DomainError `handle_taken` when another user has the handle, before anything is written to the pool
 */
async function existingUser(deps: Deps, { handle, email }: RegisteredUser): Promise<RegisteredUser | undefined> {
  const owner = await getHandleOwner(deps.table, handle);
  const user = owner && (await getRegisteredUser(deps.table, owner.user_uuid));
  if (owner && user?.email.toLowerCase() !== email.toLowerCase()) throw domainError('handle_taken', 'handle');
  return user;
}

/** 24 random characters, followed by one of each kind that the password policy of a pool may require. */
const generatePassword = () => `${randomBytes(18).toString('base64url')}-aA1`;
