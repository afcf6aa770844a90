import { checkConversation } from '../../../admin/doctor/check-conversation.ts';
import { examine } from '../../../admin/doctor/examine.ts';
import { createUser } from '../../../core/create-user.ts';
import type { Deps } from '../../../core/deps.ts';
import { editMessage } from '../../../core/edit-message.ts';
import { findUser } from '../../../core/find-user.ts';
import { findUsers } from '../../../core/find-users.ts';
import { getMessageGroup } from '../../../core/get-message-group.ts';
import { listMessageGroups } from '../../../core/list-message-groups.ts';
import { listMessages } from '../../../core/list-messages.ts';
import { markRead } from '../../../core/mark-read.ts';
import type { InboxRow } from '../../../core/model/inbox.ts';
import { fromMicros, type Timestamp, toMicros } from '../../../core/model/time.ts';
import type { RegisteredUser } from '../../../core/model/user.ts';
import { projectInbox } from '../../../core/project-inbox.ts';
import { sendMessage } from '../../../core/send-message.ts';
import { conversationOfMessage, isUnnumbered } from '../../../core/table/stream-record.ts';
import { recordOf } from '../stream.ts';
import type { Item } from '../table/values.ts';
import { refused } from '../verbs.ts';
import {
  type CalmCheck,
  clearedBy,
  fails,
  inboxOf,
  itemAt,
  messagesIn,
  messagesOf,
  must,
  rowsIn,
  seeing,
  talk,
  twoStrangers,
} from './calm.ts';

