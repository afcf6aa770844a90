import { countUnread } from '../../../core/count-unread.ts';
import type { Deps } from '../../../core/deps.ts';
import { getMessageGroup } from '../../../core/get-message-group.ts';
import { listMessages } from '../../../core/list-messages.ts';
import { markRead } from '../../../core/mark-read.ts';
import type { Message } from '../../../core/model/message.ts';
import { isSeen } from '../../../core/model/seen.ts';
import { fromMicros, justAfter, type Timestamp, toMicros } from '../../../core/model/time.ts';
import type { RegisteredUser } from '../../../core/model/user.ts';
import { muteMessageGroup } from '../../../core/mute-message-group.ts';
import { projectInbox } from '../../../core/project-inbox.ts';
import { sendMessage } from '../../../core/send-message.ts';
import { unmuteMessageGroup } from '../../../core/unmute-message-group.ts';
import type { Call } from '../process.ts';
import type { Item } from '../table/values.ts';
import { refused } from '../verbs.ts';
import {
  type CalmCheck,
  itemAt,
  latest,
  messagesIn,
  must,
  rowsIn,
  talk,
  through,
  twoStrangers,
  writesOf,
} from './calm.ts';

/** What holds of inbox rows, unread counts and receipts. */
export const ofRows: Record<string, CalmCheck> = {
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
};
