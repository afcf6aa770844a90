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
import { createPoolUser, openPool, setPassword } from '../console/pool.ts';
import { print } from '../console/print.ts';
import { addTarget, announce, openTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  email: string;
  name?: string;
  json?: true;
}

const help = `
The password comes from COGNITO_PASSWORD. Without that it is the seeds' on this machine, and in AWS one that is made up and
printed once. What was interrupted can be done again: whoever is there already on one side is only added on the other.

Example:
  $ bin/users add mira --email mira@example.com --name "Mira Solberg"`;

/** Adds `create-user`, or whatever else it is called in a program. */
export function addCreateUser(program: Command, name: string): void {
  addTarget(program.command(name))
    .description('a new person who can sign in: in the user pool, and in the table')
    .argument('<handle>')
    .requiredOption('--email <address>', 'what they sign in with')
    .option('--name <display name>', 'the handle, unless told')
    .option('--json', 'the person as one JSON object')
    .addHelpText('after', help)
    .action(run);
}

async function run(handle: string, { email, name = handle, json, ...options }: Options): Promise<void> {
  const target = openTarget(options);
  const deps = newDeps(target.table);
  const wish = { user_uuid: deps.newId(), handle, display_name: name, email };
  const checked = parse(registeredUserSchema, { ...wish, cognito_user_id: 'not known yet' });
  await announce(target);
  const pool = await openPool(target);
  const there = await ownAccount(deps, checked);
  const given = process.env.COGNITO_PASSWORD;
  const password = given || (pool.isLocal ? seedPassword : madeUp());
  // The password comes last: interrupted before, they have none, and the next try gives them one.
  const { sub, needsPassword } = await createPoolUser(pool, { email, handle: checked.handle, password });
  if (there) await linkIdentity(deps, there.user_uuid, sub);
  const person = there ?? (await createUser(deps, { ...wish, cognito_user_id: sub }));
  if (needsPassword) await setPassword(pool, email, password);

  const { user_uuid, display_name } = person;
  const tell = needsPassword && !pool.isLocal && !given ? { password } : {};
  if (json) return print(JSON.stringify({ user_uuid, handle: person.handle, display_name, sub, ...tell }));
  await print(`${person.handle} (${user_uuid}) signs in as ${email}.`);
  if (!needsPassword) await print('The user pool knew this address already: its password stays.');
  if (tell.password) await print(`Password: ${tell.password}`);
}

/**
 * @returns who has the handle, if it is the one who is to be added: then only their sign-in is missing
 * @throws DomainError `handle_taken` when it is somebody else, before the pool gets somebody too many
 */
async function ownAccount(deps: Deps, { handle, email }: RegisteredUser): Promise<RegisteredUser | undefined> {
  const owner = await getHandleOwner(deps.table, handle);
  const account = owner && (await getRegisteredUser(deps.table, owner.user_uuid));
  if (owner && account?.email.toLowerCase() !== email.toLowerCase()) throw domainError('handle_taken', 'handle');
  return account;
}

/** Long, and with a character of each kind that a pool may ask for. */
const madeUp = () => `${randomBytes(18).toString('base64url')}-aA1`;
