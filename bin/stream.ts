// bin/stream <command>: what the operator does about the table's stream. Each says more with --help.
import { Command } from 'commander';
import { addRedrive } from './commands/redrive.ts';

/** What `bin/stream` runs. */
export const program = new Command('bin/stream')
  .description('Looks after what the stream of cruddur-messages has left behind.')
  .addHelpText('after', '\nExample:\n  $ bin/stream redrive');

addRedrive(program);
