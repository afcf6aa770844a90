import { examine, repair } from '../../../admin/doctor/examine.ts';
import { checkSignUp } from '../../../core/check-sign-up.ts';
import type { Deps } from '../../../core/deps.ts';
import { findUsers } from '../../../core/find-users.ts';
import { knownUsers } from '../../../core/known-users.ts';
import { defaultLimits } from '../../../core/model/limits.ts';
import type { RegisteredUser } from '../../../core/model/user.ts';
import { sendMessage } from '../../../core/send-message.ts';
import { updateProfile } from '../../../core/update-profile.ts';
import { whoAmI } from '../../../core/who-am-i.ts';
import { freshToken } from '../../support/fresh-token.ts';
import type { Process } from '../process.ts';
import type { Item } from '../table/values.ts';
import { refused } from '../verbs.ts';
import {
  type CalmCheck,
  fails,
  inboxOf,
  itemAt,
  latest,
  messagesOf,
  must,
  remove,
  talk,
  through,
  twoStrangers,
} from './calm.ts';

/** What holds of users, their names and their standing. */
export const ofUsers: Record<string, CalmCheck> = {
  'a process remembers users for a minute': async (calm) => {
    const { table, newProcess, wait } = calm;
    const { me } = await twoStrangers(calm);
    const process = newProcess();
    const nameOf = async () => (await process.run((deps) => whoAmI(deps, me.cognito_user_id, freshToken))).display_name;
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
        return [(await whoAmI(deps, me.cognito_user_id, freshToken)).display_name, known.get(user_uuid)?.display_name];
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
    await refused('user_suspended', () => newProcess().run((deps) => whoAmI(deps, other.cognito_user_id, freshToken)));
    const begin = (from: RegisteredUser, to: RegisteredUser) =>
      newProcess().run((deps) => sendMessage(deps, from, { message: 'hello', handle: to.handle }));
    await refused('recipient_unavailable', () => begin(third, other));
    await refused('user_suspended', () => begin(other, third));
    table.execute('Put', { Item: item });
    await process.run(send);
    await begin(third, other);
    await calm.settle();
  },

  'a user who is gone takes part in nothing': async (calm) => {
    const { me, table, newProcess, newUser } = calm;
    const process = newProcess();
    const [gone, there] = [await newUser('gone'), await newUser('there')];
    await process.run((deps) => whoAmI(deps, me.cognito_user_id, freshToken));
    const before = table.changes.length;
    const sendTo = ({ handle }: RegisteredUser) =>
      process.run((deps) => sendMessage(deps, me, { message: 'hello', handle }));
    table.execute('Delete', { Key: { pk: `USR#${gone.user_uuid}`, sk: 'USR' } });
    await refused('handle_unknown', () => sendTo(gone));
    remove(table, me);
    await refused('person_unknown', () => sendTo(there));
    await refused('person_unknown', () => process.run((deps) => whoAmI(deps, me.cognito_user_id, freshToken)));
    must(
      table.changes.slice(before).every(({ eventName }) => eventName === 'REMOVE'),
      true,
    );
  },
};
