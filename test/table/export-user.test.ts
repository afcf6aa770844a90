import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ExportEntry, type ExportPage, exportUser } from '../../core/export-user.ts';
import { exportMemory } from '../../core/model/export.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import { justAfter } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { toCursor } from '../../core/table/cursor.ts';
import {
  inbox,
  inboxRowItem,
  inboxRowOf,
  type Key,
  messageItem,
  reportItem,
  reportOf,
  reports,
} from '../../core/table/items.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { HiddenItems } from '../support/hidden-items.ts';
import { clockAt, type Scenario, scenario } from '../support/scenario.ts';
import { dump, load, localConfig, newTable } from '../support/table.ts';

let table: Table;
let s: Scenario;
let ada: User;
let bob: User;
let cy: User;
const clock = clockAt('2024-02-29T12:00:00.000000+00:00');

beforeAll(async () => {
  table = await newTable(dynamodbEndpoint);
  s = scenario(table, { now: clock.now });
});
beforeEach(async () => {
  clock.move(1_000_000);
  [ada, bob, cy] = [await s.given.user(), await s.given.user(), await s.given.user()];
});

/** All pages of an export. @param between runs after each page but the last one */
async function pagesOf(me: User, between = async (_: ExportPage) => {}): Promise<ExportPage[]> {
  const pages: ExportPage[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await exportUser(s.deps, me, { cursor });
    pages.push(page);
    if (!page.next) return pages;
    ({ cursor } = page.next);
    await between(page);
  }
}
const exported = async (me: User) => (await pagesOf(me)).flatMap(({ entries }) => entries);
/** An entry in a few words. */
function brief(entry: ExportEntry): string {
  switch (entry.type) {
    case 'user':
      return `I am ${entry.user.handle}`;
    case 'block':
      return `I block ${entry.block.user.handle}`;
    case 'message_group':
      return `with ${entry.group.row.other.handle}`;
    case 'message':
      return entry.message.message;
    case 'report':
      return `I report ${entry.report.note}`;
  }
}
const briefs = async (me: User) => (await exported(me)).map(brief);
const textsIn = (pages: ExportPage[]) =>
  pages.flatMap(({ entries }) => entries).flatMap((entry) => (entry.type === 'message' ? [entry.message.message] : []));
/** Sends as many messages from one user to another. */
async function sendMany(from: User, to: User, count: number): Promise<Message> {
  let last: Message | undefined;
  for (let n = 1; n <= count; n++) {
    clock.move(1);
    last = await s.when.sends(from, to, `${n} to ${to.handle}`);
  }
  await s.when.projected((last as Message).message_group_uuid);
  return last as Message;
}

