import type { Command } from 'commander';
import { importConversation } from '../../admin/import/import-conversation.ts';
import { createUser } from '../../core/create-user.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { DomainError } from '../../core/errors.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { getHandleOwner } from '../../core/table/reads.ts';
import { generateConversations, generateUsers } from '../../seeds/generate.ts';
import { registeredSeedUsers, seedConversation } from '../../seeds/index.ts';
import { wholeNumber } from '../console/cli.ts';
import { CommandError } from '../console/command-error.ts';
import { print } from '../console/print.ts';
import { Progress } from '../console/progress.ts';
import {
  addConfirmation,
  addTarget,
  type ConfirmationOptions,
  confirm,
  isProduction,
  openTarget,
  printWriteTarget,
  type TargetOptions,
} from '../console/target.ts';

interface Options extends TargetOptions, ConfirmationOptions {
  users?: number;
  messages?: number;
}

// More concurrent transactions are not faster with DynamoDB Local.
const concurrency = 4;

const help = `
The seeds are three users and one conversation. Users and conversations that exist already are not changed. With --users and
--messages, new users and conversations between them are generated instead. Every transaction leaves the data consistent, so
Ctrl-C does no harm. On a production stage the command needs --force, and asks for confirmation.

Examples:
  $ bin/ddb seed
  $ bin/ddb seed --users 1000 --messages 1000000`;

export function addSeed(program: Command): void {
  addConfirmation(addTarget(program.command('seed')))
    .description('loads the seeds, or generated data')
    .option('--users <n>', 'generate this many users', wholeNumber(2, 1_000_000))
    .option('--messages <n>', 'generate this many messages between them', wholeNumber(1, 100_000_000))
    .addHelpText('after', help)
    .action(async ({ users, messages, ...options }: Options) => {
      if ((users === undefined) !== (messages === undefined))
        throw new CommandError('Use --users and --messages together.');
      const target = openTarget(options);
      if (isProduction(target)) await confirm(target, `Load test data into ${target.table.name}`, options);
      else await printWriteTarget(target);
      const deps = newDeps(target.table, { retryBudget: 60_000 });
      await print(users && messages ? await generate(deps, users, messages) : await loadSeeds(deps));
    });
}

/** @returns a sentence for the operator: what was created */
export async function loadSeeds(deps: Deps): Promise<string> {
  let created = 0;
  for (const user of registeredSeedUsers()) if (await createSeedUser(deps, user)) created++;
  const isNew = await importConversation(deps, seedConversation());
  return `Loaded the seeds: ${created} new users, ${isNew ? '1 new conversation' : 'no new conversation'}.`;
}

/**
 * @returns false when the user exists already, even with another Cognito id
 * @throws CommandError when another user has the handle
 */
async function createSeedUser(deps: Deps, user: RegisteredUser): Promise<boolean> {
  const owner = await getHandleOwner(deps.table, user.handle);
  if (owner?.user_uuid === user.user_uuid) return false;
  try {
    await createUser(deps, user);
    return true;
  } catch (error) {
    if (!(error instanceof DomainError && error.is('handle_taken'))) throw error;
    throw new CommandError(
      `Another user of this table has the handle ${user.handle}: load the seeds into an empty table.`,
    );
  }
}

async function generate(deps: Deps, count: number, messages: number): Promise<string> {
  const progress = new Progress('seed', count + messages);
  const created = { users: 0, messages: 0, conversations: 0 };
  const showProgress = () => progress.update(created.users + created.messages);
  const users: RegisteredUser[] = [];
  try {
    await forEachConcurrently(generateUsers(count), async (user) => {
      users.push(await createUser(deps, user));
      created.users++;
      showProgress();
    });
    await forEachConcurrently(generateConversations(users, messages), async (conversation) => {
      await importConversation(deps, conversation, (stored) => {
        created.messages += stored;
        showProgress();
      });
      created.conversations++;
    });
  } finally {
    progress.stop();
  }
  return `Created ${created.users} users and ${created.messages} messages in ${created.conversations} conversations.`;
}

/**
 * Calls `work` for the values of a lazy iterable, with a fixed number of calls at a time. After a failure it starts
 * no further call.
 * @throws the first failure, after the running calls have ended
 */
async function forEachConcurrently<T>(values: Iterable<T>, work: (value: T) => Promise<void>): Promise<void> {
  const iterator = values[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = iterator.next(); !next.done && failures.length === 0; next = iterator.next())
      await work(next.value).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failures.length > 0) throw failures[0];
}
