// The user pool's commands. Each says more with --help.
import { Command } from 'commander';
import { addCreateUser } from './commands/create-user.ts';
import { addListUsers } from './commands/list-pool-users.ts';
import { addToken } from './commands/token.ts';

/** What `bin/cognito` runs. */
export const program = new Command('bin/cognito')
  .description('Looks after who can sign in to cruddur-messages: on this machine, or in AWS with --stage.')
  .addHelpText('after', '\nExamples:\n  $ bin/cognito list-users\n  $ bin/cognito token grahams');

addListUsers(program);
addCreateUser(program, 'create-user');
addToken(program);
