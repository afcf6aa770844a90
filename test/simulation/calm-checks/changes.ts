import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { clearMessageGroup } from '../../../core/clear-message-group.ts';
import { deleteMessage } from '../../../core/delete-message.ts';
import type { Deps } from '../../../core/deps.ts';
import { editMessage } from '../../../core/edit-message.ts';
import { getMessageGroup } from '../../../core/get-message-group.ts';
import { listMessages } from '../../../core/list-messages.ts';
import { markRead } from '../../../core/mark-read.ts';
import { markUnread } from '../../../core/mark-unread.ts';
import { fromMicros, toMicros } from '../../../core/model/time.ts';
import type { RegisteredUser } from '../../../core/model/user.ts';
import { muteMessageGroup } from '../../../core/mute-message-group.ts';
import { sendMessage } from '../../../core/send-message.ts';
import { unmuteMessageGroup } from '../../../core/unmute-message-group.ts';
import type { Item } from '../table/values.ts';
import { refused } from '../verbs.ts';
import { around, type CalmCheck, day, inboxOf, itemAt, messagesIn, must, talk, twoStrangers } from './calm.ts';

/** What holds of changed messages, clears and marks. */
export const ofChanges: Record<string, CalmCheck> = {
  'changes of messages keep to their rules': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, table, newProcess, wait } = strangers;
    const process = newProcess();
    const own = await talk(strangers, process); // the newest one is mine
    const { message_group_uuid, created_at } = own;
    const id = { message_group_uuid, created_at };
    const edit = (message: string, more: object = {}) =>
      process.run((deps) => editMessage(deps, me, { ...id, message, ...more }));
    const drop = (more: object = {}) => process.run((deps) => deleteMessage(deps, me, { ...id, ...more }));
    const none = { created_at: fromMicros(toMicros(created_at) + 3) };
    await refused('message_unknown', () => edit('none', none));
    await refused('message_unknown', () => drop(none));
    const [first] = messagesIn(table, message_group_uuid) as [Item];
    must((await edit('other text')).revision, 1);
    const written = table.changes.length;
    must((await edit('other text')).revision, 1);
    must(table.changes.length, written);
    await wait(day + 2_000);
    await refused('edit_window_over', () => edit('too late'));
    await drop();
    const dropped = table.changes.length;
    await drop();
    must(table.changes.length, dropped);
    await process.run((deps) => clearMessageGroup(deps, me, id));
    await refused('message_unknown', () => drop({ created_at: first.sk }));
    await calm.settle();
  },

  'two messages that are changed at once raise the version twice': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess());
    const [one, another] = messagesIn(table, message_group_uuid).slice(-2) as [Item, Item];
    const edit = (deps: Deps, user: RegisteredUser, { sk }: Item) =>
      editMessage(deps, user, { message_group_uuid, created_at: sk, message: 'edited' });
    await newProcess().run((deps) => {
      const first = () => newProcess().run((others) => edit(others, other, one));
      return edit(around(deps, TransactWriteCommand, { before: first }), me, another);
    });
    must(itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD')?.version, 2);
    await calm.settle();
  },

  'clears and marks keep to their rules': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess } = strangers;
    const process = newProcess();
    const { message_group_uuid, created_at } = await talk(strangers, process);
    const id = { message_group_uuid, created_at };
    const clear = (more: object = {}) => process.run((deps) => clearMessageGroup(deps, me, { ...id, ...more }));
    const mark = (verb: typeof markUnread) => process.run((deps) => verb(deps, me, { message_group_uuid }));
    const read = () => process.run((deps) => markRead(deps, me, id));
    const row = async () => (await inboxOf(process, me)).find((each) => each.message_group_uuid === message_group_uuid);
    await refused('message_unknown', () => clear({ created_at: fromMicros(toMicros(created_at) + 3) }));
    await mark(muteMessageGroup);
    must(
      ((itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD') as Item).participants as object[]).map((one) =>
        Object.keys(one),
      ),
      [['user_uuid'], ['user_uuid']],
    );
    await mark(markUnread);
    must([(await row())?.muted, (await row())?.marked_unread], [true, true]);
    await read();
    must([(await row())?.muted, (await row())?.marked_unread ?? 'read'], [true, 'read']);
    await clear();
    const state = await process.run((deps) => getMessageGroup(deps, me, { message_group_uuid }));
    must([state.row.message, state.cleared, await row()], ['', created_at, undefined]);
    await process.run((deps) => sendMessage(deps, other, { message: 'later', message_group_uuid }));
    await calm.settle();
    await mark(markUnread);
    await read(); // of what is cleared
    must((await row())?.marked_unread, true);
    await mark(unmuteMessageGroup);
    must((await row())?.muted ?? 'not muted', 'not muted');
    // Nothing leads to what is cleared.
    const page = await process.run((deps) => listMessages(deps, me, { message_group_uuid, limit: 2 }));
    must([page.messages.map(({ message }) => message), page.next ?? 'none'], [['later'], 'none']);
    const [first] = messagesIn(table, message_group_uuid) as [Item];
    const after = await process.run((deps) =>
      listMessages(deps, me, { message_group_uuid, after: first.sk, limit: 1 }),
    );
    must(
      after.messages.map(({ message }) => message),
      ['later'],
    );
    await calm.settle();
  },
};
