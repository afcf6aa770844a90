import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { checkReport } from '../../../admin/doctor/check-reports.ts';
import { examine, repair } from '../../../admin/doctor/examine.ts';
import { blockUser } from '../../../core/block-user.ts';
import { clearMessageGroup } from '../../../core/clear-message-group.ts';
import { createReport } from '../../../core/create-report.ts';
import { deleteMessage } from '../../../core/delete-message.ts';
import type { Deps } from '../../../core/deps.ts';
import { editMessage } from '../../../core/edit-message.ts';
import type { Account } from '../../../core/model/account.ts';
import type { Limits } from '../../../core/model/limits.ts';
import type { Message } from '../../../core/model/message.ts';
import { fromMicros, type Timestamp, toMicros } from '../../../core/model/time.ts';
import type { RegisteredUser } from '../../../core/model/user.ts';
import { sendMessage } from '../../../core/send-message.ts';
import { unblockUser } from '../../../core/unblock-user.ts';
import type { Call } from '../process.ts';
import type { Item } from '../table/values.ts';
import { refused } from '../verbs.ts';
import {
  around,
  type CalmCheck,
  day,
  itemAt,
  latest,
  messagesIn,
  must,
  seeing,
  talk,
  through,
  twoStrangers,
} from './calm.ts';

/** What holds of blocks, reports and limits. */
export const ofControl: Record<string, CalmCheck> = {
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
      { ...rest, evidence: [null, ...(evidence as Item[])] },
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
      await calm.wait(6_000); // until no row of another conversation can have the same time, although clocks are up to 5 s apart
      await starter.run((deps) => sendMessage(deps, seventh, { message: 'hello', handle: to.handle }), { log });
    }
    must(log.filter(({ operation }) => operation === 'TransactWrite').length, 2);
    await calm.settle();
  },
};
