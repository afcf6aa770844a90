import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkConversation } from '../../admin/doctor/check-conversation.ts';
import { checkInboxRow, checkPair, checkReceipt } from '../../admin/doctor/check-references.ts';
import { checkUser, checkUserKey } from '../../admin/doctor/check-users.ts';
import { repair } from '../../admin/doctor/examine.ts';
import { putRepairedHead } from '../../admin/table/repairs.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import { openTable } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import {
  codesOf,
  createSampleConversations,
  diagnoses,
  findings,
  newDoctorFixture,
  type SampleConversations,
} from '../support/doctor-fixture.ts';
import { eventually } from '../support/eventually.ts';
import { HiddenItems } from '../support/hidden-items.ts';
import type { Scenario } from '../support/scenario.ts';
import { localConfig, newTable } from '../support/table.ts';

const table = await newTable(dynamodbEndpoint);
let fixture: Awaited<ReturnType<typeof newDoctorFixture>>;
let sampleConversations: () => Promise<SampleConversations>;
let s: Scenario;

beforeEach(async () => {
  fixture = await newDoctorFixture(table);
  sampleConversations = () => createSampleConversations(fixture);
  s = fixture.scenario;
});

describe('while the service runs,', () => {
  /**
   * Runs an action just before the doctor's n-th call of a command.
   * @returns a check that this has happened
   */
  function justBefore(commandName: string, action: () => Promise<unknown>, nth = 1) {
    let calls = 0;
    if (fixture.context.table === fixture.table) {
      fixture.context = { ...fixture.context, table: openTable(fixture.table.name, localConfig(dynamodbEndpoint)) };
    }
    fixture.context.table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === commandName && ++calls === nth) await action();
        return next(args);
      },
      { step: 'initialize', name: commandName },
    );
    return () => expect(calls, `the doctor made too few ${commandName}s`).toBeGreaterThanOrEqual(nth);
  }
  async function repairAll() {
    for (const diagnosis of await diagnoses(fixture.context)) await repair(fixture.context, diagnosis);
  }

  test('the doctor waits for a projection during the grace period, and reports one that is still missing after it', async () => {
    const { ada, conversation } = await sampleConversations();
    fixture.context = { ...fixture.context, grace: 10_000 };
    await s.when.sendsIn(ada, conversation, 'a3');
    const late = wait(200).then(() => s.when.projected(conversation));
    expect(await findings(fixture.context)).toEqual([]);
    expect(await late).toBe(true);
    fixture.context = { ...fixture.context, grace: 300 };
    fixture.clock.move(1_000);
    await s.when.sendsIn(ada, conversation, 'a4');
    expect(codesOf(await findings(fixture.context))).toEqual(['inbox_row_stale', 'inbox_row_stale']);
  });

  test('the doctor immediately reports a message that the rows have not shown for longer than the grace period', async () => {
    const { ada, conversation } = await sampleConversations();
    fixture.context = { ...fixture.context, grace: 60_000 };
    await s.when.sendsIn(ada, conversation, 'a3');
    fixture.clock.move(61_000_000);
    expect(codesOf(await findings(fixture.context))).toEqual(['inbox_row_stale', 'inbox_row_stale']);
  });

  test.each([
    ['correct', {}, []],
    ['wrong', { unread_count: 40 }, ['unread_wrong']],
  ])(
    'the doctor compares rows of a late projector with the older message that they show: %s rows',
    async (_, wrong, codes) => {
      const { ada, bob, conversation } = await sampleConversations();
      fixture.context = { ...fixture.context, grace: 30_000 };
      await s.when.sendsIn(ada, conversation, 'a3');
      // The first snapshot takes four gets: the head, the newest message, the message that the rows show, and the head again.
      const happened = justBefore(
        'GetItemCommand',
        async () => {
          await s.when.projected(conversation);
          const [row] = (await fixture.rowsOf(bob)) as [items.Item];
          await fixture.put({ ...row, ...wrong });
          await s.when.sendsIn(ada, conversation, 'a4');
        },
        5,
      );
      expect(codesOf(await findings(fixture.context))).toEqual(codes);
      happened();
    },
  );

  test('rows that the service moves while the doctor checks them cause no finding', async () => {
    const { ada, conversation } = await sampleConversations();
    await s.when.sendsIn(ada, conversation, 'a3');
    const happened = justBefore('QueryCommand', () => s.when.projected(conversation));
    expect(await findings(fixture.context)).toEqual([]);
    happened();
  });

  test('a message that is sent while the doctor counts messages causes no finding', async () => {
    const { ada, conversation, pair } = await sampleConversations();
    await fixture.remove(pair); // so that the doctor counts the messages
    const sent = justBefore('QueryCommand', () => s.when.sendsIn(ada, conversation, 'a3'));
    // After the four gets of the first snapshot: head, newest message, message that the rows show, head again.
    const projected = justBefore('GetItemCommand', () => s.when.projected(conversation), 5);
    expect(codesOf(await findings(fixture.context))).toEqual(['head_without_pair']);
    sent();
    projected();
  });

  test('a conversation that changes during every snapshot causes no finding', async () => {
    const { ada, conversation, pair } = await sampleConversations();
    await fixture.remove(pair);
    fixture.context = {
      ...fixture.context,
      table: openTable(fixture.table.name, localConfig(dynamodbEndpoint)),
      grace: 5_000,
    };
    let sends = 0;
    fixture.context.table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'QueryCommand') {
          sends++;
          await s.when.sendsIn(ada, conversation, `again ${sends}`);
          if (sends % 7 === 0) await s.when.projected(conversation);
        }
        return next(args);
      },
      { step: 'initialize', name: 'busy' },
    );
    expect((await findings(fixture.context)).filter(({ code }) => code !== 'head_without_pair')).toEqual([]);
    expect(sends).toBeGreaterThan(2);
  });

  test('a message that is sent just before the repair is written is kept', async () => {
    const { ada, conversation, adasRow } = await sampleConversations();
    await fixture.change(adasRow, { unread_count: 7 });
    const happened = justBefore('TransactWriteItemsCommand', () => s.when.sendsIn(ada, conversation, 'a3'));
    const [diagnosis] = await diagnoses(fixture.context);
    expect(await diagnosis?.repair?.()).toBe(false); // the whole transaction fails, so that nothing correct is overwritten
    await repairAll();
    happened();
    expect((await s.then.conversation(ada, conversation)).at(-1)).toMatchObject({ message: 'a3', seq: 6 });
    expect(await findings(fixture.context)).toEqual([]);
  });

  test('a message that is marked as read just before the repair is written stays read', async () => {
    const { bob, adasRow, newest } = await sampleConversations();
    await fixture.change(adasRow, { message: 'x' });
    const happened = justBefore('TransactWriteItemsCommand', () => s.when.reads(bob, newest));
    await repairAll();
    happened();
    expect((await s.then.inbox(bob))[0]?.unread_count).toBe(0);
    expect(await findings(fixture.context)).toEqual([]);
  });

  test('a handle that a user takes just before its deletion stays', async () => {
    const { dan } = await sampleConversations();
    const key = items.handleKey('old_dan' as never);
    await fixture.put({ ...key, user_uuid: dan.user_uuid, display_name: dan.display_name });
    const happened = justBefore('TransactWriteItemsCommand', async () => {
      await fixture.change(items.userKey(dan.user_uuid), { handle: 'old_dan' });
      await fixture.remove(items.handleKey(dan.handle));
      const user = { user_uuid: dan.user_uuid, handle: 'old_dan' as never, display_name: dan.display_name };
      for (const item of items.searchItems(user)) await fixture.put(item);
    });
    await repairAll();
    happened();
    expect(await fixture.get(key)).toMatchObject({ user_uuid: dan.user_uuid });
    expect(await findings(fixture.context)).toEqual([]);
  });

  test('a correct row that replaces a stray one just before its deletion stays', async () => {
    const { cy, dan, adasRow } = await sampleConversations();
    const place = { ...items.inboxRowKey(dan.user_uuid, adasRow.sk as Timestamp) };
    await fixture.put({ ...(await fixture.get(adasRow)), ...place });
    const happened = justBefore('TransactWriteItemsCommand', async () => {
      await fixture.remove(place);
      fixture.clock.set(adasRow.sk);
      await s.when.projected((await s.when.sends(cy, dan, 'hello')).message_group_uuid);
    });
    await repairAll();
    happened();
    expect(await fixture.get(place)).toMatchObject({ message: 'hello' });
    expect(await findings(fixture.context)).toEqual([]);
  });
});

