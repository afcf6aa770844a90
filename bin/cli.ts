import process from 'node:process';
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { openTable, type Table } from '../core/table/client.ts';
import { localCredentials } from '../offline/settings.ts';

// What the operator's commands have in common: the table that they work on, their exit codes, and what they read and print.
// Exit codes: 0 done; 1 done, and the answer is bad news; 2 not done: wrong use, or nothing to work on.

/** What does not need a stack trace: one line, exit code 2. */
export class Unusable extends Error {}

/** Where a command works. Offline unless told otherwise. */
export interface Target {
  table: string;
}

const port = () => process.env.DYNAMODB_PORT || '8000';

export function addTarget(command: Command): Command {
  return command.option('--table <name>', 'the table to work on', 'cruddur-messages');
}

export function openTarget({ table }: Target): Table {
  const endpoint = `http://localhost:${port()}`;
  return openTable(table, { endpoint, region: 'us-east-1', credentials: localCredentials });
}

/** Runs the command that the arguments name, and sees to it that every failure ends as one line and an exit code. */
export async function run(program: Command): Promise<void> {
  // Piped into `head`, whoever reads may go first: nothing is wrong then.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  try {
    await strict(program).parseAsync();
  } catch (error) {
    const line = lineFor(error);
    if (line === undefined) throw error;
    if (line) console.error(line);
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
  }
}

/** Commander's own messages as one line, without ending the process. */
function strict(command: Command): Command {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => {}, outputError: () => {} });
  command.commands.forEach(strict);
  return command;
}

/** @returns the line to print, an empty one when all is said, undefined for a bug */
function lineFor(error: unknown): string | undefined {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ''; // --help
    if (error.code === 'commander.help') return 'Which command? See --help.';
    return `${error.message.replace(/^error: /, '').split('\n')[0]} (see --help)`;
  }
  if (error instanceof Unusable) return error.message;
  const { name, code } = error as { name?: string; code?: string };
  if (code === 'ECONNREFUSED' || name === 'TimeoutError') {
    return `No DynamoDB answers on port ${port()} (DYNAMODB_PORT): start the stack first (npm start), or set DYNAMODB_PORT.`;
  }
  if (name === 'ResourceNotFoundException') {
    return `There is no such table on port ${port()} (DYNAMODB_PORT): start the stack (npm start), or name another by --table.`;
  }
  return undefined;
}

/** Reads an option's value that must be a whole number. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It is a whole number, ${from} to ${to}.`);
  };
}
