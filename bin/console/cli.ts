import process from 'node:process';
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { DomainError, type ErrorCode } from '../../core/errors.ts';
import { CommandError } from './command-error.ts';
import { isLocalStage, ports } from './target.ts';

// How every command ends. Exit codes: 0 done; 1 done, and the answer is bad news; 2 not done: wrong use, or nothing to work on.

// Piped into `head`, whoever reads may go first: nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** Runs the command that the arguments name, and sees to it that every failure ends as one line and an exit code. */
export async function run(program: Command, argv = process.argv): Promise<void> {
  let isInAws = false;
  strict(program).hook('preAction', (_, command) => {
    isInAws = !isLocalStage(command.opts().stage);
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    const line = lineFor(error, isInAws);
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
function lineFor(error: unknown, isInAws: boolean): string | undefined {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ''; // --help
    if (error.code === 'commander.help') return 'Which command? See --help.';
    return `${error.message.replace(/^error: /, '').split('\n')[0]} (see --help)`;
  }
  if (error instanceof CommandError) return error.message;
  if (error instanceof DomainError) return error.issues.map(sentence).join(' ');
  const { name = '', message = '', code, errors, $metadata } = error as SdkError;
  if (code === 'ECONNREFUSED') return notRunning(String((errors?.[0] ?? (error as { port?: number })).port));
  if (name === 'TimeoutError')
    return isInAws ? 'AWS does not answer.' : 'There is no answer. Is the stack still running?';
  if (name === 'ResourceNotFoundException' && !isInAws) {
    return `There is no such table on port ${ports().dynamodb} (DYNAMODB_PORT): start the stack (npm start), or name another by --table.`;
  }
  // What AWS says no to, and what is missing to ask it at all.
  const saysNo = $metadata !== undefined || name === 'CredentialsProviderError' || /region is missing/i.test(message);
  return saysNo ? `${isInAws ? 'AWS' : 'The stack'} says no: ${name}: ${message.split('\n')[0]}` : undefined;
}

interface SdkError {
  name?: string;
  message?: string;
  code?: string;
  errors?: { port?: number }[];
  $metadata?: object;
}

function notRunning(port: string): string {
  if (port === ports().cognito) {
    return `Sign-in does not answer on port ${port} (COGNITO_PORT): start the stack first (npm start), or set COGNITO_PORT.`;
  }
  return `No DynamoDB answers on port ${port} (DYNAMODB_PORT): start the stack first (npm start), or set DYNAMODB_PORT.`;
}

const errorMessages: Partial<Record<ErrorCode, string>> = {
  handle_unknown: 'Nobody has this handle.',
  handle_taken: 'Somebody has this handle already.',
  identity_taken: 'This Cognito id is somebody else’s.',
  message_group_unknown: 'There is no such conversation.',
  message_group_uuid_invalid: 'This is no UUID.',
  throttled: 'DynamoDB is too busy: try again later.',
  message_group_busy: 'Too many write to this conversation: try again later.',
};

function sentence({ code, field }: { code: ErrorCode; field?: string }): string {
  return errorMessages[code] ?? `${code}${field ? ` (${field})` : ''}.`;
}

/** Reads an option's value that must be a whole number. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It is a whole number, ${from} to ${to}.`);
  };
}
