// The commands of the users.
import { Command } from 'commander';
import { addCreateUser } from './commands/create-user.ts';
import { addErase } from './commands/erase.ts';
import { addExportUser } from './commands/export-user.ts';
import { addLink } from './commands/link.ts';
import { addListTableUsers } from './commands/list-table-users.ts';
import { addStandings } from './commands/standing.ts';
import { addUpdateCognitoIds } from './commands/update-cognito-ids.ts';

/** The command line of `bin/users`. */
export const program = new Command('bin/users')
  .description('Manages the users of cruddur-messages: of the local stack, or in AWS with --stage.')
  .addHelpText('after', '\nExamples:\n  $ bin/users list\n  $ bin/users add mira --email mira@example.com');

addListTableUsers(program);
addCreateUser(program, 'add');
addLink(program);
addUpdateCognitoIds(program);
addStandings(program);
addErase(program);
addExportUser(program);