describe('an export', () => {
  test('has all that a user wrote or can read', async () => {
    const hello = await s.when.sends(bob, ada, 'hello');
    const { message_group_uuid } = hello;
    clock.move(1);
    const answer = await s.when.sendsIn(ada, message_group_uuid, 'hi');
    clock.move(1);
    const gone = await s.when.sendsIn(bob, message_group_uuid, 'gone');
    await s.when.edits(ada, answer, 'hi, you');
    await s.when.deletes(bob, gone);
    await s.when.projected(message_group_uuid);
    await s.when.mutes(ada, message_group_uuid);
    await s.when.reads(bob, answer);
    await s.when.reports(ada, message_group_uuid, { created_at: hello.created_at, reason: 'spam', note: 'Look.' });
    await s.when.blocks(ada, cy);
    await updateProfile(s.deps, ada, { display_name: 'Ada Now' });
    await updateProfile(s.deps, bob, { display_name: 'Bob Now' });

    const [user, block, group, ...rest] = await exported(ada);
    expect(user).toEqual({
      type: 'user',
      user: expect.objectContaining({
        ...{ user_uuid: ada.user_uuid, handle: ada.handle, display_name: 'Ada Now' },
        ...{ email: `${ada.handle}@example.com`, read_receipts: true },
      }),
    });
    expect(block).toEqual({
      type: 'block',
      block: { user: expect.objectContaining({ user_uuid: cy.user_uuid }), blocked_at: clock.now() },
    });
    expect(group).toMatchObject({
      type: 'message_group',
      group: { row: { message_group_uuid, other: { display_name: 'Bob Now' }, muted: true }, seq: 3 },
    });
    expect(rest).toMatchObject([
      { type: 'message', message: { message: 'hello', seq: 1, sender: { display_name: 'Bob Now' } } },
      { type: 'message', message: { message: 'hi, you', revision: 1, sender: { display_name: 'Ada Now' } }, seen: 1 },
      { type: 'message', message: { message: '', seq: 3, deleted_at: expect.any(String) } },
      { type: 'report', report: { message_group_uuid, user_uuid: bob.user_uuid, reason: 'spam', note: 'Look.' } },
    ]);
  });

  test('has of what is cleared the user’s own messages, and all of it for the other one', async () => {
    clock.move(1);
    const { message_group_uuid } = await s.when.sends(ada, bob, 'mine');
    clock.move(1);
    const last = await s.when.sendsIn(bob, message_group_uuid, 'cleared');
    await s.when.clears(ada, last);
    const all = ['mine', 'cleared'];
    expect(await briefs(ada)).toEqual([`I am ${ada.handle}`, `with ${bob.handle}`, 'mine']);
    expect(await briefs(bob)).toEqual([`I am ${bob.handle}`, `with ${ada.handle}`, ...all]);
    clock.move(1);
    await s.when.sendsIn(bob, message_group_uuid, 'new');
    await s.when.projected(message_group_uuid);
    expect(await briefs(ada)).toEqual([`I am ${ada.handle}`, `with ${bob.handle}`, 'mine', 'new']);
  });

  test('has nothing of others', async () => {
    const { message_group_uuid } = await s.when.sends(bob, ada, 'to ada', 'key');
    clock.move(1);
    await s.when.sends(bob, cy, 'to cy');
    await s.when.reports(bob, message_group_uuid, { note: 'ada' }); // about her
    const byCy = (await s.when.sends(cy, bob, 'to bob')).message_group_uuid;
    await s.when.reports(cy, byCy, { note: 'bob' }); // about bob, as hers is
    await s.when.reports(ada, message_group_uuid, { note: 'bob, too' });
    await s.when.blocks(bob, ada);
    const expected = [`I am ${ada.handle}`, `with ${bob.handle}`, 'to ada', 'I report bob, too'];
    expect(await briefs(ada)).toEqual(expected);
  });

  test('has no report that is past its time', async () => {
    const { message_group_uuid } = await s.when.sends(bob, ada, 'to ada');
    await s.when.reports(ada, message_group_uuid, { note: 'past' });
    clock.move(1);
    await s.when.reports(ada, message_group_uuid, { note: 'of now' });
    const [first] = (await dump(table, reports(bob.user_uuid))).map(reportOf);
    if (!first) throw new Error('there is no report');
    await load(table, [reportItem({ ...first, expires_at: 1_000 })]);
    expect((await briefs(ada)).slice(3)).toEqual(['I report of now']);
  });

  test('leaves out what the predecessor of this service wrote', async () => {
    const first = await s.when.sends(bob, ada, 'numbered');
    const { seq: _, ...message } = messageItem({ ...first, created_at: justAfter(first.created_at), message: 'older' });
    const [item] = await dump(table, inbox(ada.user_uuid));
    if (!item) throw new Error('there is no row');
    const conversation = crypto.randomUUID() as Uuid;
    const row = { ...inboxRowOf(item), message_group_uuid: conversation };
    const { unread_count: __, ...old } = inboxRowItem(ada.user_uuid, row, justAfter(first.created_at));
    await load(table, [message, old]);
    expect((await briefs(ada)).slice(1)).toEqual([`with ${bob.handle}`, 'numbered']);
  });

  test('of a user without anything has one line, and changes nothing', async () => {
    const before = await dump(table);
    expect(await pagesOf(ada)).toEqual([{ entries: [expect.objectContaining({ type: 'user' })], finalGaps: [] }]);
    expect(await dump(table)).toEqual(before);
  });
});

describe('a page of an export', () => {
  test('reads 100 messages at most, and is the same when it is repeated', async () => {
    await sendMany(ada, bob, 230);
    const [first, second, third, ...more] = await pagesOf(bob);
    expect(more).toEqual([]);
    expect(textsIn([first, second, third] as ExportPage[])).toEqual(
      Array.from({ length: 230 }, (_, n) => `${n + 1} to ${bob.handle}`),
    );
    for (const page of [first, second]) expect(textsIn([page as ExportPage]).length).toBeLessThanOrEqual(100);
    const again = await exportUser(s.deps, bob, first?.next);
    expect(again).toEqual(second);
  });

  test('goes through many conversations, blocks and reports without losing any', async () => {
    const others: User[] = [];
    for (let n = 0; n < 25; n++) {
      const other = await s.given.user();
      others.push(other);
      clock.move(1);
      const { message_group_uuid } = await s.when.sends(other, ada, `of ${other.handle}`);
      if (n === 3) for (let m = 0; m < 45; m++) await s.when.reports(ada, message_group_uuid, { note: `${m}` });
      if (n % 5 === 0) await s.when.blocks(ada, other);
    }
    const pages = await pagesOf(ada);
    expect(pages.length).toBeGreaterThan(3);
    const all = pages.flatMap(({ entries }) => entries.map(brief));
    const withOne = (one: User) => [`with ${one.handle}`, `of ${one.handle}`];
    const onFourth = Array.from({ length: 45 }, (_, m) => `I report ${m}`);
    expect(all.filter((line) => !line.startsWith('I block'))).toEqual([
      `I am ${ada.handle}`,
      ...others.flatMap((one, n) => [...withOne(one), ...(n === 3 ? onFourth : [])]),
    ]);
    expect(all.filter((line) => line.startsWith('I block')).length).toBe(5);
  });

  test('of 101 blocks leads to the rest', async () => {
    const blocked: User[] = [];
    for (let n = 0; n < 101; n++) blocked.push(await s.given.user());
    await Promise.all(blocked.map((one) => s.when.blocks(ada, one)));
    const lines = await briefs(ada);
    expect(lines.slice(1).toSorted()).toEqual(blocked.map(({ handle }) => `I block ${handle}`).toSorted());
  });

  test('does not tell of others’ reports: its cursor is that of a user on whom there are none', async () => {
    const { message_group_uuid } = await s.when.sends(bob, ada, 'to ada');
    const byCy = (await s.when.sends(cy, bob, 'to bob')).message_group_uuid;
    for (let n = 0; n < 25; n++) {
      clock.move(1);
      await s.when.reports(cy, byCy, { note: `${n}` });
      await s.when.reports(ada, message_group_uuid, { note: `${n}` });
      clock.move(1);
      await s.when.reports(cy, byCy, { note: `${n}, again` });
    }
    const pages = await pagesOf(ada);
    expect(pages).toHaveLength(1);
    expect(pages[0]?.entries.length).toBe(1 + 2 + 25);
  });

  test.each([
    ['of another user', async () => (await pagesOf(ada))[0]?.next?.cursor],
    ['of a list', async () => Buffer.from('["blocks"]').toString('base64url')],
  ])('refuses a cursor %s', async (_, cursorOf) => {
    await sendMany(ada, cy, 101);
    const cursor = await cursorOf();
    await expect(exportUser(s.deps, bob, { cursor: cursor ?? 'none' })).rejects.toThrow(/^cursor_invalid$/);
  });

  test('of a made-up cursor has no conversation of others', async () => {
    const { message_group_uuid } = await s.when.sends(ada, cy, 'a secret');
    const scope = { list: 'export', user_uuid: bob.user_uuid } as const;
    const begun_at = clock.now();
    const cursor = toCursor(scope, { stop: { begun_at, part: 'shown', exported: [], within: { message_group_uuid } } });
    expect(await exportUser(s.deps, bob, { cursor })).toEqual({ entries: [], finalGaps: [] });
  });
});

