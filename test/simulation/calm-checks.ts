import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { checkConversation } from '../../admin/doctor/check-conversation.ts';
import { checkReport } from '../../admin/doctor/check-reports.ts';
import { checkUser } from '../../admin/doctor/check-users.ts';
import { examine, repair } from '../../admin/doctor/examine.ts';
import { blockUser } from '../../core/block-user.ts';
import { checkSignUp } from '../../core/check-sign-up.ts';
import { clearMessageGroup } from '../../core/clear-message-group.ts';
import { countUnread } from '../../core/count-unread.ts';
import { createReport } from '../../core/create-report.ts';
import { createUser } from '../../core/create-user.ts';
import { deleteMessage } from '../../core/delete-message.ts';
import type { Deps } from '../../core/deps.ts';
import { editMessage } from '../../core/edit-message.ts';
import { findUser } from '../../core/find-user.ts';
import { findUsers } from '../../core/find-users.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { knownUsers } from '../../core/known-users.ts';
import { type InboxPage, listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages, type MessagePage } from '../../core/list-messages.ts';
import { markRead } from '../../core/mark-read.ts';
import { markUnread } from '../../core/mark-unread.ts';
import type { Account } from '../../core/model/account.ts';
import type { InboxRow } from '../../core/model/inbox.ts';
import { defaultLimits, type Limits } from '../../core/model/limits.ts';
import type { Message } from '../../core/model/message.ts';
import { isSeen } from '../../core/model/seen.ts';
import { fromMicros, justAfter, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { muteMessageGroup } from '../../core/mute-message-group.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { sendMessage } from '../../core/send-message.ts';
import { conversationOfMessage, isUnnumbered } from '../../core/table/stream-record.ts';
import { unblockUser } from '../../core/unblock-user.ts';
import { unmuteMessageGroup } from '../../core/unmute-message-group.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import type { Call, Process } from './process.ts';
import { noon } from './scheduler.ts';
import { recordOf } from './stream.ts';
import { cancelled } from './table/errors.ts';
import type { MemoryTable } from './table/memory-table.ts';
import type { Item } from './table/values.ts';
import { refused } from './verbs.ts';

/** A history after its end: nothing else runs, and every call succeeds. */
export interface Calm {
  table: MemoryTable;
  me: RegisteredUser;
  other: RegisteredUser;
  /** @param retryBudget milliseconds, default 6,000 */
  newProcess: (retryBudget?: number) => Process;
  /** Signs up a user whom nobody has written to yet. */
  newUser: (handle?: string) => Promise<RegisteredUser>;
  /** Lets time pass. @param millis how long */
  wait: (millis: number) => Promise<void>;
  /** Lets the projector do its work. @throws Error that lists every violation of what is stored then */
  settle: () => Promise<void>;
}

/**
 * What holds when nothing else happens, or when something was done to the table that no verb does. A history ends with one of these
 * checks at most. Each throws an Error that tells what does not hold.
 */
export const calmChecks: Record<string, (calm: Calm) => Promise<void>> = {
  'a warm process makes few calls': async (calm) => {
    const { me, other, newProcess, newUser, wait } = calm;
    const process = newProcess();
    const { message_group_uuid } = await talk(calm, process);
    const again = (deps: Deps) => sendMessage(deps, me, { message: 'again', message_group_uuid });
    must(await callsOf(process, again), 'TransactWrite');
    await newProcess().run((deps) => sendMessage(deps, other, { message: 'between', message_group_uuid }));
    must(await callsOf(process, again), 'TransactWrite TransactWrite');

    const { handle } = await newUser();
    await wait(1_000); // until no row of another conversation can have the same time
    const caller = await process.run((deps) => whoAmI(deps, me.cognito_user_id));
    const begin = (deps: Deps) => sendMessage(deps, caller, { message: 'hello', handle });
    must(await callsOf(process, begin), 'Get Get TransactWrite');
    must(await callsOf(process, begin), 'Get Get BatchGet TransactWrite'); // of the recipient, who is remembered from then on
    must(await callsOf(process, begin), 'Get Get TransactWrite');

    await process.run((deps) => whoAmI(deps, me.cognito_user_id));
    must(await callsOf(process, (deps) => whoAmI(deps, me.cognito_user_id)), '');
    must(process.memory.queues.size, 0);
  },

  'a process remembers users for a minute': async (calm) => {
    const { table, newProcess, wait } = calm;
    const { me } = await twoStrangers(calm);
    const process = newProcess();
    const nameOf = async () => (await process.run((deps) => whoAmI(deps, me.cognito_user_id))).display_name;
    must(await nameOf(), me.display_name);
    const user = itemAt(table, `USR#${me.user_uuid}`, 'USR');
    table.execute('Put', { Item: { ...user, display_name: 'Renamed' } });
    await wait(61_000);
    must(await nameOf(), 'Renamed');
  },

  'profiles keep to their rules': async (calm) => {
    const { me, other, table, newProcess, wait } = await twoStrangers(calm);
    const { user_uuid, handle } = me;
    const [process, another] = [newProcess(), newProcess()];
    const nameIn = (of: Process) =>
      of.run(async (deps) => {
        const known = await knownUsers(deps, [user_uuid], deps.table.runtime.millis() + 1_000);
        return [(await whoAmI(deps, me.cognito_user_id)).display_name, known.get(user_uuid)?.display_name];
      });
    const change = (changes: object) => (deps: Deps) => updateProfile(deps, me, changes);
    await nameIn(process);
    await nameIn(another);
    await process.run(change({ display_name: 'Renamed' }));
    must(await nameIn(process), ['Renamed', 'Renamed']);
    await wait(61_000);
    must(await nameIn(another), ['Renamed', 'Renamed']);
    must(itemAt(table, `HANDLE#${handle[0]}`, handle)?.display_name, 'Renamed');
    const written = table.changes.length;
    await process.run(change({ display_name: 'Renamed', read_receipts: true }));
    must(table.changes.length, written);
    // A name that another process has stored meanwhile is not overwritten unread.
    const settings = await process.run((deps) => {
      let isFirst = true;
      const send = async (command: { input: object }) => {
        if ('ClientRequestToken' in command.input && isFirst) {
          isFirst = false;
          await updateProfile(another.deps, me, { display_name: 'Quicker', read_receipts: false });
        }
        return deps.table.client.send(command as never);
      };
      return change({ display_name: 'Slower' })(through(deps, send));
    });
    must([settings.display_name, settings.read_receipts], ['Slower', false]);
    // Nothing is written beside a handle that is another user's.
    const [pk, sk] = [`HANDLE#${handle[0]}`, handle];
    const item = itemAt(table, pk, sk) as Item;
    table.execute('Put', { Item: { ...item, user_uuid: other.user_uuid } });
    await fails(() => process.run(change({ display_name: 'Nobody' })));
    must(itemAt(table, `USR#${user_uuid}`, 'USR')?.display_name, 'Slower');
    table.execute('Put', { Item: item });
  },

  'searches keep to their rules': async (calm) => {
    const { me, other, table, newProcess, wait } = await twoStrangers(calm);
    const process = newProcess();
    const find = async (prefix: string, limit = 10) => {
      const { rows, more } = await process.run((deps) =>
        findUsers({ ...deps, limits: defaultLimits }, me, { prefix, limit }),
      );
      return [...rows.map(({ handle }) => handle), ...(more ? ['more'] : [])];
    };
    const rename = (display_name: string) => newProcess().run((deps) => updateProfile(deps, other, { display_name }));
    await rename('Zoë Zoewald Zzyzx');
    must(
      [await find('ZOE'), await find('zz zoew'), await find('zoe xx'), await find('zo', 1)],
      [['stranger1'], ['stranger1'], [], ['stranger1']],
    );
    await rename('Stranger1 Zabel');
    must([await find('zoewald'), await find('zabel')], [[], ['stranger1']]);
    await rename('Zabel');
    must(await find('stranger1'), ['stranger1']);
    await newProcess().run(
      async (deps) => {
        for await (const { findings } of examine({ ...deps, grace: 0 }, { segments: 1 })) must(findings, []);
      },
      { isCommand: true },
    );
    // An item of a name that is no more is found and removed, but not while the name changes.
    const earlier = { pk: 'NAME#st', sk: `stale#${other.user_uuid}`, user_uuid: other.user_uuid };
    table.execute('Put', { Item: earlier });
    const codes: string[] = [];
    await newProcess().run(
      async (deps) => {
        const context = { ...deps, grace: 0 };
        for await (const diagnosis of examine(context, { segments: 1 })) {
          codes.push(...diagnosis.findings.map(({ code }) => code));
          must(await repair(context, diagnosis), []);
        }
      },
      { isCommand: true },
    );
    must([codes, itemAt(table, earlier.pk, earlier.sk) ?? 'gone'], [['search_without_user'], 'gone']);
    table.execute('Put', { Item: earlier });
    await newProcess().run(
      async (deps) => {
        let renames = 0;
        const send = async (command: { input: { RequestItems?: object } }) => {
          const answer = await deps.table.client.send(command as never);
          const keys = JSON.stringify(command.input.RequestItems ?? '').match(/(NAME|USR)#/g) ?? [];
          // The name is the earlier one when the item is looked for, and no more when its user is.
          if (keys.length > 0 && renames++ < 6) await rename(keys.join() === 'NAME#' ? 'Zabel' : 'Stale');
          return answer;
        };
        const context = { ...through(deps, send), grace: 0 };
        for await (const { findings } of examine(context, { segments: 1 })) must(findings, []);
      },
      { isCommand: true },
    );
    await rename('Zabel');
    await refused('prefix_too_short', () => find('z'));
    await wait(31_000);
    for (let n = 7; n < 30; n++) await find('zabel');
    await refused('too_many_searches', () => find('zabel'));
    await wait(31_000); // a minute after the first searches
    await find('zabel');
  },

  'the doctor finds nothing in a user whose name changes meanwhile': async (calm) => {
    const { me, table, newProcess } = await twoStrangers(calm);
    const rename = (display_name: string) => newProcess().run((deps) => updateProfile(deps, me, { display_name }));
    await rename('Name 1');
    const item = itemAt(table, `USR#${me.user_uuid}`, 'USR') as Item;
    const check = (deps: Deps) =>
      checkUser(
        { ...around(deps, TransactGetCommand, { before: () => rename('Name 2') }), grace: 0 },
        { kind: 'user', item },
      );
    must((await newProcess().run(check, { isCommand: true })).findings, []);
  },

  'names that imitate are refused': async (calm) => {
    const { me } = await twoStrangers(calm);
    const process = calm.newProcess();
    const names = [
      'Аda',
      'Анна אנה',
      'Ada\u2800',
      'Ada\u3164',
      'Ada\u00a0North',
      'A\u0301\u0301da',
      'A\u0300\u0301\u0302\u0303\u0304',
      '𝐀da',
    ];
    for (const display_name of names)
      await refused('display_name_misleading', () => process.run((deps) => updateProfile(deps, me, { display_name })));
    for (const handle of ['admin', '_Support_'])
      await refused('handle_reserved', () =>
        process.run((deps) => checkSignUp(deps, { handle, email: 'ada@example.com' })),
      );
  },

  'names are those of the users': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess, wait } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess());
    await calm.settle();
    const process = newProcess();
    const names = async () => [
      ...(await inboxOf(process, me)).map((row) => row.other.display_name),
      ...(await messagesOf(process, me, message_group_uuid)).map(({ sender }) => sender.display_name),
    ];
    await names();
    const item = itemAt(table, `USR#${other.user_uuid}`, 'USR');
    table.execute('Put', { Item: { ...item, display_name: 'Renamed' } });
    await wait(61_000);
    must(await names(), ['Renamed', me.display_name, 'Renamed', me.display_name]);
    table.execute('Put', { Item: item as Item });
  },

  'what is seen and unread keeps to its rules': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess } = strangers;
    const { message_group_uuid, created_at } = await talk(strangers, newProcess());
    await calm.settle();
    const head = itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD') as Item;
    must(Object.keys((head.participants as object[])[0] ?? {}).sort(), ['display_name', 'handle', 'user_uuid']);
    const unread = (user: RegisteredUser) => newProcess().run((deps) => countUnread(deps, user));
    const seen = (user: RegisteredUser) =>
      newProcess().run(async (deps) => {
        const page = await listMessages(deps, user, { message_group_uuid, limit: 1 });
        const state = await getMessageGroup(deps, user, { message_group_uuid });
        return [isSeen(page.messages[0] as Message, user, page.seen) ?? 'nothing', state.read ?? 'nothing'];
      });
    const counted = await unread(other);
    must(counted.unread_count > 0 && counted.message_groups === 1, true);
    await newProcess().run((deps) => markRead(deps, other, { message_group_uuid, created_at }));
    const mine = messagesIn(table, message_group_uuid).filter(({ user_uuid }) => user_uuid === me.user_uuid).length;
    must([await seen(me), (await seen(other))[0]], [[true, mine], 'nothing']);
    const [pk, sk] = [`USR#${other.user_uuid}`, 'USR'];
    const user = itemAt(table, pk, sk) as Item;
    table.execute('Put', { Item: { ...user, read_receipts: false } });
    must(
      [await seen(me), await seen(other)],
      [
        ['nothing', 'nothing'],
        ['nothing', 'nothing'],
      ],
    );
    table.execute('Put', { Item: user });
    await newProcess().run((deps) => sendMessage(deps, me, { message: 'unread', message_group_uuid }));
    await calm.settle();
    must((await unread(other)).unread_count, 1);
    await newProcess().run((deps) => muteMessageGroup(deps, other, { message_group_uuid }));
    must((await unread(other)).unread_count, 0);
    await newProcess().run((deps) => unmuteMessageGroup(deps, other, { message_group_uuid }));
    // A row that moves is read at both of its places.
    const twice = await newProcess().run((deps) => {
      const send = async (command: never) => {
        const { Items = [] } = (await deps.table.client.send(command)) as { Items?: Item[] };
        return { Items: [...Items, ...Items] };
      };
      return countUnread(through(deps, send), other);
    });
    must(twice.unread_count, 1);
  },

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

  'the doctor believes no snapshot that is out of date': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, table, newProcess } = strangers;
    const { message_group_uuid, created_at } = await talk(strangers, newProcess());
    await calm.settle();
    const head = itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD');
    const project = () => newProcess().run((deps) => projectInbox(deps, message_group_uuid));
    const findings = async (when: 'before' | 'after', see: (deps: Deps) => Deps) => {
      const check = (deps: Deps) =>
        checkConversation(
          { ...around(see(deps), TransactGetCommand, { [when]: project }), grace: 0 },
          message_group_uuid,
        );
      return (await newProcess().run(check, { isCommand: true })).findings;
    };
    // The changed message is visible before its head, and the rows follow.
    await newProcess().run((deps) => editMessage(deps, me, { message_group_uuid, created_at, message: 'edited' }));
    let reads = 0;
    const seesOldHead = (deps: Deps) =>
      seeing(deps, 'Get', (item) => (item?.pk === head?.pk && reads++ < 2 ? head : item));
    must(await findings('after', seesOldHead), []);
    // The rows are on their way to a new message: gone from the old place, and not yet visible at the new one.
    await newProcess().run((deps) => sendMessage(deps, me, { message: 'more', message_group_uuid }));
    let queries = 0;
    const seesNoRows = (deps: Deps) =>
      seeing(
        deps,
        'Query',
        (item) => (item?.unread_count !== undefined && queries < 3 ? undefined : item),
        () => queries++,
      );
    must(await findings('before', seesNoRows), []);
  },

  'the doctor waits for a gap from when it sees it': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, table, newProcess } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess());
    await calm.settle();
    const hidden = messagesIn(table, message_group_uuid).at(-1)?.sk;
    await newProcess().run((deps) => sendMessage(deps, me, { message: 'more', message_group_uuid }));
    const grace = 200; // milliseconds
    // It waits for the rows of the new message. Shortly before it would give up, they come and an earlier message is hidden for a while.
    const { findings } = await newProcess().run(
      (deps) => {
        const { client, runtime } = deps.table;
        const started = runtime.millis();
        let projection: Promise<unknown> | undefined;
        const send = async (command: object) => {
          const passed = runtime.millis() - started;
          if (passed > grace - 50) {
            projection ??= newProcess().run((others) => projectInbox(others, message_group_uuid));
            await projection;
          }
          const answer = (await client.send(command as never)) as { Items?: Item[] };
          if (!projection || passed > grace + 50) return answer;
          return { ...answer, ...(answer.Items && { Items: answer.Items.filter(({ sk }) => sk !== hidden) }) };
        };
        return checkConversation({ ...through(deps, send), grace }, message_group_uuid);
      },
      { isCommand: true },
    );
    must(findings, []);
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

  'blocks keep to their rules': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess } = strangers;
    const { message_group_uuid, created_at } = await talk(strangers, newProcess());
    const process = newProcess();
    const send = (message: string, key?: string) =>
      process.run((deps) => sendMessage(deps, me, { message, message_group_uuid }, key));
    const block = (verb: typeof blockUser = blockUser) => newProcess().run((deps) => verb(deps, other, me));
    await send('before', 'key');
    const edit = (deps: Deps) =>
      editMessage(around(deps, TransactWriteCommand, { before: () => block() }), me, {
        message_group_uuid,
        created_at,
        message: 'edited',
      });
    await refused('recipient_unavailable', () => newProcess().run(edit));
    await refused('recipient_unavailable', () => send('no'));
    must((await send('before', 'key')).message, 'before');
    await process.run((deps) => deleteMessage(deps, me, { message_group_uuid, created_at }));
    await block(unblockUser);
    await send('the process remembers the block');
    // An attempt without an answer, which arrives when the block is over.
    let late: object | undefined;
    const client = (deps: Deps) => async (command: { input: { ClientRequestToken?: string } }) => {
      const call = (of: object) => deps.table.client.send(of as never) as Promise<unknown>;
      if (command.input.ClientRequestToken === undefined) return call(command);
      if (!late) {
        late = command;
        await block();
        throw Object.assign(new Error('an outage'), { name: 'TimeoutError' });
      }
      return call(command).catch(async (error: unknown) => {
        await block(unblockUser);
        await call(late as object);
        throw error;
      });
    };
    await newProcess().run((deps) =>
      sendMessage(through(deps, client(deps)), me, {
        message: 'late',
        message_group_uuid,
      }),
    );
    must(messagesIn(table, message_group_uuid).filter(({ message }) => message === 'late').length, 1);
    // Who is gone does not come back, so their refusal is definite.
    const head = itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD') as Item;
    let attempts = 0;
    const gone = (deps: Deps) => async (command: { input: { ClientRequestToken?: string } }) => {
      if (command.input.ClientRequestToken !== undefined && ++attempts === 1) {
        table.execute('Put', { Item: { ...head, gone: new Set(['0']) } });
        throw Object.assign(new Error('an outage'), { name: 'TimeoutError' });
      }
      return deps.table.client.send(command as never);
    };
    await refused('recipient_unavailable', () =>
      newProcess().run((deps) =>
        sendMessage(through(deps, gone(deps)), me, {
          message: 'no',
          message_group_uuid,
        }),
      ),
    );
    must(attempts, 2);
    table.execute('Put', { Item: head });
    await block();
    await block(unblockUser);
    const changes = table.changes.length;
    await block(unblockUser);
    await refused('user_unknown', () =>
      newProcess().run((deps) => unblockUser(deps, me, { user_uuid: message_group_uuid })),
    );
    await refused('user_unknown', () =>
      newProcess().run((deps) => blockUser(deps, me, { user_uuid: message_group_uuid })),
    );
    await block();
    const blocked = table.changes.length;
    await block();
    must([changes < blocked, table.changes.length], [true, blocked]);
    await block(unblockUser);
    await calm.settle();
  },

  'the doctor rebuilds blocks': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess, newUser } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess());
    const third = await newUser('third');
    await calm.settle();
    for (const user of [other, third]) await newProcess().run((deps) => blockUser(deps, me, user));
    const [pairOfTwo, pairWithThird] = [other, third].map((user) => {
      const [one, another] = [me.user_uuid, user.user_uuid].sort();
      return [`PAIR#${one}#${another}`, 'PAIR'] as const;
    }) as [readonly [string, string], readonly [string, string]];
    const headKey = [`HEAD#${message_group_uuid}`, 'HEAD'] as const;
    const repairs = (see = (deps: Deps) => deps) =>
      newProcess().run(
        async (deps) => {
          const context = { ...see(deps), grace: 0 };
          for await (const diagnosis of examine(context, { segments: 1 })) must(await repair(context, diagnosis), []);
        },
        { isCommand: true },
      );
    const sound = [pairOfTwo, pairWithThird, headKey].map(([pk, sk]) => itemAt(table, pk, sk) as Item);
    for (const item of sound) {
      const { blocked_by: _, ...without } = item;
      table.execute('Put', { Item: without });
      await repairs();
      must(itemAt(table, item.pk as string, item.sk as string)?.blocked_by, item.blocked_by);
    }
    // Two blocks that no list has
    for (const [pk, sk] of [pairOfTwo, pairWithThird]) {
      const item = itemAt(table, pk, sk) as Item;
      const both = new Set(pk.split('#').slice(1));
      table.execute('Put', { Item: { ...item, blocked_by: both } });
      await repairs();
      must(itemAt(table, pk, sk)?.blocked_by, item.blocked_by);
    }
    // A block that is there only while the doctor looks, and one that begins before the repair
    const head = itemAt(table, ...headKey) as Item;
    const blockedByBoth = { ...head, blocked_by: new Set(['0', '1']) };
    table.execute('Put', { Item: blockedByBoth });
    const over = async () => void table.execute('Put', { Item: head });
    const check = (deps: Deps) =>
      checkConversation({ ...around(deps, TransactGetCommand, { before: over }), grace: 0 }, message_group_uuid);
    must((await newProcess().run(check, { isCommand: true })).findings, []);
    table.execute('Put', { Item: blockedByBoth });
    const found = await newProcess().run((deps) => checkConversation({ ...deps, grace: 0 }, message_group_uuid), {
      isCommand: true,
    });
    await newProcess().run((deps) => blockUser(deps, other, me));
    await found.repair?.().catch(() => undefined);
    must(itemAt(table, ...headKey)?.blocked_by, new Set(['0', '1']));
    table.execute('Delete', { Key: { pk: headKey[0], sk: headKey[1] } });
    await repairs();
    must(itemAt(table, ...headKey)?.blocked_by, new Set(['0', '1']));
    for (const [user, blocked] of [
      [me, other],
      [other, me],
      [me, third],
    ] as const)
      await newProcess().run((deps) => unblockUser(deps, user, blocked));
    await calm.settle();
  },

  'a suspended user can do nothing, and not be reached': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess, newUser } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess());
    const third = await newUser('third');
    const process = newProcess();
    const item = itemAt(table, `USR#${other.user_uuid}`, 'USR') as Item;
    table.execute('Put', { Item: { ...item, suspended_at: latest(table) } });
    const send = (deps: Deps) => sendMessage(deps, me, { message: 'no', message_group_uuid });
    await refused('recipient_unavailable', () => process.run(send));
    await refused('user_suspended', () => newProcess().run((deps) => whoAmI(deps, other.cognito_user_id)));
    const begin = (from: RegisteredUser, to: RegisteredUser) =>
      newProcess().run((deps) => sendMessage(deps, from, { message: 'hello', handle: to.handle }));
    await refused('recipient_unavailable', () => begin(third, other));
    await refused('user_suspended', () => begin(other, third));
    table.execute('Put', { Item: item });
    await process.run(send);
    await begin(third, other);
    await calm.settle();
  },

  'reports keep to their rules': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess, newUser } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess(), 5);
    const third = await newUser('third');
    await calm.settle();
    const sent = messagesIn(table, message_group_uuid);
    const [first, second, , fourth, newest] = sent as [Item, Item, Item, Item, Item];
    const reportsOn = (user: RegisteredUser) =>
      [...table.items()].filter(({ pk }) => pk === `REPORT#${user.user_uuid}`);
    const open = () =>
      [...table.items()].filter(
        ({ pk, user_uuid }) => pk === 'REPORTS#OPEN' && [me.user_uuid, other.user_uuid].includes(user_uuid as never),
      );
    const everyReport = () => [...table.items()].filter(({ pk }) => /^REPORTS?#/.test(String(pk)));
    let now = fromMicros(toMicros(latest(table)) + 1_000);
    const later = (micros: number) => {
      now = fromMicros(toMicros(now) + micros);
    };
    const at = (deps: Deps, reports = deps.limits.reports): Deps => ({
      ...deps,
      limits: { ...deps.limits, reports },
      now: () => now,
    });
    const report = (user: RegisteredUser, more: object = {}, see = (deps: Deps) => deps) =>
      newProcess().run((deps) => createReport(see(at(deps)), user, { message_group_uuid, reason: 'spam', ...more }));
    // Two at once, on the two users
    await Promise.all([report(me), report(other)]);
    must([reportsOn(me).length, reportsOn(other).length, open().length], [1, 1, 2]);
    await refused('message_group_unknown', () => report(third));
    await refused('report_self', () => report(me, { created_at: first.sk }));
    later(1_000);
    await report(me, { created_at: second.sk });
    const named = reportsOn(other).find(({ message_created_at }) => message_created_at) as Item;
    must(
      (named.evidence as Item[]).map(({ seq }) => seq),
      [1, 2],
    );
    // A message that the first read does not show
    later(1_000);
    let hides = true;
    await report(me, {}, (deps) =>
      seeing(
        deps,
        'Query',
        (item) => (hides && item?.sk === newest.sk ? undefined : item),
        () => {
          hides = false;
        },
      ),
    );
    for (const { evidence, message_created_at } of reportsOn(other))
      if (!message_created_at) must((evidence as Item[]).length, sent.length);
    await newProcess().run((deps) => clearMessageGroup(deps, me, { message_group_uuid, created_at: second.sk }));
    await refused('message_unknown', () => report(me, { created_at: second.sk }));
    // The limit
    later(1_000);
    const rate = { burst: 2, interval_ms: 100_000_000 };
    const limited = () =>
      newProcess().run((deps) => createReport(at(deps, rate), third, { message_group_uuid: theirs, reason: 'other' }));
    const { message_group_uuid: theirs } = await newProcess().run((deps) =>
      sendMessage(deps, me, { message: 'hello', handle: third.handle }),
    );
    const outcomes = await Promise.allSettled([limited(), limited(), limited(), limited()]);
    must(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
    must(reportsOn(me).length, 3);
    // What the doctor makes of them
    const examined = (later_ = 0) =>
      newProcess().run(
        async (deps) => {
          const codes: string[] = [];
          const context = { ...deps, now: () => fromMicros(toMicros(now) + later_ * 1_000), grace: 0 };
          for await (const diagnosis of examine(context, { segments: 1 }))
            if (diagnosis.subject.kind !== 'conversation') {
              codes.push(...diagnosis.findings.map(({ code }) => code));
              await repair(context, diagnosis);
            }
          return codes.filter((code) => /^(report|item)_/.test(code)).sort();
        },
        { isCommand: true },
      );
    must(await examined(), []);
    const entry = open().find(({ report_uuid }) => report_uuid === named.report_uuid) as Item;
    table.execute('Delete', { Key: { pk: entry.pk, sk: entry.sk } });
    must(await examined(), ['report_not_listed']);
    must(itemAt(table, entry.pk, entry.sk), entry);
    // A report that is resolved after the doctor has seen it
    table.execute('Delete', { Key: { pk: entry.pk, sk: entry.sk } });
    const subject = { kind: 'report', item: named } as const;
    const diagnosis = await newProcess().run((deps) => checkReport({ ...deps, now: () => now, grace: 0 }, subject));
    const resolved: Item = { ...named, resolved_at: now };
    table.execute('Put', { Item: resolved });
    must(await diagnosis.repair?.(), false);
    must(await examined(), []);
    // In the place of one that has left the list
    const before = reportsOn(other).length;
    now = named.sk as Timestamp;
    await report(me, { created_at: fourth.sk });
    must(reportsOn(other).length, before + 1);
    table.execute('Put', { Item: entry });
    must(await examined(), ['report_listed_wrongly']);
    const { evidence, ...rest } = resolved;
    for (const wrong of [
      { ...rest, evidence: [(evidence as Item[])[0]] },
      { ...resolved, user_uuid: third.user_uuid },
    ]) {
      table.execute('Put', { Item: wrong });
      must(await examined(), ['item_invalid']);
    }
    table.execute('Put', { Item: resolved });
    const all = everyReport().length;
    table.execute('Delete', { Key: { pk: entry.pk, sk: (open()[0] as Item).sk } });
    must(await examined(181 * day), []); // DynamoDB deletes them, not at the same time
    must(
      await examined(183 * day),
      Array.from({ length: all - 1 }, () => 'report_expired'),
    );
    must(everyReport(), []);
  },

  'limits hold': async (calm) => {
    const strangers = await twoStrangers(calm);
    const { me, other, table, newProcess, newUser } = strangers;
    const { message_group_uuid } = await talk(strangers, newProcess());
    const first = messagesIn(table, message_group_uuid).find(({ user_uuid }) => user_uuid === me.user_uuid) as Item;
    const now = fromMicros(toMicros(latest(table)) + 1_000_000); // when what was sent so far counts no more
    const rate = { burst: 3, interval_ms: 100_000_000 };
    const at = (deps: Deps, limits: Partial<Limits>, later = 0): Deps => ({
      ...deps,
      limits: { ...deps.limits, ...limits },
      now: () => fromMicros(toMicros(now) + later * 1_000),
    });
    const send = (deps: Deps) => sendMessage(deps, me, { message: 'more', message_group_uuid });
    const edit = (deps: Deps, message: string) =>
      editMessage(deps, me, { message_group_uuid, created_at: first.sk, message });
    const within = (verb: (deps: Deps) => Promise<unknown>, limits: Partial<Limits> = { messages: rate }) =>
      newProcess().run((deps) => verb(at(deps, limits)));
    // The limit is that of the strangers' conversation, which the messages so far have not used much of.
    const process = newProcess();
    const warm = (verb: (deps: Deps) => Promise<unknown>) => process.run((deps) => verb(at(deps, { messages: rate })));
    await warm(send);
    await within((deps) => edit(deps, 'one'));
    await warm(send);
    await refused('too_many_messages', () => within(send));
    await refused('too_many_messages', () => warm(send));
    await refused('too_many_messages', () => within((deps) => edit(deps, 'two')));
    await within((deps) => deleteMessage(deps, me, { message_group_uuid, created_at: first.sk }));
    const stored = messagesIn(table, message_group_uuid).length;
    // A send that does not end keeps none waiting that is over the limit.
    process.memory.queues.set(message_group_uuid as never, new Promise(() => {}));
    await refused('too_many_messages', () => warm(send));
    process.memory.queues.clear();
    must(messagesIn(table, message_group_uuid).length, stored);
    // Many at once
    const [third, fourth] = [await newUser('third'), await newUser('fourth')];
    const begun = await within((deps) => sendMessage(deps, third, { message: 'hello', handle: fourth.handle }));
    const { message_group_uuid: another, created_at } = begun as Message;
    const outcomes = await Promise.allSettled(
      [0, 1, 2, 3, 4, 5].map((n) =>
        within((deps) =>
          n % 2
            ? sendMessage(deps, third, { message: `m${n}`, message_group_uuid: another })
            : editMessage(deps, third, { message_group_uuid: another, created_at, message: `e${n}` }),
        ),
      ),
    );
    must(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
    // Attempts that lose
    const losing = (by: RegisteredUser) => {
      let attempts = 0;
      const lose = (deps: Deps) => async (command: { input: { ClientRequestToken?: string } }) => {
        if (command.input.ClientRequestToken !== undefined && ++attempts <= 5)
          await newProcess().run((others) =>
            sendMessage(others, by, { message: `${by.handle} ${attempts}`, message_group_uuid: another }),
          );
        return deps.table.client.send(command as never);
      };
      return newProcess().run((deps) =>
        sendMessage(
          {
            ...through(deps, lose(deps)),
            limits: { ...deps.limits, overtaken_by: 4 },
          },
          third,
          { message: 'loses', message_group_uuid: another },
        ),
      );
    };
    await refused('too_many_messages', () => losing(third));
    await losing(fourth);
    // Before there is an answer
    const fifth = await newUser('fifth');
    const write = (user: Account, limits: Partial<Limits>) =>
      within((deps) => sendMessage(deps, user, { message: 'hello', handle: fifth.handle }), limits);
    for (let n = 0; n < 2; n++) await write(third, { messages_before_reply: 2 });
    await refused('awaiting_reply', () => write(third, { messages_before_reply: 2 }));
    await write({ ...third, trusted: true }, { messages_before_reply: 2 });
    // New conversations
    const conversations = { burst: 1, interval_ms: 100_000_000 };
    const [sixth, seventh] = [await newUser('sixth'), await newUser('seventh')];
    const starts = (user: Account, to: RegisteredUser, later = 0) =>
      newProcess().run((deps) =>
        sendMessage(at(deps, { conversations }, later), user, { message: 'hello', handle: to.handle }),
      );
    const both = await Promise.allSettled([starts(sixth, me, 10), starts(sixth, other, 20)]);
    must(both.filter(({ status }) => status === 'fulfilled').length, 1);
    const item = itemAt(table, `USR#${sixth.user_uuid}`, 'USR') as Item;
    table.execute('Put', { Item: { ...item, trusted: true } });
    await starts({ ...sixth, trusted: true }, seventh, 30);
    const log: Call[] = [];
    const starter = newProcess();
    for (const to of [me, other]) {
      await calm.wait(1_000); // until no row of another conversation can have the same time
      await starter.run((deps) => sendMessage(deps, seventh, { message: 'hello', handle: to.handle }), { log });
    }
    must(log.filter(({ operation }) => operation === 'TransactWrite').length, 2);
    await calm.settle();
  },

  'an idempotency key is valid for thirty days': async (calm) => {
    const { me, other, wait } = calm;
    const process = calm.newProcess();
    const send = () => process.run((deps) => sendMessage(deps, me, { message: 'once', handle: other.handle }, 'month'));
    const { message_uuid } = await send();
    await wait(29 * day);
    must((await send()).message_uuid, message_uuid);
    await wait(day + 10_000);
    must((await send()).message_uuid !== message_uuid, true);
    await calm.settle();
  },

  'a first message has a key, too': async (calm) => {
    const { me, newProcess, newUser, table } = calm;
    const { handle } = await newUser();
    const send = (message: string) => newProcess().run((deps) => sendMessage(deps, me, { message, handle }, 'first'));
    const first = await send('once');
    // The same text under one key in two conversations
    const sendIn = ({ message_group_uuid }: Message) =>
      newProcess().run((deps) => sendMessage(deps, me, { message: 'same', message_group_uuid }, 'same'));
    await sendIn(first);
    const another = await talk(calm, newProcess());
    await refused('idempotency_key_reused', () => sendIn(another));
    must((await send('once')).message_uuid, first.message_uuid);
    await refused('idempotency_key_reused', () => send('twice'));
    table.execute('Delete', { Key: { pk: `MSG#${first.message_group_uuid}`, sk: first.created_at } });
    await fails(() => send('once'));
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

  'what was lost is written again': async (calm) => {
    const { me, other, table, newProcess, wait } = calm;
    const process = newProcess();
    const { message_group_uuid } = await talk(calm, process);
    await calm.settle();
    const rowsOf = () => rowsIn(table, message_group_uuid);
    const head = itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD');
    table.execute('Delete', { Key: { pk: head?.pk, sk: head?.sk } });
    await newProcess().run(
      async (deps) => {
        const context = { ...deps, grace: 0 };
        for await (const diagnosis of examine(context, { segments: 1 })) must(await repair(context, diagnosis), []);
      },
      { isCommand: true },
    );
    await calm.settle();
    for (const row of rowsOf()) {
      table.execute('Delete', { Key: { pk: row.pk, sk: row.sk } });
      await wait(1_000); // until no row of another conversation can have the same time
      await process.run((deps) => sendMessage(deps, me, { message: 'more', message_group_uuid }));
      await calm.settle();
    }
    // A row of another conversation, where the head says that its own is
    const [row] = rowsOf() as [Item];
    const foreign = { ...row, message_group_uuid: other.user_uuid };
    table.execute('Put', { Item: foreign });
    await wait(1_000);
    await process.run((deps) => sendMessage(deps, me, { message: 'more', message_group_uuid }));
    await refused('message_group_busy', () => newProcess(40).run((deps) => projectInbox(deps, message_group_uuid)));
    must(itemAt(table, row.pk, row.sk), foreign);
    table.execute('Put', { Item: row });
    // A head that counts the messages of others than its participants
    const sound = itemAt(table, `HEAD#${message_group_uuid}`, 'HEAD') as Item;
    for (const user of [me, other]) {
      const { [user.user_uuid]: _, ...sent } = sound.sent as Item;
      table.execute('Put', { Item: { ...sound, sent, shown_at: row.sk as string } });
      await refused('message_group_busy', () => newProcess(40).run((deps) => projectInbox(deps, message_group_uuid)));
    }
  },

  'a caller may stop the doctor when the rest of its scan has failed': async (calm) => {
    const { table, newProcess, wait } = calm;
    const { message_group_uuid } = await talk(calm, newProcess());
    await calm.settle();
    const [row] = rowsIn(table, message_group_uuid) as [Item];
    table.execute('Delete', { Key: { pk: row.pk, sk: row.sk } });
    const first = await newProcess().run(
      async (deps) => {
        const { client, runtime } = deps.table;
        let isConfirmed = false;
        const send = async (command: object) => {
          if (isConfirmed) {
            await runtime.wait(50);
            throw new Error('the scan fails');
          }
          isConfirmed = command instanceof TransactGetCommand;
          return client.send(command as never);
        };
        const context = { ...through(deps, send), grace: 0 };
        for await (const { subject } of examine(context, { segments: 1 })) {
          await wait(200);
          return subject.kind;
        }
        return undefined;
      },
      { isCommand: true },
    );
    must(first, 'conversation');
    table.execute('Put', { Item: row });
    await calm.settle();
  },

  'sends of one process wait for each other': async (calm) => {
    const { me, other, newProcess, newUser } = calm;
    const process = newProcess();
    const { message_group_uuid } = await talk(calm, process);
    const stranger = await newUser();
    const log: Call[] = [];
    const send = (from: RegisteredUser, slowBy = 0, retryBudget = 6_000) =>
      process.run((deps) => sendMessage(slowed(deps, slowBy), from, { message: 'queued', message_group_uuid }), {
        log,
        retryBudget,
      });
    const first = send(me).then(() => send(me));
    await Promise.all([first, send(other), send(me), send(other).then(() => send(me))]);
    must(log.map(({ operation }) => operation).join(' '), 'TransactWrite '.repeat(6).trim());
    await Promise.all([refused('message_group_unknown', () => send(stranger)), send(me)]);
    // The second one has used up its time when the first one ends.
    const slow = send(me, 100);
    log.length = 0;
    await refused('message_group_busy', () => send(other, 0, 50));
    await slow;
    must([log.length, process.memory.queues.size], [1, 0]);
  },

  'a first contact survives an attempt that arrives late': async (calm) => {
    const { table, newProcess, newUser } = calm;
    for (const named of [
      ['pair', 'head', 'message'],
      ['head', 'message'],
    ]) {
      const [me, { handle }] = [await newUser(), await newUser()];
      const now = latest(table);
      const taken = { pk: `GRP#${me.user_uuid}`, sk: now };
      let late: object | undefined;
      let attempts = 0;
      const client = (deps: Deps) => async (command: { input: { ClientRequestToken?: string } }) => {
        const send = (of: object) => deps.table.client.send(of as never) as Promise<unknown>;
        if (command.input.ClientRequestToken === undefined) return send(command);
        attempts++;
        if (attempts === 1) {
          // The answer is lost, and the place is taken before the attempt arrives …
          late = command;
          table.execute('Put', { Item: { ...taken, message_group_uuid: me.user_uuid } });
          throw Object.assign(new Error('an outage'), { name: 'TimeoutError' });
        }
        if (attempts === 2) return send(command);
        // … which it does when the place is free again.
        table.execute('Delete', { Key: taken });
        await send(late as object);
        return send(command).catch((error: { CancellationReasons?: Reasons }) => {
          const parts = ['pair', 'head', 'message'];
          const reasons = error.CancellationReasons ?? [];
          throw cancelled(
            reasons.map(({ Code = '', Item }, n) =>
              named.includes(parts[n] ?? '') ? { Code, item: Item && unmarshall(Item) } : undefined,
            ) as never,
          );
        });
      };
      const { message_group_uuid, created_at } = await newProcess().run((deps) =>
        sendMessage({ ...through(deps, client(deps)), now: () => now }, me, {
          message: 'hello',
          handle,
        }),
      );
      must([attempts, messagesIn(table, message_group_uuid).map(({ sk }) => sk)], [3, [created_at]]);
    }
    await calm.settle();
  },

  'a user who is gone takes part in nothing': async (calm) => {
    const { me, table, newProcess, newUser } = calm;
    const process = newProcess();
    const [gone, there] = [await newUser('gone'), await newUser('there')];
    await process.run((deps) => whoAmI(deps, me.cognito_user_id));
    const before = table.changes.length;
    const sendTo = ({ handle }: RegisteredUser) =>
      process.run((deps) => sendMessage(deps, me, { message: 'hello', handle }));
    table.execute('Delete', { Key: { pk: `USR#${gone.user_uuid}`, sk: 'USR' } });
    await refused('handle_unknown', () => sendTo(gone));
    remove(table, me);
    await refused('person_unknown', () => sendTo(there));
    await refused('person_unknown', () => process.run((deps) => whoAmI(deps, me.cognito_user_id)));
    must(
      table.changes.slice(before).every(({ eventName }) => eventName === 'REMOVE'),
      true,
    );
  },

  'a process forgets a table that is gone': async (calm) => {
    const { me, table, newProcess } = calm;
    const process = newProcess();
    const { message_group_uuid } = await talk(calm, process);
    await process.run((deps) => whoAmI(deps, me.cognito_user_id));
    table.execute('Delete', { Key: { pk: `HEAD#${message_group_uuid}`, sk: 'HEAD' } });
    remove(table, me);
    const send = (deps: Deps) => sendMessage(deps, me, { message: 'gone', message_group_uuid });
    await refused('message_group_unknown', () => process.run(send));
    const log: Call[] = [];
    await refused('message_group_unknown', () => process.run(send, { log }));
    must(
      log.some(({ operation }) => operation === 'TransactWrite'),
      false,
    );
    await refused('person_unknown', () => process.run((deps) => whoAmI(deps, me.cognito_user_id)));
    await fails(() => process.run((deps) => projectInbox(deps, message_group_uuid)));
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

  'marking as read counts, and writes no more than it must': async (calm) => {
    const { me, other, table, newProcess } = calm;
    const process = newProcess();
    const own = await talk(calm, process); // the newest one is mine
    await calm.settle();
    const { message_group_uuid } = own;
    const mark =
      ({ created_at }: Pick<Message, 'created_at'>) =>
      (deps: Deps) =>
        markRead(deps, me, { message_group_uuid, created_at });
    const log: Call[] = [];
    await newProcess().run((deps) => sendMessage(deps, other, { message: 'one', message_group_uuid }));
    const two = await newProcess().run((deps) => sendMessage(deps, other, { message: 'two', message_group_uuid }));
    await calm.settle();
    const unread = async () =>
      (await process.run((deps) => getMessageGroup(deps, me, { message_group_uuid }))).row.unread_count;
    await process.run(mark(own));
    must(await unread(), 2);
    await process.run(mark(two), { log });
    must(
      log.flatMap(writesOf).map(({ pk }) => String(pk).split('#')[0]),
      ['HEAD', 'GRP'],
    );
    must([await unread(), rowsIn(table, message_group_uuid).length], [0, 2]);
    const before = table.changes.length;
    await process.run(mark(two));
    await process.run(mark(own));
    must([await unread(), table.changes.length], [0, before]);
    await calm.settle();
  },

  'no item is overwritten': async (calm) => {
    const { me, table, newProcess, newUser } = calm;
    const { message_group_uuid } = await talk(calm, newProcess());
    await calm.settle();
    const now = latest(table);
    const { handle } = await newUser();
    const send = (recipient: object, ids: string[] = []) =>
      newProcess(40).run((deps) =>
        sendMessage({ ...deps, now: () => now, newId: () => (ids.shift() ?? deps.newId()) as never }, me, {
          message: 'over',
          ...recipient,
        }),
      );
    const [conversation] = [me.user_uuid.replace(/^.{8}/, '00000000')];
    for (const [pk, sk, attempt] of [
      [`MSG#${message_group_uuid}`, now, () => refused('message_group_busy', () => send({ message_group_uuid }))],
      [`HEAD#${conversation}`, 'HEAD', () => fails(() => send({ handle }, [conversation]))],
      [`MSG#${conversation}`, now, () => fails(() => send({ handle }, [conversation]))],
    ] as const) {
      const item = { pk, sk, message: 'there' };
      table.execute('Put', { Item: item });
      const before = table.changes.length;
      await attempt();
      must([itemAt(table, pk, sk), table.changes.length], [item, before]);
      table.execute('Delete', { Key: { pk, sk } });
    }
  },

  'a row moves on from a taken place, until the deadline': async (calm) => {
    const { me, table, newProcess, newUser } = calm;
    const { message_group_uuid } = await talk(calm, newProcess());
    await calm.settle();
    const takePlaces = (count: number) => {
      const from = latest(table);
      const taken = Array.from({ length: count }, (_, n) => fromMicros(toMicros(from) + n));
      for (const sk of taken)
        table.execute('Put', { Item: { pk: `GRP#${me.user_uuid}`, sk, message_group_uuid: me.user_uuid } });
      const free = () => {
        for (const sk of taken) table.execute('Delete', { Key: { pk: `GRP#${me.user_uuid}`, sk } });
      };
      return { now: from, next: justAfter(taken.at(-1) as Timestamp), free };
    };
    const begins = async (user: RegisteredUser, now: Timestamp, budget: number) =>
      newProcess(budget).run((deps) =>
        sendMessage({ ...deps, now: () => now }, me, { message: 'hello', handle: user.handle }),
      );
    const goesOn = async (now: Timestamp, budget: number) => {
      await newProcess().run((deps) =>
        sendMessage({ ...deps, now: () => now }, me, { message: 'more', message_group_uuid }),
      );
      await newProcess(budget).run((deps) => projectInbox(deps, message_group_uuid));
      return message_group_uuid;
    };
    const user = await newUser();
    const starts = (now: Timestamp, budget: number) =>
      begins(user, now, budget).then((message) => message.message_group_uuid);
    for (const attempt of [starts, goesOn]) {
      const few = takePlaces(2);
      const conversation = await attempt(few.now, 6_000);
      must(
        rowsIn(table, conversation).map(({ sk }) => sk),
        [few.next, few.next],
      );
      few.free();
      await calm.settle();
    }
    const another = await newUser();
    for (const attempt of [(now: Timestamp) => begins(another, now, 10), (now: Timestamp) => goesOn(now, 10)]) {
      const many = takePlaces(40);
      await refused('message_group_busy', () => attempt(many.now));
      many.free();
    }
    await calm.settle();
  },

  'a verb that loses every race ends at its deadline': async (calm) => {
    const { me, other, table, newProcess } = calm;
    const { message_group_uuid, created_at } = await talk(calm, newProcess());
    const head = { pk: `HEAD#${message_group_uuid}`, sk: 'HEAD' };
    /** Changes the head before each write, after it has hidden a message for a while. */
    const losing = (deps: Deps, change: (of: Item) => object, { hiddenFor = 0, races = Infinity } = {}): Deps => {
      let left = races;
      const { client, runtime } = deps.table;
      const visibleAt = runtime.millis() + hiddenFor;
      const send = async (command: { input: object }) => {
        const isWrite = 'ClientRequestToken' in command.input;
        if (isWrite && left-- > 0)
          table.execute('Put', {
            Item: { ...itemAt(table, head.pk, head.sk), ...change(itemAt(table, head.pk, head.sk) as Item) },
          });
        if (!isWrite && runtime.millis() < visibleAt && JSON.stringify(command.input).includes(created_at)) {
          if ('TransactItems' in command.input) throw cancelled([{ Code: 'TransactionConflict' }]);
          return {};
        }
        return client.send(command as never);
      };
      return through(deps, send);
    };
    const bySends = ({ sent }: Item) => {
      const counts = sent as Record<string, number>;
      return { sent: { ...counts, [other.user_uuid]: (counts[other.user_uuid] ?? 0) + 1 } };
    };
    const byRows = ({ rows_rev }: Item) => ({ rows_rev: Number(rows_rev) + 1 });
    const budget = 400;
    const loses = async (verb: (deps: Deps) => Promise<unknown>) => {
      const process = newProcess(budget);
      const { runtime } = process.deps.table;
      const startedAt = runtime.millis();
      await refused('message_group_busy', () => process.run(verb));
      const took = runtime.millis() - startedAt;
      if (took > budget + 20) throw new Error(`it took ${took} of ${budget} ms`);
    };
    const sends = { message: 'lost', message_group_uuid };
    await loses((deps) => sendMessage(losing(deps, bySends), me, sends));
    await loses((deps) => sendMessage(losing(deps, bySends), me, { message: 'lost', handle: other.handle }));
    const reads = { message_group_uuid, created_at };
    await loses((deps) => markRead(losing(deps, byRows, { hiddenFor: budget * 0.7 }), other, reads));
    await loses((deps) => markRead(losing(deps, byRows), other, reads));
    await newProcess().run((deps) => markRead(losing(deps, byRows, { races: 1 }), other, reads));
  },
};

type Reasons = { Code?: string; Item?: Record<string, AttributeValue> }[];

/** @returns deps whose calls to the table go through a function */
const through = (deps: Deps, send: (command: never) => Promise<unknown>): Deps => ({
  ...deps,
  table: { ...deps.table, client: { send } as never },
});

/**
 * @param operation of which the answers are changed
 * @param see what is seen in place of an item
 * @param onAnswer is called after each answer that was changed
 */
function seeing(
  deps: Deps,
  operation: 'Get' | 'Query',
  see: (item: Item | undefined) => Item | undefined,
  onAnswer = () => {},
): Deps {
  const kind = operation === 'Get' ? GetCommand : QueryCommand;
  const send = async (command: object) => {
    const answer = (await deps.table.client.send(command as never)) as { Item?: Item; Items?: Item[] };
    if (!(command instanceof kind)) return answer;
    const seen = answer.Items
      ? { ...answer, Items: answer.Items.map(see).filter((item) => item !== undefined) }
      : { ...answer, Item: see(answer.Item) };
    onAnswer();
    return seen;
  };
  return through(deps, send);
}

/** @returns deps with which something happens around the first call of a kind */
function around(
  deps: Deps,
  kind: typeof TransactGetCommand | typeof TransactWriteCommand,
  { before, after }: { before?: () => Promise<unknown>; after?: () => Promise<unknown> },
): Deps {
  let isFirst = true;
  const send = async (command: object) => {
    const act = isFirst && command instanceof kind;
    if (act) isFirst = false;
    if (act) await before?.();
    const answer = await deps.table.client.send(command as never);
    if (act) await after?.();
    return answer;
  };
  return through(deps, send);
}

/** @returns deps whose writes take longer. @param millis how much */
function slowed(deps: Deps, millis: number): Deps {
  const { client, runtime } = deps.table;
  const send = async (command: object) => {
    if (millis > 0) await runtime.wait(millis);
    return client.send(command as never);
  };
  return through(deps, send);
}

const day = 86_400_000; // milliseconds

/** Lets two users write to each other. @returns the newest message, which is of `me` */
async function talk({ me, other }: Calm, process: Process, count = 3): Promise<Message> {
  let message: Message | undefined;
  for (let n = count - 1; n >= 0; n--) {
    const [from, to] = n % 2 === 0 ? [me, other] : [other, me];
    message = await process.run((deps) => sendMessage(deps, from, { message: `message ${n}`, handle: to.handle }));
  }
  return message as Message;
}

/** All messages of a conversation, page by page. */
async function messagesOf(process: Process, user: RegisteredUser, message_group_uuid: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (let next: object | undefined = {}; next; ) {
    const input: object = { message_group_uuid, limit: 4, ...next };
    const page: MessagePage = await process.run((deps) => listMessages(deps, user, input));
    messages.unshift(...page.messages);
    next = page.next;
  }
  return messages;
}

async function inboxOf(process: Process, user: RegisteredUser): Promise<InboxRow[]> {
  const rows: InboxRow[] = [];
  for (let next: object | undefined = {}; next; ) {
    const input: object = { limit: 2, ...next };
    const page: InboxPage = await process.run((deps) => listMessageGroups(deps, user, input));
    rows.push(...page.rows);
    next = page.next;
  }
  return rows;
}

/** The operations that a verb calls, in their order. */
async function callsOf(process: Process, verb: (deps: Deps) => Promise<unknown>): Promise<string> {
  const log: Call[] = [];
  await process.run(verb, { log });
  return log.map(({ operation }) => operation).join(' ');
}

/** The keys that a call writes. */
function writesOf({ operation, input }: Call): Item[] {
  if (operation !== 'TransactWrite') return [];
  return (input as { TransactItems: Record<string, { Item?: Item; Key?: Item }>[] }).TransactItems.flatMap((entry) =>
    Object.values(entry).map(({ Item, Key }) => (Item ?? Key) as Item),
  );
}

function itemAt(table: MemoryTable, pk: unknown, sk: unknown): Item | undefined {
  return table.execute('Get', { Key: { pk, sk }, ConsistentRead: true }).output.Item as Item | undefined;
}

/** Two users who have never written to each other, and cleared nothing. */
async function twoStrangers(calm: Calm): Promise<Calm> {
  return { ...calm, me: await calm.newUser('stranger0'), other: await calm.newUser('stranger1') };
}

/** The time up to which a user has cleared a conversation. */
function clearedBy(table: MemoryTable, { user_uuid }: RegisteredUser, conversation: string): string {
  const head = itemAt(table, `HEAD#${conversation}`, 'HEAD') as Item;
  const place = (head.participants as { user_uuid: string }[]).findIndex((one) => one.user_uuid === user_uuid);
  return String(head[`cleared${place}`] ?? '');
}

const messagesIn = (table: MemoryTable, conversation: string): Item[] =>
  [...table.items()]
    .filter(({ pk }) => pk === `MSG#${conversation}`)
    .sort((one, other) => (String(one.sk) < String(other.sk) ? -1 : 1));
const rowsIn = (table: MemoryTable, conversation: string): Item[] =>
  [...table.items()].filter(
    ({ pk, message_group_uuid }) => /^(GRP|HIDDEN)#/.test(String(pk)) && message_group_uuid === conversation,
  );

/** A time that is later than that of every message. */
function latest(table: MemoryTable): Timestamp {
  const times = [...table.items()].filter(({ pk }) => /^(MSG|GRP)#/.test(String(pk))).map(({ sk }) => String(sk));
  return fromMicros(toMicros((times.sort().at(-1) ?? fromMicros(noon * 1_000)) as Timestamp) + 1_000);
}

function remove(table: MemoryTable, { user_uuid, cognito_user_id }: RegisteredUser): void {
  table.execute('Delete', { Key: { pk: `USR#${user_uuid}`, sk: 'USR' } });
  table.execute('Delete', { Key: { pk: `COGNITO#${cognito_user_id}`, sk: 'COGNITO' } });
}

/** @throws Error unless both are the same as JSON */
function must(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one} instead of ${other}`);
}

/** @throws Error if the call succeeds, or ends with an error that a client could cause */
async function fails(call: () => Promise<unknown>): Promise<void> {
  const error = await call().then(
    () => new Error('it should fail'),
    (error: unknown) => error,
  );
  if ((error as Error).message === 'it should fail' || 'issues' in (error as object)) throw error;
}
