import { statSync } from 'node:fs';
import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { type ImportOutcome, importOriginals, type LeftOutConversation } from '../../admin/import/import-originals.ts';
import type { BadConversation } from '../../admin/import/merge-originals.ts';
import type { ItemFault } from '../../admin/import/original-items.ts';
import { zoneOffset } from '../../admin/import/original-time.ts';
import { scanTable } from '../../admin/scan-table.ts';
import { describeTable } from '../../admin/table/schema.ts';
import { newDeps } from '../../core/deps.ts';
import type { Item } from '../../core/table/items.ts';
import { CommandError } from '../console/command-error.ts';
import { itemsOf } from '../console/item-file.ts';
import { oneLine, print, toJson } from '../console/print.ts';
import {
  addConfirmation,
  addTarget,
  type ConfirmationOptions,
  confirm,
  openTarget,
  printReadTarget,
  printWriteTarget,
  type Target,
  type TargetOptions,
} from '../console/target.ts';

interface Options extends TargetOptions, ConfirmationOptions {
  timeZone: string;
  dryRun?: true;
  json?: true;
}

const help = `
The source is a table beside ours (in AWS, of the same account and region), or files: what "aws dynamodb scan" or
"bin/ddb scan --json" prints, or those of an export to S3, also as .gz. It is only read, unless it is our own table: then our items
take the place of the original's. In AWS, that needs a confirmation.

All conversations of two users become one, with the messages in the order of their times. Users are found by their id, their Cognito
id or their handle; a conversation of a user who is unknown here is left out. What is imported counts as read. A repeated import goes
on where it was interrupted, adds what is newer, and changes nothing else. Memory: about 1 KB for a message.

Exit code: 0 everything is in the table; 1 something was left out; 2 it could not run.

Examples:
  $ bin/ddb import export.json --dry-run
  $ bin/ddb import export/data/*.json.gz --time-zone America/Toronto
  $ bin/ddb import cruddur-messages --stage dev`;

export function addImport(program: Command): void {
  addConfirmation(addTarget(program.command('import')))
    .description('brings the conversations of the original service into the table')
    .argument('<source...>', 'a table, or files with its items')
    .option('--time-zone <zone>', 'the time zone of times that name none, such as Europe/Berlin or +02:00', zone, 'UTC')
    .option('--dry-run', 'write nothing, and print what would be done')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', help)
    .action(importAll);
}

async function importAll(sources: string[], { timeZone, dryRun, json, ...options }: Options): Promise<void> {
  const target = openTarget(options);
  const { items, inPlace } = await openSource(sources, target);
  if (dryRun) await printReadTarget(target);
  else if (inPlace) await confirm(target, `Replace the original's items in ${target.table.name}`, options);
  else await printWriteTarget(target);
  const deps = newDeps(target.table, { retryBudget: 60_000 });
  const counts = { messages: 0, imported: 0, unchanged: 0, leftOut: 0 };
  for await (const outcome of importOriginals(deps, items, { timeZone, dryRun, inPlace })) {
    if (outcome.result === 'unchanged') counts.unchanged++;
    else if (outcome.result === 'left_out') counts.leftOut++;
    else {
      counts.imported++;
      counts.messages += outcome.messages;
    }
    if (json) await print(toJson(outcome));
    else if (outcome.result !== 'unchanged') await print(oneLine(asText(outcome, dryRun === true)));
  }
  if (!json) await print(summary(counts, dryRun === true));
  if (counts.leftOut > 0) process.exitCode = 1;
}

/**
 * @returns the items of the source, and whether it is the table that the import writes to
 * @throws CommandError when the source is no table and no files
 */
