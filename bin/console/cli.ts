import process from 'node:process';
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { DomainError, type ErrorCode } from '../../core/errors.ts';
import { CommandError } from './command-error.ts';
import { isLocalStage, ports } from './target.ts';

// Exit codes of every command: 0 success; 1 it ran and found problems; 2 it could not run (wrong usage, no connection, no table).

// A reader such as `head` may close the pipe early: that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/**
 * Runs the command that the arguments name. Expected failures are printed to stderr as one line and set the exit code.
 * @throws every other error: a bug, which needs its stack trace
 */
export async function run(program: Command, argv = process.argv): Promise<void> {
  let isInAws = false;
  returnErrors(program).hook('preAction', (_, command) => {
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

/** Makes commander throw its errors instead of printing them and ending the process. */
function returnErrors(command: Command): Command {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr: () => {}, outputError: () => {} });
  command.commands.forEach(returnErrors);
  return command;
}

/**
 * @returns the line to print for an error; empty after --help, for which commander itself has printed; undefined for
 * an unexpected error
 */
function lineFor(error: unknown, isInAws: boolean): string | undefined {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return '';
    if (error.code === 'commander.help') return 'A command is missing (see --help).';
    return `${error.message.replace(/^error: /, '').split('\n')[0]} (see --help)`;
  }
  if (error instanceof CommandError) return error.message;
  if (error instanceof DomainError) return error.issues.map(messageFor).join(' ');
  const { name = '', message = '', code, errors, $metadata } = error as SdkError;
  if (code === 'ECONNREFUSED') return notRunning(String((errors?.[0] ?? (error as { port?: number })).port));
  if (name === 'TimeoutError')
    return isInAws ? 'AWS does not answer: try again later.' : 'The local stack does not answer: is it still running?';
  if (name === 'ResourceNotFoundException' && !isInAws) {
    return `There is no such table on port ${ports().dynamodb} (DYNAMODB_PORT): start the stack (npm start), or name another table with --table.`;
  }
  const isSdkError =
    $metadata !== undefined || name === 'CredentialsProviderError' || /region is missing/i.test(message);
  return isSdkError
    ? `Request to ${isInAws ? 'AWS' : 'the local stack'} failed: ${name}: ${message.split('\n')[0]}`
    : undefined;
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
    return `No user pool answers on port ${port} (COGNITO_PORT): start the stack first (npm start), or set COGNITO_PORT.`;
  }
  return `No DynamoDB answers on port ${port} (DYNAMODB_PORT): start the stack first (npm start), or set DYNAMODB_PORT.`;
}

const errorMessages: Partial<Record<ErrorCode, string>> = {
  handle_unknown: 'No user has this handle: bin/users list shows all handles.',
  handle_taken: 'Another user has this handle: choose a different one.',
  identity_taken: 'Another user signs in with this Cognito id: bin/users list shows who.',
  message_group_unknown: 'There is no such conversation.',
  message_group_uuid_invalid: 'This is not a UUID.',
  throttled: 'DynamoDB is throttling: try again later.',
  message_group_busy: 'Too many concurrent writes: try again later.',
};

function messageFor({ code, field }: { code: ErrorCode; field?: string }): string {
  if (code === 'person_invalid') return `This is not a valid ${field ?? 'value'}.`;
  return errorMessages[code] ?? `${code}${field ? ` (${field})` : ''}.`;
}

/** @returns a parser for the value of an option that is a whole number in this range */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Use a whole number from ${from} to ${to}.`);
  };
}
