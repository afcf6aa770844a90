import type { Command } from 'commander';
import { scanHeads } from '../../admin/scan-table.ts';
import { type Deps, deadlineOf, newDeps } from '../../core/deps.ts';
import { domainError } from '../../core/errors.ts';
import { findUser } from '../../core/find-user.ts';
import { participantsOf } from '../../core/known-users.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages } from '../../core/list-messages.ts';
import { uuid } from '../../core/model/id.ts';
import type { InboxRow } from '../../core/model/inbox.ts';
import type { Message } from '../../core/model/message.ts';
import { parse } from '../../core/model/parse.ts';
import { getHead } from '../../core/table/reads.ts';
import { seedConversationUuid } from '../../seeds/index.ts';
import { seedUsers } from '../../seeds/users.ts';
import { wholeNumber } from '../console/cli.ts';
import { CommandError } from '../console/command-error.ts';
import { columns, excerpt, print, readableTime, styled, toJson } from '../console/print.ts';
import { captureRawResponses } from '../console/raw-response.ts';
import { addTarget, openTarget, printReadTarget, type TargetOptions } from '../console/target.ts';

interface Options extends TargetOptions {
  limit: number;
  json?: true;
  utc?: true;
}

const handleWidth = 16;
const timeWidth = 19;
const excerptLength = 40; // characters

export function addPatterns(program: Command): void {
  const patterns = program
    .command('patterns')
    .description('runs an access pattern with the service’s own queries')
    .addHelpText('after', '\nExample:\n  $ bin/ddb patterns list-conversations grahams');
  addPattern(patterns, 'get-conversation')
    .description('access pattern A: lists the newest messages of a conversation, oldest first')
    .argument('[message_group_uuid]', 'the conversation (default on the local stack: that of grahams and reef)')
    .addHelpText(
      'after',
      '\nExample:\n  $ bin/ddb patterns get-conversation 5ae290ed-55d1-47a0-bc6d-fe2bc2700399 --limit 5',
    )
    .action(getConversation);
  addPattern(patterns, 'list-conversations')
    .description('access pattern B: lists the conversations of a user, most recent activity first')
    .argument('[handle]', 'the handle of the user (default on the local stack: grahams)')
    .option('--all', 'list all conversations of the table, unordered')
    .addHelpText(
      'after',
      '\nExamples:\n  $ bin/ddb patterns list-conversations reef\n  $ bin/ddb patterns list-conversations --all',
    )
    .action(listConversations);
}

const mostRows = 100; // the longest page of the service

const addPattern = (patterns: Command, name: string) =>
  addTarget(patterns.command(name))
    .option('--limit <n>', 'list at most this many', wholeNumber(1, mostRows), 20)
    .option('--json', 'print one JSON object per line, without the raw response')
    .option('--utc', 'show times in UTC (default: this machine’s time zone)');

const moreWith = (limit: number) =>
  limit < mostRows ? `--limit ${mostRows} shows more` : 'bin/ddb scan shows the others too';

async function getConversation(id: string | undefined, { limit, json, utc, ...options }: Options): Promise<void> {
  const target = openTarget(options);
  if (!id && target.stage) throw new CommandError('With --stage, name the message_group_uuid of a conversation.');
  const conversation = parse(uuid('message_group_uuid_invalid'), id ?? seedConversationUuid);
  await printReadTarget(target);
  const deps = newDeps(target.table);
  const head = await getHead(deps.table, conversation);
  if (!head) throw domainError('message_group_unknown');
  const rawResponses = captureRawResponses(deps.table, 'QueryCommand');
  const [reader] = await participantsOf(deps, head, deadlineOf(deps));
  const page = await listMessages(deps, reader, { message_group_uuid: conversation, limit });
  const { messages } = page;
  if (json) for (const message of messages) await print(toJson(message));
  else {
    for (const line of rawResponses) await print(line);
    for (const message of messages) await print(messageLine(message, utc === true));
  }
  if (page.next) console.error(`These are the newest ${messages.length} messages: ${moreWith(limit)}.`);
}

function messageLine({ sender, created_at, message }: Message, utc: boolean): string {
  return columns([
    [sender.handle, handleWidth],
    [styled('dim', readableTime(created_at, utc))],
    [excerpt(message, excerptLength)],
  ]);
}

async function listConversations(
  handle: string | undefined,
  { limit, json, utc, all, ...options }: Options & { all?: true },
): Promise<void> {
  const target = openTarget(options);
  const deps = newDeps(target.table);
  if (all) {
    if (handle) throw new CommandError('Use either a handle or --all, not both.');
    await printReadTarget(target);
    return listAll(deps, { json: json === true, utc: utc === true });
  }
  if (!handle && target.stage) throw new CommandError('With --stage, name the handle of a user, or use --all.');
  await printReadTarget(target);
  const user = await findUser(deps, handle ?? (seedUsers[0]?.handle as string));
  const rawResponses = captureRawResponses(deps.table, 'QueryCommand');
  const { rows, next } = await listMessageGroups(deps, user, { limit });
  if (json) for (const row of rows) await print(toJson(row));
  else {
    for (const line of rawResponses) await print(line);
    for (const row of rows) await print(rowLine(row, utc === true));
  }
  if (next) console.error(`These are the ${rows.length} most recent conversations: ${moreWith(limit)}.`);
}

function rowLine({ other, last_message_at, message, unread_count: unread }: InboxRow, utc: boolean): string {
  return columns([
    [other.handle, handleWidth],
    [styled('dim', readableTime(last_message_at, utc))],
    [(unread > 0 ? `${unread} new` : '').padEnd(7)],
    [excerpt(message, excerptLength)],
  ]);
}

async function listAll(deps: Deps, { json, utc }: { json: boolean; utc: boolean }): Promise<void> {
  let isEmpty = true;
  for await (const head of scanHeads(deps)) {
    isEmpty = false;
    if (json) {
      await print(toJson(head));
      continue;
    }
    const [one, other] = await participantsOf(deps, head, deadlineOf(deps));
    const count = Object.values(head.sent).reduce((sum, sent) => sum + sent, 0);
    await print(
      columns([
        [head.message_group_uuid],
        [one.handle, handleWidth],
        [other.handle, handleWidth],
        [styled('dim', readableTime(head.last_message_at, utc)), timeWidth],
        [`${count} messages`],
      ]),
    );
  }
  if (isEmpty && !json) await print('The table has no conversations.');
}
