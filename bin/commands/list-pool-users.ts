import type { Command } from 'commander';
import { type ListedUser, openPool, poolUsers } from '../console/pool.ts';
import { print, printRows, toJson } from '../console/print.ts';
import { addTarget, openTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  json?: true;
  map?: true;
}

const help = `
The handle is the one that the user requested at sign-up. bin/users list shows the handles that users have, with their Cognito ids.

Examples:
  $ bin/cognito list-users
  $ bin/cognito list-users --map`;

export function addListPoolUsers(program: Command): void {
  addTarget(program.command('list-users'))
    .description('lists the users of the pool: sub, handle requested at sign-up, e-mail address, status')
    .option('--json', 'print one JSON object per line')
    .option('--map', 'print one JSON object: the sub of each handle')
    .addHelpText('after', help)
    .action(async ({ json, map, ...options }: Options) => {
      const users = poolUsers(await openPool(openTarget(options), 'Reads'));
      if (map) return printMap(users);
      await printRows(users, {
        json: json === true,
        none: 'The user pool has no users.',
        table: [
          ['SUB', ({ sub }) => sub, 36],
          ['HANDLE', ({ handle }) => handle ?? '-', 20],
          ['E-MAIL', ({ email }) => email, 32],
          ['STATUS', ({ status }) => status],
        ],
      });
    });
}

/** Prints the map as one object. A user without a handle, or with one that another user requested too, is not in it: stderr says so. */
async function printMap(users: AsyncIterable<ListedUser>): Promise<void> {
  const subs = new Map<string, string[]>();
  for await (const { handle = '', sub } of users) subs.set(handle, [...(subs.get(handle) ?? []), sub]);
  const isClear = ([handle, ids]: [string, string[]]) => handle !== '' && ids.length === 1;
  const entries = [...subs].filter(isClear).map(([handle, ids]) => [handle, ids[0]]);
  const left = [...subs].filter((entry) => !isClear(entry)).reduce((count, [, ids]) => count + ids.length, 0);
  await print(toJson(Object.fromEntries(entries), 2));
  if (left > 0) console.error(`Not in the map: ${left} users without a handle of their own in the pool.`);
}
