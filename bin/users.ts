// The people's commands. Each says more with --help.
import { Command } from 'commander';
import { addCreateUser } from './commands/create-user.ts';
import { addLink } from './commands/link.ts';
import { addListPeople } from './commands/list-table-users.ts';
import { addUpdateCognitoIds } from './commands/update-cognito-ids.ts';

/** What `bin/users` runs. */
export const program = new Command('bin/users')
  .description('Looks after the people of cruddur-messages: on this machine, or in AWS with --stage.')
  .addHelpText('after', '\nExamples:\n  $ bin/users list\n  $ bin/users add mira --email mira@example.com');

addListPeople(program);
addCreateUser(program, 'add');
addLink(program);
addUpdateCognitoIds(program);