/** What holds of what lists show. */
export const ofReads: Record<string, CalmCheck> = {
  'what is shown is what is stored': async (calm) => {
    const { me, other, table, newProcess } = calm;
    const process = newProcess();
    const { message_group_uuid } = await talk(calm, process);
    await calm.settle();
    const stored = messagesIn(table, message_group_uuid);
    const newest = stored.at(-1) as Item;
    must(
      (await messagesOf(process, me, message_group_uuid)).map(({ message_uuid, seq, message }) => [
        message_uuid,
        seq,
        message,
      ]),
      stored
        .filter(({ sk }) => String(sk) > clearedBy(table, me, message_group_uuid))
        .map(({ message_uuid, seq, message }) => [message_uuid, seq, message]),
    );
    const head = itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD') as unknown as { read: Record<string, number> };
    for (const [user, peer] of [
      [me, other],
      [other, me],
    ] as const) {
      const unread =
        stored.filter(({ user_uuid }) => user_uuid === peer.user_uuid).length - (head.read[user.user_uuid] ?? 0);
      const { row, seq, read } = await process.run((deps) => getMessageGroup(deps, user, { message_group_uuid }));
      const seen = head.read[peer.user_uuid] ?? 0;
      // One of them may have switched read receipts off.
      must([seq, read ?? seen, row.unread_count], [stored.length, seen, unread]);
      const listed = (await inboxOf(process, user)).find((each) => each.message_group_uuid === message_group_uuid);
      const shown = ({ message, last_message_at, unread_count }: InboxRow) => [message, last_message_at, unread_count];
      must(listed && shown(listed), shown(row));
      must([row.message, row.last_message_at, row.other.user_uuid], [newest.message, newest.sk, peer.user_uuid]);
    }
  },

  'a gap is shown after a minute': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, table, newProcess } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess(), 5);
    const stored = messagesIn(table, message_group_uuid);
    const lost = stored.length - 3;
    const at = (n: number) => stored[n]?.sk as Timestamp;
    table.execute('Delete', { Key: { pk: `MSG#${message_group_uuid}`, sk: at(lost) } });
    const soon = at(stored.length - 1);
    const later = fromMicros(toMicros(soon) + 62_000_000);
    const list = async (now: Timestamp, more: object) => {
      const input = { message_group_uuid, limit: 100, ...more };
      const page = await newProcess(40).run((deps) => listMessages({ ...deps, now: () => now }, me, input));
      return {
        ...page,
        shown: [...page.messages.map(({ seq }) => seq), ...(page.finalGaps ?? []).map((n) => `gap ${n}`)],
      };
    };
    const [n, all] = [lost + 1, stored.map(({ seq }) => seq as number)];
    must((await list(soon, {})).shown, all.slice(0, lost));
    must((await list(later, {})).shown, [...all.filter((seq) => seq !== n), `gap ${n + 1}`]);
    must((await list(soon, { after: at(lost - 1) })).shown, []);
    must((await list(later, { after: at(lost - 1) })).shown, [n + 1, n + 2, `gap ${n + 1}`]);
    const { shown, next } = await list(soon, { limit: 2 });
    must(shown, [n + 1, n + 2]);
    const hidden = await list(soon, { ...next, limit: 2 });
    must([hidden.shown, hidden.next], [[], next]);
    must((await list(later, { ...next, limit: 2 })).shown, [n - 2, n - 1]);
    table.execute('Delete', { Key: { pk: `MSG#${message_group_uuid}`, sk: at(0) } });
    must((await list(at(1), {})).shown, []);
  },

  'what single reads see of a transaction is not believed': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess());
    await calm.settle();
    const [pk, sk] = [`HEAD#${message_group_uuid}`, 'HEAD'];
    const older = itemAt(table, pk, sk) as Item;
    const newest = await newProcess().run((deps) =>
      sendMessage(deps, other, { message: 'newest', message_group_uuid }),
    );
    const { created_at } = newest;
    // The message is visible, and its head not yet.
    const seeingOlder = (deps: Deps) => seeing(deps, 'Get', (item) => (item?.pk === pk ? older : item));
    await newProcess().run(
      async (deps) => {
        for await (const { findings } of examine({ ...seeingOlder(deps), grace: 0 }, { segments: 1 }))
          must(
            findings.filter(({ code }) => code.startsWith('head')),
            [],
          );
      },
      { isCommand: true },
    );
    await newProcess().run((deps) => markRead(seeingOlder(deps), me, { message_group_uuid, created_at }));
    must(
      rowsIn(table, message_group_uuid).filter(({ unread_count }) => Number(unread_count) < 0),
      [],
    );
    // The head has a version that the rows do not show, and the message is visible without its change.
    const unchanged = itemAt(table, `MSG#${message_group_uuid}`, created_at);
    await newProcess().run((deps) => editMessage(deps, other, { message_group_uuid, created_at, message: 'edited' }));
    await newProcess().run((deps) =>
      projectInbox(
        seeing(deps, 'Get', (item) => (item?.sk === created_at && item.seq ? unchanged : item)),
        message_group_uuid,
      ),
    );
    must(
      rowsIn(table, message_group_uuid).map(({ message }) => message),
      ['edited', 'edited'],
    );
    const current = itemAt(table, pk, sk) as Item;
    table.execute('Put', { Item: older });
    await fails(() => newProcess(40).run((deps) => projectInbox(deps, message_group_uuid, { sentAt: created_at })));
    table.execute('Put', { Item: current });
    await calm.settle();
    // The message before the newest one is not visible at first.
    const stored = messagesIn(table, message_group_uuid);
    const hidden = stored.at(-2)?.sk;
    const hiding = (deps: Deps, times: number) => {
      let answers = 0;
      return seeing(
        deps,
        'Query',
        (item) => (item?.sk === hidden && answers < times ? undefined : item),
        () => answers++,
      );
    };
    const input = { message_group_uuid, limit: 100 };
    const page = await newProcess().run((deps) => listMessages(hiding(deps, 1), me, input));
    must(page.messages.length, stored.length);
    // Of a snapshot, the doctor queries the messages and two inboxes.
    const { findings } = await newProcess().run(
      (deps) => checkConversation({ ...hiding(deps, 3), grace: 1_000 }, message_group_uuid),
      { isCommand: true },
    );
    must(findings, []);
  },

  'a cursor is good for its own list': async (calm) => {
    const strangers = await twoStrangers(calm); // neither has hidden rows
    const { me, other, newProcess, newUser } = strangers;
    const process = newProcess();
    const { message_group_uuid } = await talk(strangers, process);
    const { handle } = await newUser();
    const hello = { message: 'hello', handle };
    const second = await process.run((deps) => sendMessage(deps, me, hello));
    await process.run((deps) => sendMessage(deps, me, hello));
    const messages = (user: RegisteredUser, conversation: string, cursor?: string) =>
      process.run((deps) => listMessages(deps, user, { message_group_uuid: conversation, limit: 1, cursor }));
    const inbox = (user: RegisteredUser, cursor?: string) =>
      process.run((deps) => listMessageGroups(deps, user, { limit: 1, cursor }));
    const { next } = await messages(me, message_group_uuid);
    const { cursor } = next as { cursor: string };
    const ofInbox = (await inbox(me)).next?.cursor as string;
    const [content = '', digest] = cursor.split('.');
    const text = Buffer.from(content, 'base64url').toString();
    const later = text.replace(/(\d)\+00:00/, (_, digit) => `${(Number(digit) + 1) % 10}+00:00`);
    const moved = `${Buffer.from(later).toString('base64url')}.${digest}`;
    const made = `${Buffer.from(later).toString('base64url')}.`;
    await messages(me, message_group_uuid, cursor);
    await inbox(me, ofInbox);
    for (const wrong of [
      () => messages(other, message_group_uuid, cursor),
      () => messages(me, second.message_group_uuid, cursor),
      () => messages(me, message_group_uuid, ofInbox),
      () => inbox(me, cursor),
      () => inbox(other, ofInbox),
      ...[moved, made, `${cursor}x`, `${content}.`, 'x', ''].map(
        (damaged) => () => messages(me, message_group_uuid, damaged),
      ),
    ])
      await refused('cursor_invalid', wrong);
  },

  'items of the original service are not shown': async (calm) => {
    const { me, table, newProcess } = calm;
    const process = newProcess();
    const { message_group_uuid, created_at } = await talk(calm, process);
    const time = fromMicros(toMicros(created_at) + 3);
    const user = { user_uuid: me.user_uuid, user_handle: me.handle, user_display_name: me.display_name };
    const original = { message_group_uuid, message: 'original', ...user };
    const [read, shown] = [() => messagesOf(process, me, message_group_uuid), () => inboxOf(process, me)];
    const before = [await read(), await shown()];
    table.execute('Put', {
      Item: { pk: `MSG#${message_group_uuid}`, sk: time, message_uuid: me.user_uuid, ...original },
    });
    table.execute('Put', { Item: { pk: `GRP#${me.user_uuid}`, sk: time, ...original } });
    must([await read(), await shown()], before);
    await refused('message_unknown', () =>
      process.run((deps) => markRead(deps, me, { message_group_uuid, created_at: time })),
    );
    table.execute('Delete', { Key: { pk: `GRP#${me.user_uuid}`, sk: time } });
    table.execute('Delete', { Key: { pk: `MSG#${message_group_uuid}`, sk: created_at } });
    for (const change of table.changes) {
      const isNew = change.eventName !== 'REMOVE' && change.keys.pk.startsWith('MSG#');
      const isNumbered = change.after?.seq !== undefined;
      const expected = isNew && isNumbered ? change.after?.message_group_uuid : undefined;
      must(conversationOfMessage(recordOf(change)), expected);
      must(isUnnumbered(recordOf(change)), isNew && !isNumbered);
    }
  },

  'input is checked': async (calm) => {
    const { me, other, newProcess, newUser } = calm;
    const process = newProcess();
    const { message_group_uuid, created_at } = await talk(calm, process);
    await newUser('k');
    const send = (input: object, key?: string) => process.run((deps) => sendMessage(deps, me, input, key));
    const list = (input: object) => process.run((deps) => listMessages(deps, me, { message_group_uuid, ...input }));
    const mark = (time: string, user = me, conversation: string = message_group_uuid) =>
      process.run((deps) => markRead(deps, user, { message_group_uuid: conversation, created_at: time }));
    const find = (handle: string) => process.run((deps) => findUser(deps, handle));
    const { handle } = other;
    const none = fromMicros(toMicros(created_at) + 3);
    const stranger = await newUser();
    const { user_uuid, ...profile } = stranger;
    must((await process.run((deps) => createUser(deps, profile))).user_uuid, user_uuid);
    await refused('body_invalid', () => send({ message: 'half \ud83d', handle }));
    await refused('message_blank', () => send({ message: ' \u200b\n', handle }));
    await refused('message_exceed_max_chars', () => send({ message: 'é'.repeat(1025), handle }));
    await refused('recipient_missing', () => send({ message: 'hi' }));
    await refused('recipient_missing', () => send({ message: 'hi', handle, message_group_uuid }));
    await refused('idempotency_key_invalid', () => send({ message: 'hi', handle }, 'a b'));
    await refused('message_to_self', () => send({ message: 'hi', handle: me.handle }));
    await refused('handle_unknown', () => send({ message: 'hi', handle: 'unknown' }));
    await refused('cursor_invalid', async () =>
      list({ after: created_at, cursor: ((await list({ limit: 1 })).next as { cursor: string }).cursor }),
    );
    await refused('limit_invalid', () => list({ limit: 101 }));
    await refused('after_invalid', () => list({ after: created_at.replace('+00:00', 'Z') }));
    await refused('created_at_invalid', () => mark('2023-02-30T09:45:01.561513+00:00'));
    await refused('message_unknown', () => mark(none));
    await refused('message_group_unknown', () => mark(none, stranger));
    await refused('message_group_unknown', () => mark(created_at, stranger));
    await refused('message_group_unknown', () => mark(created_at, me, stranger.user_uuid));
    await refused('handle_unknown', () => find('\u212a'));
    must((await find('@K')).handle, 'k');
    const { rows, more } = await process.run((deps) => findUsers(deps, me, { prefix: 'USER', limit: 1 }));
    must([rows.map((user) => user.handle), more], [['user0'], true]);
  },
};
