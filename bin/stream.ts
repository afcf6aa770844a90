// The commands of the table's stream.
import { Command } from 'commander';
import { addRedrive } from './commands/redrive.ts';

/** The command line of `bin/stream`. */
export const program = new Command('bin/stream')
  .description(
    'Redrives records of the table’s stream that could not be processed: of the local stack, or in AWS with --stage.',
  )
  .addHelpText('after', '\nExample:\n  $ bin/stream redrive');

addRedrive(program);
