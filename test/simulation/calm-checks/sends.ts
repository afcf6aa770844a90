import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Deps } from '../../../core/deps.ts';
import { markRead } from '../../../core/mark-read.ts';
import type { Message } from '../../../core/model/message.ts';
import type { RegisteredUser } from '../../../core/model/user.ts';
import { projectInbox } from '../../../core/project-inbox.ts';
import { sendMessage } from '../../../core/send-message.ts';
import { whoAmI } from '../../../core/who-am-i.ts';
import { freshToken } from '../../support/fresh-token.ts';
import type { Call } from '../process.ts';
import { cancelled } from '../table/errors.ts';
import type { Item } from '../table/values.ts';
import { refused } from '../verbs.ts';
import {
  type CalmCheck,
  callsOf,
  day,
  fails,
  itemAt,
  latest,
  messagesIn,
  must,
  type Reasons,
  remove,
  slowed,
  talk,
  through,
} from './calm.ts';

/** What holds of sends and first contacts. */
export const ofSends: Record<string, CalmCheck> = {
  'a warm process makes few calls': async (calm) => {
    const { me, other, newProcess, newUser, wait } = calm;
    const process = newProcess();
    const { message_group_uuid } = await talk(calm, process);
    const again = (deps: Deps) => sendMessage(deps, me, { message: 'again', message_group_uuid });
    must(await callsOf(process, again), 'TransactWrite');
    await newProcess().run((deps) => sendMessage(deps, other, { message: 'between', message_group_uuid }));
    must(await callsOf(process, again), 'TransactWrite TransactWrite');

    const { handle } = await newUser();
    await wait(6_000); // until no row of another conversation can have the same time, although clocks are up to 5 s apart
    const caller = await process.run((deps) => whoAmI(deps, me.cognito_user_id, freshToken));
    const begin = (deps: Deps) => sendMessage(deps, caller, { message: 'hello', handle });
    must(await callsOf(process, begin), 'Get Get TransactWrite');
    must(await callsOf(process, begin), 'Get Get BatchGet TransactWrite'); // of the recipient, who is remembered from then on
    must(await callsOf(process, begin), 'Get Get TransactWrite');

    await process.run((deps) => whoAmI(deps, me.cognito_user_id, freshToken));
    must(await callsOf(process, (deps) => whoAmI(deps, me.cognito_user_id, freshToken)), '');
    must(process.memory.queues.size, 0);
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

  'a process forgets a table that is gone': async (calm) => {
    const { me, table, newProcess } = calm;
    const process = newProcess();
    const { message_group_uuid } = await talk(calm, process);
    await process.run((deps) => whoAmI(deps, me.cognito_user_id, freshToken));
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
    await refused('person_unknown', () => process.run((deps) => whoAmI(deps, me.cognito_user_id, freshToken)));
    await fails(() => process.run((deps) => projectInbox(deps, message_group_uuid)));
  },
};
