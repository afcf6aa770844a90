import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkConversation } from '../../admin/doctor/check-conversation.ts';
import { examine, repair } from '../../admin/doctor/examine.ts';
import { importConversation } from '../../admin/import/import-conversation.ts';
import { blockUser } from '../../core/block-user.ts';
import { newMemory } from '../../core/deps.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { listBlocks } from '../../core/list-blocks.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { blockItem, blockKey, headKey, pairKey } from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { HiddenItems } from '../support/hidden-items.ts';
import { interceptedTable, justBefore } from '../support/intercepted-table.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, localConfig, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;
const clock = clockAt('2024-02-29T12:00:00.000000+00:00');

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table, { now: clock.now });
});
beforeEach(async () => {
  clock.move(1_000_000);
  [ada, bob] = [await s.given.user(), await s.given.user()];
});

const unavailable = /^recipient_unavailable$/;
/** Another process, which remembers nothing. */
const another = () => scenario(table, { now: clock.now, memory: newMemory(table.runtime) });
const change = (key: object, UpdateExpression: string, values?: object) =>
  table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: key,
      UpdateExpression,
      ...(values && { ExpressionAttributeValues: values as Record<string, unknown> }),
    }),
  );
const blockedBy = async (key: { pk: string }) => (await dump(table, key.pk))[0]?.blocked_by;
const listed = async (me: User) => (await listBlocks(s.deps, me, {})).blocks.map(({ user }) => user.handle);
/** What the doctor finds, except rows: nothing is projected here. */
async function findings(): Promise<string[]> {
  const found: string[] = [];
  for await (const { findings } of examine({ ...s.deps, grace: 0 }))
    found.push(...findings.map(({ code }) => code).filter((code) => !/^(inbox_row|unread)/.test(code)));
  return found;
}
async function repairs(): Promise<void> {
  for await (const diagnosis of examine({ ...s.deps, grace: 0 })) await repair({ ...s.deps, grace: 0 }, diagnosis);
}

