// bin/ddb <command>: the operator's commands on the table. Each says more with --help.
import { Command } from 'commander';
import { run } from './cli.ts';
import { addDoctor } from './doctor.ts';

const program = new Command('bin/ddb')
  .description('Commands on the table of cruddur-messages; on the local stack.')
  .addHelpText('after', '\nExample:\n  $ bin/ddb doctor');

addDoctor(program);
await run(program);
