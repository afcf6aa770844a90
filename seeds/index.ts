import { append, emptyHead, type Head, markRead } from '../core/model/head.ts';
import { uuid } from '../core/model/id.ts';
import { inboxRow } from '../core/model/inbox.ts';
import type { Message } from '../core/model/message.ts';
import { parse } from '../core/model/parse.ts';
import { type Account, accountSchema } from '../core/model/person.ts';
import { fromMicros, timestamp, toMicros } from '../core/model/time.ts';
import { headItem, type Item, inboxRowItem, messageItem, pairItem, personItems } from '../core/table/items.ts';
import { lines } from './conversation.ts';
import { people } from './people.ts';

const toUuid = (text: string) => parse(uuid('message_group_uuid_invalid'), text);

/** The conversation of grahams and reef. */
export const seedGroup = toUuid('5ae290ed-55d1-47a0-bc6d-fe2bc2700399');
const firstMessageAt = parse(timestamp('created_at_invalid'), '2024-11-03T18:04:11.250731+00:00');
const minute = 60_000_000; // microseconds

/** How many of reef's last lines grahams has not read. */
const unreadByGrahams = 2;

/**
 * The items that a new local table starts with: three people, and one conversation of two of them, a line a minute. Made by the
 * core's own rules and item builders, so that they cannot disagree with the code.
 */
export function seedItems(): Item[] {
  const accounts = people.map((person) => parse(accountSchema, person));
  const [grahams, reef] = accounts as [Account, Account, Account];
  const { head: written, messages } = speak({ grahams, reef });

  const lastReadByGrahams = messages.at(-1 - unreadByGrahams) as Message;
  const newest = messages.at(-1) as Message;
  const read = markRead(markRead(written, grahams.user_uuid, lastReadByGrahams), reef.user_uuid, newest);
  const place = newest.created_at;
  const head: Head = { ...read, inbox_at: place, shown_at: place, rows_rev: 1 };

  return [
    ...accounts.flatMap(personItems),
    pairItem(grahams.user_uuid, reef.user_uuid, seedGroup),
    headItem(head),
    ...messages.map(messageItem),
    ...[grahams, reef].map(({ user_uuid }) => inboxRowItem(user_uuid, inboxRow(head, newest, user_uuid), place)),
  ];
}

function speak(accounts: Record<'grahams' | 'reef', Account>): { head: Head; messages: Message[] } {
  const { grahams, reef } = accounts;
  const messages: Message[] = [];
  let head = emptyHead(seedGroup, asPerson(grahams), asPerson(reef));
  for (const [index, [handle, text]] of lines.entries()) {
    const next = append(head, {
      sender: asPerson(accounts[handle]),
      message_uuid: toUuid(`00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`),
      message: text,
      now: fromMicros(toMicros(firstMessageAt) + index * minute),
    });
    head = next.head;
    messages.push(next.message);
  }
  return { head, messages };
}

const asPerson = ({ user_uuid, handle, display_name }: Account) => ({ user_uuid, handle, display_name });