describe('while DynamoDB shows the items of a transaction one by one,', () => {
  function hidden(): HiddenItems {
    fixture.context = { ...fixture.context, table: openTable(fixture.table.name, localConfig(dynamodbEndpoint)) };
    return new HiddenItems(fixture.context.table);
  }

  test('the doctor does not take a head for wrong whose newest message is still hidden', async () => {
    const { conversation, newest } = await sampleConversations();
    const key = items.messageKey(conversation, newest.created_at);
    const message = hidden().hide(key);
    // By itself, since the check of the receipt asks for the message as well
    expect((await checkConversation(fixture.context, conversation)).findings).toEqual([]);
    expect(message.size, 'the doctor has asked in a transaction').toBe(0);
    message.hide(key);
    expect(await findings(fixture.context)).toEqual([]);
    expect(message.size, 'the doctor has asked in a transaction').toBe(0);
  });

  test('what a row, a pair, a receipt, a user or a handle names is not taken for missing while it is hidden', async () => {
    const { ada, bob, conversation, newest, adasRow, head, pair } = await sampleConversations();
    const [userKey, handleKey] = [items.userKey(ada.user_uuid), items.handleKey(ada.handle)];
    const receiptKey = items.receiptKey(bob.user_uuid, 'key-b3');
    const cases = [
      { check: checkInboxRow, kind: 'inbox', of: adasRow, hides: head },
      { check: checkPair, kind: 'pair', of: pair, hides: head },
      {
        check: checkReceipt,
        kind: 'receipt',
        of: receiptKey,
        hides: items.messageKey(conversation, newest.created_at),
      },
      { check: checkUser, kind: 'user', of: userKey, hides: handleKey },
      { check: checkUserKey, kind: 'handle', of: handleKey, hides: userKey },
    ] as const;
    const hiding = hidden();
    for (const { check, kind, of, hides } of cases) {
      const subject = { kind, item: await fixture.get(of) };
      hiding.hide(hides);
      expect((await check(fixture.context, subject)).findings, kind).toEqual([]);
      expect(hiding.size, `the check of the ${kind} has asked in a transaction`).toBe(0);
    }
  });

  test('the doctor does not take a head for wrong that does not count the newest message yet', async () => {
    const { conversation, head: key, messages } = await sampleConversations();
    const { last_message_at, sent, ...rest } = await fixture.get(key);
    const [before] = messages.slice(-2) as [Message];
    const counts = { ...(sent as Record<string, number>) };
    const newest = messages.at(-1) as Message;
    counts[newest.sender.user_uuid] = (counts[newest.sender.user_uuid] ?? 0) - 1;
    const head = hidden().hide(items.headKey(conversation), {
      before: { ...rest, sent: counts, last_message_at: before.created_at },
    });
    expect(last_message_at).toBe(newest.created_at);
    expect(await findings(fixture.context)).toEqual([]);
    expect(head.size, 'the doctor has asked in a transaction').toBe(0);
  });

  test('the doctor does not miss a row that is still hidden', async () => {
    const { adasRow } = await sampleConversations();
    const row = hidden().hide(adasRow);
    expect(await findings(fixture.context)).toEqual([]);
    expect(row.size, 'the doctor has asked in a transaction').toBe(0);
  });

  test('the doctor does not take a row for stale whose message was changed by a transaction that its head does not show yet', async () => {
    const { conversation, newest, head: key } = await sampleConversations();
    await s.when.edits(newest.sender, newest, 'edited');
    await s.when.projected(conversation);
    await s.when.edits(newest.sender, newest, 'edited again');
    const head = hidden().hide(key, { before: { ...(await fixture.get(key)), version: 1 } });
    fixture.context = { ...fixture.context, grace: 20_000 };
    const found = checkConversation(fixture.context, conversation);
    await eventually(async () => expect(head.size, 'the doctor has asked in a transaction').toBe(0));
    await s.when.projected(conversation); // the doctor waits for it
    expect((await found).findings).toEqual([]);
  });

  test('the doctor does not take rows for misplaced that the head does not place yet', async () => {
    const { conversation, messages, head: key } = await sampleConversations();
    const { rows_rev, ...rest } = await fixture.get(key);
    const [first] = messages as [Message];
    const before = { ...rest, rows_rev: Number(rows_rev) - 1, shown_at: first.created_at, inbox_at: first.created_at };
    const head = hidden().hide(items.headKey(conversation), { before });
    expect((await checkConversation(fixture.context, conversation)).findings).toEqual([]);
    expect(head.size, 'the doctor has asked in a transaction').toBe(0);
  });

  test('the doctor does not take a head for lost that is still hidden', async () => {
    const { conversation } = await sampleConversations();
    const head = hidden().hide(items.headKey(conversation));
    expect(await findings(fixture.context)).toEqual([]);
    expect(head.size, 'the doctor has asked in a transaction').toBe(0);
  });

  test('the doctor does not miss a pair that is still hidden', async () => {
    const { ada, bob } = await sampleConversations();
    const pair = hidden().hide(items.pairKey(ada.user_uuid, bob.user_uuid));
    expect(codesOf(await findings(fixture.context))).not.toContain('head_without_pair');
    expect(pair.size, 'the doctor has asked in a transaction').toBe(0);
  });

  test('the doctor waits for a message that is hidden before a new one, and reports one that is missing for good', async () => {
    const { conversation, messages } = await sampleConversations();
    const key = items.messageKey(conversation, messages.at(-2)?.created_at as Timestamp);
    const few = hidden().hide(key, { reads: 3 });
    fixture.context = { ...fixture.context, grace: 10_000 };
    expect((await checkConversation(fixture.context, conversation)).findings).toEqual([]);
    expect(few.size).toBe(0);
    few.hide(key, { reads: 3 });
    expect(await findings(fixture.context)).toEqual([]);
    expect(few.size).toBe(0);
    await fixture.remove(key);
    fixture.clock.move(61_000_000);
    expect(codesOf(await findings(fixture.context))).toContain('seq_gap');
  });

  test('the doctor waits for a message that is hidden from when it misses it, not from the start of its check', async () => {
    const { ada, conversation, newest } = await sampleConversations();
    await s.when.sendsIn(ada, conversation, 'a3');
    const few = hidden();
    const grace = 200; // milliseconds, for which the doctor waits for the rows of the new message
    let now = 0;
    const runtime = {
      ...fixture.table.runtime,
      millis: () => now,
      wait: async (millis: number) => {
        now += millis;
        if (now - millis > grace - 50 || now <= grace - 50) return;
        await s.when.projected(conversation);
        few.hide(items.messageKey(conversation, newest.created_at), { reads: 4 });
      },
    };
    const context = { ...fixture.context, grace, table: { ...fixture.context.table, runtime } };
    expect((await checkConversation(context, conversation)).findings).toEqual([]);
    expect(now, 'it waited longer for the hidden message').toBeGreaterThan(grace);
    expect(few.size).toBe(0);
  });

  test('a repair does not set a head back before a message that is there', async () => {
    const { messages, head: key } = await sampleConversations();
    const before = items.headOf(await fixture.get(key));
    const after = { ...before, last_message_at: messages.at(-2)?.created_at as Timestamp };
    const failed = await putRepairedHead(
      fixture.table,
      { before, after, keepsPlace: true, strays: [] },
      Date.now() + 1_000,
    );
    expect(failed).toBe(true);
    expect(items.headOf(await fixture.get(key))).toEqual(before);
  });
});
