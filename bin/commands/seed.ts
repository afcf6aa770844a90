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
import { addTarget, announce, openTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  users?: number;
  messages?: number;
}

// Transactions under way at once. More of them make DynamoDB Local no faster.
const lanes = 4;

const help = `
The seeds are three people and a conversation; what is there already stays as it is. With --users and --messages it makes new
people, and conversations among them, instead: each in transactions that leave it whole, so Ctrl-C breaks nothing.

Examples:
  $ bin/ddb seed
  $ bin/ddb seed --users 1000 --messages 1000000`;

export function addSeed(program: Command): void {
  addTarget(program.command('seed'))
    .description('loads the seeds, or as much made-up data as asked for')
    .option('--users <n>', 'make so many people', wholeNumber(2, 1_000_000))
    .option('--messages <n>', 'and so many messages among them', wholeNumber(1, 100_000_000))
    .addHelpText('after', help)
    .action(async ({ users, messages, ...options }: Options) => {
      if ((users === undefined) !== (messages === undefined))
        throw new CommandError('--users and --messages go together.');
      const target = openTarget(options);
      await announce(target);
      const deps = newDeps(target.table, { retryBudget: 60_000 });
      await print(users && messages ? await generate(deps, users, messages) : await loadSeeds(deps));
    });
}

/** @returns what was done, as a sentence */
export async function loadSeeds(deps: Deps): Promise<string> {
  const accounts = registeredSeedUsers();
  let added = 0;
  for (const account of accounts) if (await addSeedPerson(deps, account)) added++;
  const isNew = await importConversation(deps, seedConversation());
  const people = added > 0 ? `${added} people` : 'nobody new';
  return `Loaded the seeds: ${people}, ${isNew ? 'a conversation' : 'no conversation (they have one)'}.`;
}

/** Somebody who was linked to another Cognito id since is there all the same. */
async function addSeedPerson(deps: Deps, account: RegisteredUser): Promise<boolean> {
  const there = await getHandleOwner(deps.table, account.handle);
  if (there?.user_uuid === account.user_uuid) return false;
  try {
    await createUser(deps, account);
    return true;
  } catch (error) {
    if (!(error instanceof DomainError && error.is('handle_taken'))) throw error;
    throw new CommandError(`Somebody else is called ${account.handle} here: the seeds cannot be loaded.`);
  }
}

async function generate(deps: Deps, count: number, messages: number): Promise<string> {
  const progress = new Progress('seed', count + messages);
  const done = { people: 0, messages: 0, conversations: 0 };
  const tell = () => progress.update(done.people + done.messages);
  const people: RegisteredUser[] = [];
  try {
    await inLanes(generateUsers(count), async (account) => {
      people.push(await createUser(deps, account));
      done.people++;
      tell();
    });
    await inLanes(generateConversations(people, messages), async (conversation) => {
      await importConversation(deps, conversation, (stored) => {
        done.messages += stored;
        tell();
      });
      done.conversations++;
    });
  } finally {
    progress.stop();
  }
  return `Made ${done.people} people and ${done.messages} messages in ${done.conversations} conversations.`;
}

/** Works through a list that is made as it goes, several at once. When one fails, no other is begun. */
async function inLanes<T>(all: Iterable<T>, work: (one: T) => Promise<void>): Promise<void> {
  const waiting = all[Symbol.iterator]();
  const failures: unknown[] = [];
  const lane = async () => {
    for (let next = waiting.next(); !next.done && failures.length === 0; next = waiting.next())
      await work(next.value).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) throw failures[0];
}
