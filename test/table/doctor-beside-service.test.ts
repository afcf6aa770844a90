import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { repair } from '../../admin/doctor/examine.ts';
import type { Timestamp } from '../../core/model/time.ts';
import { openTable } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { localConfig, newTable } from '../support/table.ts';
import { codesOf, diagnoses, findings, newPractice, town as settled, type Town } from '../support/town.ts';
import type { World } from '../support/world.ts';

const table = await newTable(dynamodbEndpoint);
let p: Awaited<ReturnType<typeof newPractice>>;
let town: () => Promise<Town>;
let w: World;

beforeEach(async () => {
  p = await newPractice(table);
  town = () => settled(p);
  w = p.w;
});

describe('beside a service that runs', () => {
  /** Lets something happen just before the doctor's n-th call of a kind. */
  function justBefore(commandName: string, happens: () => Promise<unknown>, nth = 1) {
    let calls = 0;
    if (p.context.table === p.table) {
      p.context = { ...p.context, table: openTable(p.table.name, localConfig(dynamodbEndpoint)) };
    }
    p.context.table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === commandName && ++calls === nth) await happens();
        return next(args);
      },
      { step: 'initialize', name: commandName },
    );
    return () => expect(calls, `the doctor called no ${commandName}`).toBeGreaterThanOrEqual(nth);
  }
  async function repairAll() {
    for (const diagnosis of await diagnoses(p.context)) await repair(p.context, diagnosis);
  }

  test('a projection that comes within the grace is waited for; one that does not come is reported', async () => {
    const { ada, conversation } = await town();
    p.context = { ...p.context, grace: 10_000 };
    await w.when.sendsIn(ada, conversation, 'a3');
    const late = wait(200).then(() => w.when.projected(conversation));
    expect(await findings(p.context)).toEqual([]);
    expect(await late).toBe(true);
    p.context = { ...p.context, grace: 300 };
    p.clock.move(1_000);
    await w.when.sendsIn(ada, conversation, 'a4');
    expect(codesOf(await findings(p.context))).toEqual(['inbox_row_stale', 'inbox_row_stale']);
  });

  test('a message that was not shown for longer than the grace is reported at once', async () => {
    const { ada, conversation } = await town();
    p.context = { ...p.context, grace: 60_000 };
    await w.when.sendsIn(ada, conversation, 'a3');
    p.clock.move(61_000_000);
    expect(codesOf(await findings(p.context))).toEqual(['inbox_row_stale', 'inbox_row_stale']);
  });

  test.each([
    ['are right', {}, []],
    ['are wrong', { unread_count: 40 }, ['unread_wrong']],
  ])(
    'a projector that is alive but behind: rows that show an older message %s by that message',
    async (_, wrong, codes) => {
      const { ada, bob, conversation } = await town();
      p.context = { ...p.context, grace: 30_000 };
      await w.when.sendsIn(ada, conversation, 'a3');
      // The first look takes four: the head, the newest message, the one that is shown, the head once more.
      const happened = justBefore(
        'GetItemCommand',
        async () => {
          await w.when.projected(conversation);
          const [row] = (await p.rowsOf(bob)) as [items.Item];
          await p.put({ ...row, ...wrong });
          await w.when.sendsIn(ada, conversation, 'a4');
        },
        5,
      );
      expect(codesOf(await findings(p.context))).toEqual(codes);
      happened();
    },
  );

  test('rows that move while they are looked at are no fault', async () => {
    const { ada, conversation } = await town();
    await w.when.sendsIn(ada, conversation, 'a3');
    const happened = justBefore('QueryCommand', () => w.when.projected(conversation));
    expect(await findings(p.context)).toEqual([]);
    happened();
  });

  test('a message that comes while the others are counted is no fault', async () => {
    const { ada, conversation, pair } = await town();
    await p.remove(pair); // so that it is looked at
    const sent = justBefore('QueryCommand', () => w.when.sendsIn(ada, conversation, 'a3'));
    // After the head, the newest message, the one that is shown, and the head once more.
    const projected = justBefore('GetItemCommand', () => w.when.projected(conversation), 5);
    expect(codesOf(await findings(p.context))).toEqual(['head_without_pair']);
    sent();
    projected();
  });

  test('a conversation that is written to at every look is not ill', async () => {
    const { ada, conversation, pair } = await town();
    await p.remove(pair);
    p.context = { ...p.context, table: openTable(p.table.name, localConfig(dynamodbEndpoint)), grace: 5_000 };
    let sends = 0;
    p.context.table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'QueryCommand') {
          sends++;
          await w.when.sendsIn(ada, conversation, `again ${sends}`);
          if (sends % 7 === 0) await w.when.projected(conversation);
        }
        return next(args);
      },
      { step: 'initialize', name: 'busy' },
    );
    expect((await findings(p.context)).filter(({ code }) => code !== 'head_without_pair')).toEqual([]);
    expect(sends).toBeGreaterThan(2);
  });

  test('a message sent just before the repair is written counts', async () => {
    const { ada, conversation, adasRow } = await town();
    await p.change(adasRow, { unread_count: 7 });
    const happened = justBefore('TransactWriteItemsCommand', () => w.when.sendsIn(ada, conversation, 'a3'));
    const [diagnosis] = await diagnoses(p.context);
    expect(await diagnosis?.repair?.()).toBe(false); // refused as a whole: nothing that counts is overwritten, not even for a moment
    await repairAll();
    happened();
    expect((await w.then.conversation(ada, conversation)).at(-1)).toMatchObject({ message: 'a3', seq: 6 });
    expect(await findings(p.context)).toEqual([]);
  });

  test('what was marked as read just before the repair is written stays read', async () => {
    const { bob, adasRow, newest } = await town();
    await p.change(adasRow, { message: 'x' });
    const happened = justBefore('TransactWriteItemsCommand', () => w.when.reads(bob, newest));
    await repairAll();
    happened();
    expect((await w.then.inbox(bob))[0]?.unread_count).toBe(0);
    expect(await findings(p.context)).toEqual([]);
  });

  test('a handle that its user takes just before it would go stays', async () => {
    const { dan } = await town();
    const key = items.handleKey('old_dan' as never);
    await p.put({ ...key, user_uuid: dan.user_uuid, display_name: dan.display_name });
    const happened = justBefore('TransactWriteItemsCommand', async () => {
      await p.change(items.userKey(dan.user_uuid), { handle: 'old_dan' });
      await p.remove(items.handleKey(dan.handle));
    });
    await repairAll();
    happened();
    expect(await p.get(key)).toMatchObject({ user_uuid: dan.user_uuid });
    expect(await findings(p.context)).toEqual([]);
  });

  test('a stray row that a good one replaces just before it would go: the good one stays', async () => {
    const { cy, dan, adasRow } = await town();
    const place = { ...items.inboxRowKey(dan.user_uuid, adasRow.sk as Timestamp) };
    await p.put({ ...(await p.get(adasRow)), ...place });
    const happened = justBefore('TransactWriteItemsCommand', async () => {
      await p.remove(place);
      p.clock.set(adasRow.sk);
      await w.when.projected((await w.when.sends(cy, dan, 'hello')).message_group_uuid);
    });
    await repairAll();
    happened();
    expect(await p.get(place)).toMatchObject({ message: 'hello' });
    expect(await findings(p.context)).toEqual([]);
  });
});