describe('while others write, an export', () => {
  test('has the conversation whose row moves ahead of it, and ends', async () => {
    const quiet = await sendMany(bob, ada, 150); // its row moves while it is under way
    await sendMany(cy, ada, 150);
    let talks = 0;
    const pages = await pagesOf(ada, async () => {
      if (talks++ > 40) throw new Error('it does not end');
      clock.move(1);
      await s.when.sendsIn(bob, quiet.message_group_uuid, `meanwhile ${talks}`);
      await s.when.projected(quiet.message_group_uuid);
    });
    const texts = textsIn(pages);
    for (let n = 1; n <= 150; n++)
      expect(texts).toEqual(expect.arrayContaining([`${n} to ${ada.handle}`, `${n} to ${ada.handle}`]));
    const withBob = pages
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.type === 'message_group' && entry.group.row.other.user_uuid === bob.user_uuid);
    expect(withBob.length).toBe(2); // once before its row had moved, once after
  });

  test('has a conversation that a new message takes out of the hidden ones', async () => {
    const hidden = await sendMany(bob, ada, 3);
    await s.when.clears(ada, hidden);
    const shown = await sendMany(cy, ada, 120);
    let isFirst = true;
    const pages = await pagesOf(ada, async () => {
      if (!isFirst) return;
      isFirst = false;
      clock.move(1);
      await s.when.sendsIn(bob, hidden.message_group_uuid, 'back');
      await s.when.projected(hidden.message_group_uuid);
    });
    expect(textsIn(pages)).toContain('back');
    expect(textsIn(pages)).toContain(shown.message);
  });

  test('has a row that is at neither of its places for an instant', async () => {
    await s.when.sends(bob, ada, 'on the move');
    const [row] = await dump(table, inbox(ada.user_uuid));
    const moving = openTable(table.name, localConfig(dynamodbEndpoint));
    const hidden = new HiddenItems(moving).hide(row as unknown as Key, { reads: 1 });
    const { entries } = await exportUser({ ...s.deps, table: moving }, ada, {});
    expect(entries.map(brief)).toEqual([`I am ${ada.handle}`, `with ${bob.handle}`, 'on the move']);
    expect(hidden.size).toBe(0);
  });

  test('remembers conversations that move again and again, the last 50 of them', async () => {
    const others = await Promise.all(Array.from({ length: exportMemory + 2 }, () => s.given.user()));
    const begun = await exportUser(s.deps, ada, {});
    expect(begun.next).toBeUndefined();
    // All of them write once the export has begun.
    await sendMany(bob, ada, 101);
    let isFirst = true;
    const cursors: string[] = [];
    const pages = await pagesOf(ada, async ({ next }) => {
      cursors.push(next?.cursor ?? '');
      if (!isFirst) return;
      isFirst = false;
      for (const other of others) {
        clock.move(1);
        await s.when.sends(other, ada, `of ${other.handle}`);
      }
    });
    const texts = textsIn(pages);
    for (const { handle } of others) expect(texts.filter((text) => text === `of ${handle}`)).toHaveLength(1);
    for (const cursor of cursors) expect(cursor.length).toBeLessThan(4_000);
  });
});
