import { TransactGetCommand } from '@aws-sdk/lib-dynamodb';
import { checkConversation } from '../../../admin/doctor/check-conversation.ts';
import { checkUser } from '../../../admin/doctor/check-users.ts';
import { examine, repair } from '../../../admin/doctor/examine.ts';
import { blockUser } from '../../../core/block-user.ts';
import type { Deps } from '../../../core/deps.ts';
import { editMessage } from '../../../core/edit-message.ts';
import { projectInbox } from '../../../core/project-inbox.ts';
import { sendMessage } from '../../../core/send-message.ts';
import { unblockUser } from '../../../core/unblock-user.ts';
import { updateProfile } from '../../../core/update-profile.ts';
import type { Item } from '../table/values.ts';
import { refused } from '../verbs.ts';
import {
  around,
  type CalmCheck,
  itemAt,
  messagesIn,
  must,
  rowsIn,
  seeing,
  talk,
  through,
  twoStrangers,
} from './calm.ts';

/** What holds of the doctor. */
export const ofDoctor: Record<string, CalmCheck> = {
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
      await wait(6_000); // until no row of another conversation can have the same time, although clocks are up to 5 s apart
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
};