async function openSource(
  sources: string[],
  { table }: Target,
): Promise<{ items: AsyncIterable<Item>; inPlace: boolean }> {
  const [name = ''] = sources;
  const files = sources.map((path) => ({ path, found: statSync(path, { throwIfNoEntry: false }) }));
  const folder = files.find(({ found }) => found?.isDirectory());
  if (folder) throw new CommandError(`${folder.path} is a folder: name the files in it.`);
  const isTable = sources.length === 1 && !files[0]?.found && /^[\w.-]{3,255}$/.test(name);
  if (!isTable) {
    const missing = files.find(({ found }) => !found);
    if (missing) throw new CommandError(`There is no file ${missing.path}.`);
    return { items: allItemsOf(sources), inPlace: false };
  }
  const source = { ...table, name };
  if (!(await describeTable(source))) throw new CommandError(`There is no file ${name}, and no table of this name.`);
  return { items: itemsOfTable(source), inPlace: name === table.name };
}

async function* allItemsOf(paths: string[]): AsyncGenerator<Item> {
  for (const path of paths) yield* itemsOf(path);
}

async function* itemsOfTable(table: Target['table']): AsyncGenerator<Item> {
  for await (const { item } of scanTable({ table })) yield item;
}

const itemFaults: Record<ItemFault, string> = {
  item_unknown: 'neither a message nor an inbox row',
  field_missing: 'it is missing or no text',
  uuid_invalid: 'it is not a UUID',
  time_invalid: 'it is not a time',
  time_in_future: 'the time is more than a day ahead',
  message_blank: 'it has no visible character',
  message_exceed_max_chars: 'it has more than 1024 characters',
  message_invalid: 'it is not valid Unicode',
  message_uuid_doubled: 'another message has the same id',
};

const conversationFaults: Record<(LeftOutConversation | BadConversation)['reason'], string> = {
  user_unknown: 'not a user here:',
  users_not_two: 'its items do not name exactly two users',
  messages_missing: 'it has no message',
  newer_messages: 'the conversation has newer messages, and these cannot be put before them',
  original_items: 'the table itself holds items of the original for it: import the table itself first',
  damaged: 'its items in the table contradict it, or users are writing to it: run bin/ddb doctor, and repeat',
  busy: 'users wrote to it during the import: repeat the import',
};

function asText(outcome: Exclude<ImportOutcome, { result: 'unchanged' }>, dryRun: boolean): string {
  if (outcome.result === 'imported') {
    const { message_group_uuid, handles, messages, merged } = outcome;
    const from = merged.length > 0 ? `, also from ${merged.join(', ')}` : '';
    return `${dryRun ? 'to import' : 'imported'}  ${message_group_uuid}  ${handles.join(' and ')}: ${counted(messages, 'message')}${from}`;
  }
  if ('key' in outcome) {
    const { key, reason, field } = outcome;
    return `left out  ${key}  ${field ? `${field}: ` : ''}${itemFaults[reason]}`;
  }
  const { message_group_uuids, reason } = outcome;
  const handles = 'handles' in outcome ? `${outcome.handles.join(' and ')}: ` : '';
  const users =
    'users' in outcome
      ? ` ${outcome.users?.map(nameOf).join(', ')}; add them with bin/users add HANDLE --email ADDRESS, and repeat`
      : '';
  const lacking = 'messages' in outcome ? ` (${counted(outcome.messages, 'message')})` : '';
  return `left out  ${message_group_uuids.join(', ')}  ${handles}${conversationFaults[reason]}${users}${lacking}`;
}

const nameOf = ({ user_uuid, handle }: { user_uuid: string; handle?: string }) =>
  handle === undefined ? user_uuid : `${handle} (${user_uuid})`;

const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;

function summary(
  {
    messages,
    imported,
    unchanged,
    leftOut,
  }: { messages: number; imported: number; unchanged: number; leftOut: number },
  dryRun: boolean,
): string {
  const done = dryRun ? 'Would import' : 'Imported';
  return `${done} ${counted(messages, 'message')} into ${counted(imported, 'conversation')}. Unchanged: ${counted(unchanged, 'conversation')}. Left out: ${leftOut}.`;
}

function zone(timeZone: string): string {
  try {
    zoneOffset(timeZone);
    return timeZone;
  } catch {
    throw new InvalidArgumentError('Use a name such as Europe/Berlin, or an offset such as +02:00.');
  }
}
