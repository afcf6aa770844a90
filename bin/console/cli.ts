import process from 'node:process';
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { errorLine } from './error-line.ts';
import { isLocalStage } from './target.ts';
import { wrapHelp } from './wrap-help.ts';

// Exit codes of every command: 0 success; 1 it ran and found problems; 2 it could not run (wrong usage, no connection, no table).

// A reader such as `head` may close the pipe early: that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  console.error(`The output cannot be written: ${error.message}`);
  process.exit(2);
});
// Where errors cannot be printed, the exit code still tells of them.
process.stderr.on('error', () => {});

let isInAws = false;

/** Runs the command that the arguments name. An error is printed to stderr as one line and sets the exit code. */
export async function run(program: Command, argv = process.argv): Promise<void> {
  isInAws = false;
  returnErrors(program).hook('preAction', (_, command) => {
    isInAws = !isLocalStage(command.opts().stage);
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    const line = errorLine(error, isInAws);
    if (line) console.error(line);
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
  }
}

/** Ends the process for an error that no code has caught. */
export function fail(error: unknown): never {
  console.error(errorLine(error, isInAws));
  process.exit(2);
}

/** Makes commander throw its errors instead of printing them and ending the process. */
function returnErrors(command: Command): Command {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => process.stdout.write(wrapHelp(text, process.stdout.columns ?? 80)),
      writeErr: () => {},
      outputError: () => {},
    });
  command.commands.forEach(returnErrors);
  return command;
}

/** @returns a parser for the value of an option that is a whole number in this range */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`Use a whole number from ${from} to ${to}.`);
  };
}