describe('a block', () => {
  test('holds for both, in a conversation, by handle and for an edit, until it ends', async () => {
    const { message_group_uuid, ...first } = await s.when.sends(ada, bob, 'first');
    const sent = { message_group_uuid, ...first };
    await another().when.blocks(bob, ada); // s still remembers the head without the block
    for (const from of [ada, bob]) {
      const to = from === ada ? bob : ada;
      await expect(s.when.sendsIn(from, message_group_uuid, 'no')).rejects.toThrow(unavailable);
      await expect(s.when.sends(from, to, 'no')).rejects.toThrow(unavailable);
      await expect(another().when.sendsIn(from, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    }
    await expect(s.when.edits(ada, sent, 'no')).rejects.toThrow(unavailable);
    expect(await s.then.conversation(bob, message_group_uuid)).toEqual([sent]);
    expect(await getMessageGroup(s.deps, bob, { message_group_uuid })).toMatchObject({ blocked: true });
    expect(await getMessageGroup(s.deps, ada, { message_group_uuid })).toMatchObject({ blocked: false });
    await s.when.deletes(ada, sent);
    await another().when.unblocks(bob, ada); // s still remembers the head with the block
    await s.when.sendsIn(ada, message_group_uuid, 'again');
    expect(await findings()).toEqual([]);
  });

  test('that a process remembers is over, although the head is hidden that says so', async () => {
    const opened = openTable(table.name, localConfig(dynamodbEndpoint));
    const process = scenario(opened, { now: clock.now, memory: newMemory(table.runtime) });
    const { message_group_uuid } = await process.when.sends(ada, bob, 'first');
    await another().when.blocks(bob, ada);
    await expect(process.when.sendsIn(ada, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    await another().when.unblocks(bob, ada);
    const head = new HiddenItems(opened).hide(headKey(message_group_uuid));
    await process.when.sendsIn(ada, message_group_uuid, 'yes');
    expect(head.size, 'the head was read in a transaction').toBe(0);
  });

  test('of two users without a conversation prevents the first contact of both, whatever races', async () => {
    await s.when.blocks(bob, ada);
    await expect(s.when.sends(ada, bob, 'no')).rejects.toThrow(unavailable);
    await expect(s.when.sends(bob, ada, 'no')).rejects.toThrow(unavailable);
    expect(await findings()).toEqual([]);
    await s.when.unblocks(bob, ada);
    await s.when.sends(ada, bob, 'hello');
    const [cy, dan] = [await s.given.user(), await s.given.user()];
    const race = await Promise.allSettled([another().when.sends(cy, dan, 'hi'), another().when.blocks(dan, cy)]);
    expect(race[1].status).toBe('fulfilled');
    await expect(s.when.sends(cy, dan, 'no')).rejects.toThrow(unavailable);
    expect(await findings()).toEqual([]);
  });

  test('of a first contact whose read did not see it stores nothing', async () => {
    const stale = justBefore(table, 'TransactWriteItemsCommand', () => another().when.blocks(bob, ada));
    await expect(scenario(stale, { now: clock.now }).when.sends(ada, bob, 'no')).rejects.toThrow(unavailable);
    expect(await s.then.inbox(bob)).toEqual([]);
  });

  test('from both sides at once is kept by both, and each ends its own', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    await Promise.all([another().when.blocks(ada, bob), another().when.blocks(bob, ada)]);
    expect(await blockedBy(pairKey(ada.user_uuid, bob.user_uuid))).toEqual(new Set([ada.user_uuid, bob.user_uuid]));
    expect(await blockedBy(headKey(message_group_uuid))).toEqual(new Set(['0', '1']));
    await s.when.unblocks(ada, bob);
    expect([await listed(ada), await listed(bob)]).toEqual([[], [ada.handle]]);
    await expect(s.when.sendsIn(bob, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    await s.when.unblocks(bob, ada);
    await s.when.sendsIn(bob, message_group_uuid, 'yes');
    expect(await findings()).toEqual([]);
  });

  test('against 50 sends at once stores none after its answer', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    let isBlocked = false;
    const sends = Array.from({ length: 50 }, async (_, n) => {
      const begunAfter = isBlocked;
      const stored = await another()
        .when.sendsIn(n % 2 ? ada : bob, message_group_uuid, `m${n}`)
        .then(
          () => true,
          () => false,
        );
      return begunAfter && stored;
    });
    await another().when.blocks(bob, ada);
    isBlocked = true;
    const late = Array.from({ length: 5 }, () => another().when.sendsIn(ada, message_group_uuid, 'late'));
    for (const { status } of await Promise.allSettled(late)) expect(status).toBe('rejected');
    expect((await Promise.all(sends)).includes(true)).toBe(false);
    expect(await findings()).toEqual([]);
  });

  test('does not hide what a keyed request has stored before', async () => {
    const first = await s.when.sends(ada, bob, 'first', 'key-1');
    await s.when.blocks(bob, ada);
    expect(await s.when.sends(ada, bob, 'first', 'key-1')).toEqual(first);
    await expect(s.when.sends(ada, bob, 'other', 'key-1')).rejects.toThrow(/^idempotency_key_reused$/);
    await expect(s.when.sends(ada, bob, 'first', 'key-2')).rejects.toThrow(unavailable);
  });

  test('is no definite refusal while an earlier attempt is unanswered', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    let late: (() => Promise<unknown>) | undefined;
    const slow = interceptedTable(table, 'TransactWriteItemsCommand', async (go) => {
      if (!late) {
        late = go;
        await another().when.blocks(bob, ada);
        throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
      }
      return go().catch(async (error: unknown) => {
        await another().when.unblocks(bob, ada);
        await late?.();
        throw error;
      });
    });
    const process = scenario(slow, { now: clock.now, memory: newMemory(table.runtime) });
    await process.when.sendsIn(ada, message_group_uuid, 'in doubt');
    expect((await s.then.conversation(bob, message_group_uuid)).map(({ message }) => message)).toEqual([
      'first',
      'in doubt',
    ]);
  });

  test('that begins while a message is edited refuses the edit', async () => {
    const first = await s.when.sends(ada, bob, 'first');
    const process = scenario(
      justBefore(table, 'TransactWriteItemsCommand', () => another().when.blocks(bob, ada)),
      {
        now: clock.now,
      },
    );
    await expect(process.when.edits(ada, first, 'no')).rejects.toThrow(unavailable);
    expect(await s.then.conversation(bob, first.message_group_uuid)).toEqual([first]);
  });

  test('is not why a request waits whose recipient is gone for good', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    let attempts = 0;
    const slow = interceptedTable(table, 'TransactWriteItemsCommand', async (go) => {
      if (++attempts > 1) return go();
      await change(headKey(message_group_uuid), 'SET gone = :bob', { ':bob': new Set(['1']) });
      throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
    });
    const process = scenario(slow, { now: clock.now, memory: newMemory(table.runtime), retryBudget: 2_000 });
    await expect(process.when.sendsIn(ada, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    expect(attempts, 'the lost one, and the refused one').toBe(2);
    await change(headKey(message_group_uuid), 'REMOVE gone');
  });

  test('that there is already writes nothing', async () => {
    await s.when.blocks(ada, bob);
    const before = await dump(table, `BLOCK#${ada.user_uuid}`);
    clock.move(1_000_000);
    await s.when.blocks(ada, bob);
    expect(await dump(table, `BLOCK#${ada.user_uuid}`)).toEqual(before);
  });

  test('names a user who exists, and not the caller', async () => {
    await expect(blockUser(s.deps, ada, { user_uuid: ada.user_uuid })).rejects.toThrow(/^block_self$/);
    await expect(blockUser(s.deps, ada, { user_uuid: 'ada' })).rejects.toThrow(/^user_uuid_invalid$/);
    const nobody = { ...ada, user_uuid: '00000000-0000-4000-8000-000000000000' as Uuid };
    await expect(s.when.blocks(ada, nobody)).rejects.toThrow(/^user_unknown$/);
    await expect(s.when.unblocks(ada, nobody)).rejects.toThrow(/^user_unknown$/);
    expect(await dump(table, `BLOCK#${ada.user_uuid}`)).toEqual([]);
  });

  test('is listed once, page by page, with the user’s current name', async () => {
    const others = [bob, await s.given.user(), await s.given.user()];
    for (const other of [...others, bob]) await s.when.blocks(ada, other);
    const handles: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listBlocks(s.deps, ada, { limit: 2, cursor });
      handles.push(...page.blocks.map(({ user }) => user.handle));
      cursor = page.next?.cursor;
    } while (cursor);
    expect(handles.sort()).toEqual(others.map(({ handle }) => handle).sort());
  });

  test('of users whose conversation is imported stays', async () => {
    await s.when.blocks(bob, ada);
    const message = {
      by: 0 as const,
      message_uuid: s.deps.newId(),
      message: 'old',
      at: '2020-01-01T00:00:00.000000+00:00' as Timestamp,
    };
    const message_group_uuid = s.deps.newId();
    const imported = { message_group_uuid, participants: [ada, bob], messages: [message], unread: [0, 0] } as const;
    expect(await importConversation(s.deps, imported as never)).toBe(true);
    await expect(s.when.sendsIn(ada, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    expect(await findings()).toEqual([]);
  });
});

describe('the doctor', () => {
  test('takes the pair and the head to what the users’ lists say', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    const pair = pairKey(ada.user_uuid, bob.user_uuid);
    await s.when.blocks(bob, ada);
    for (const [key, code] of [
      [pair, 'pair_blocks_wrong'],
      [headKey(message_group_uuid), 'head_blocks_wrong'],
    ] as const) {
      await change(key, 'REMOVE blocked_by');
      expect(await findings()).toEqual([code]);
      await repairs();
      expect(await findings()).toEqual([]);
    }
    await expect(s.when.sendsIn(ada, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: blockKey(bob.user_uuid, ada.user_uuid) }));
    await repairs();
    await s.when.sendsIn(ada, message_group_uuid, 'yes');
    expect(await findings()).toEqual([]);
  });

  test('does so without a conversation, and without a pair', async () => {
    const blocked_at = clock.now();
    const Item = blockItem(bob.user_uuid, { user_uuid: ada.user_uuid, blocked_at });
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    expect(await findings()).toEqual(['pair_blocks_wrong']);
    await repairs();
    await expect(s.when.sends(ada, bob, 'no')).rejects.toThrow(unavailable);
    await change(pairKey(ada.user_uuid, bob.user_uuid), 'SET blocked_by = :both', {
      ':both': new Set([ada.user_uuid, bob.user_uuid]),
    });
    expect(await findings()).toEqual(['pair_blocks_wrong']);
    await repairs();
    expect(await blockedBy(pairKey(ada.user_uuid, bob.user_uuid))).toEqual(new Set([bob.user_uuid]));
  });

  test('reports no block that begins while it looks', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    await s.when.projected(message_group_uuid);
    await change(headKey(message_group_uuid), 'SET blocked_by = :one', { ':one': new Set(['1']) });
    const looks = justBefore(table, 'TransactGetItemsCommand', async () => {
      await change(headKey(message_group_uuid), 'REMOVE blocked_by');
    });
    const { findings } = await checkConversation({ ...s.deps, table: looks, grace: 0 }, message_group_uuid);
    expect(findings).toEqual([]);
  });

  test('takes no block back that begins before its repair', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    await s.when.projected(message_group_uuid);
    await change(headKey(message_group_uuid), 'SET blocked_by = :one', { ':one': new Set(['1']) });
    const { repair } = await checkConversation({ ...s.deps, grace: 0 }, message_group_uuid);
    await s.when.blocks(ada, bob);
    expect(await repair?.()).toBe(false);
    await expect(another().when.sendsIn(bob, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    expect(await findings()).toEqual([]);
  });

  test('gives a head that was lost the blocks back', async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'first');
    await s.when.blocks(bob, ada);
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: headKey(message_group_uuid) }));
    const { repair: repairOnce } = await checkConversation({ ...s.deps, grace: 0 }, message_group_uuid);
    await repairOnce?.(); // once: the next run of the doctor would mend a head without blocks
    await expect(another().when.sendsIn(ada, message_group_uuid, 'no')).rejects.toThrow(unavailable);
    expect(await findings()).toEqual([]);
  });
});
