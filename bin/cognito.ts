// The commands of the user pool.
import { Command } from 'commander';
import { addCreateUser } from './commands/create-user.ts';
import { addListPoolUsers } from './commands/list-pool-users.ts';
import { addToken } from './commands/token.ts';

/** The command line of `bin/cognito`. */
export const program = new Command('bin/cognito')
  .description('Manages the user pool of cruddur-messages: of the local stack, or in AWS with --stage.')
  .addHelpText('after', '\nExamples:\n  $ bin/cognito list-users\n  $ bin/cognito token grahams');

addListPoolUsers(program);
addCreateUser(program, 'create-user');
addToken(program);
