import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { type CheckContext, examine, type Finding, repair } from '../../admin/doctor/examine.ts';
import { newDeps } from '../../core/deps.ts';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { type GeneratedConversation, generateItems, seededRandom } from '../support/generate-items.ts';
import { dump, load, newTable } from '../support/table.ts';

const segments = 2; // so few that they have several pages
const seed = Number(process.env.SEED ?? 20_241_103);

async function loadFast(table: Table, all: items.Item[]): Promise<void> {
  const quarter = Math.ceil(all.length / 4);
  await Promise.all([0, 1, 2, 3].map((n) => load(table, all.slice(n * quarter, (n + 1) * quarter))));
}

async function findings(context: CheckContext, { repairing = false } = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  let pages = 0;
  for await (const diagnosis of examine(context, { segments, onProgress: () => pages++ })) {
    found.push(...diagnosis.findings);
    if (repairing) expect(await repair(context, diagnosis)).toEqual([]);
  }
  expect(pages).toBeGreaterThan(segments); // at least one segment has several pages of 1 MB
  return found;
}

/** Items to put and to delete, and the one finding that they cause. */
interface Damage {
  put: items.Item[];
  deleted: items.Item[];
  finding: Pick<Finding, 'code' | 'message_group_uuid' | 'user_uuid'>;
}

test('the doctor finds and repairs exactly the 250 randomly damaged rows of 1,000 conversations', async () => {
  const table = await newTable(dynamodbEndpoint);
  const { users, conversations, items: all } = generateItems({ users: 200, conversations: 1_000, seed });
  await loadFast(table, all);
  const context: CheckContext = { ...newDeps(table), grace: 0 };
  const report = (label: string, since: number) =>
    console.log(
      `${label}: ${Math.round(performance.now() - since)} ms, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
    );

  let since = performance.now();
  expect(await findings(context)).toEqual([]);
  report(`${all.length} undamaged items`, since);

  const damages = damage(conversations, users, 250);
  const codes = damages.map(({ finding }) => finding.code);
  expect(new Set(codes).size).toBe(6);
  for (const code of codes) expect(codes.filter((other) => other === code).length, code).toBeGreaterThan(10);
  await loadFast(
    table,
    damages.flatMap(({ put }) => put),
  );
  await Promise.all(
    damages
      .flatMap(({ deleted }) => deleted)
      .map(({ pk, sk }) => table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }))),
  );
  since = performance.now();
  const found = await findings(context, { repairing: true });
  report(`${damages.length} found and repaired`, since);
  const line = ({ code, message_group_uuid, user_uuid }: Damage['finding']) =>
    `${code} ${message_group_uuid} ${user_uuid}`;
  expect(found.map(line).sort(), `seed ${seed}`).toEqual(damages.map(({ finding }) => line(finding)).sort());

  expect(await findings(context)).toEqual([]);
  const withoutRevision = (stored: items.Item[]) => stored.map(({ rows_rev: _, ...item }) => item);
  const sorted = all.toSorted((a, b) => (`${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1));
  expect(withoutRevision(await dump(table))).toEqual(withoutRevision(sorted));
}, 400_000); // takes a quarter of a minute, and minutes on a busy machine

function damage(conversations: GeneratedConversation[], users: User[], count: number): Damage[] {
  const { below, of } = seededRandom(seed + 1);
  // In most of them both rows are damaged: checks and repairs take time for each conversation, not for each row.
  const damaged = new Set<GeneratedConversation>();
  while (damaged.size < count * 0.55) damaged.add(of(conversations));
  const rows = [...damaged].flatMap(({ head, rows }) => rows.map((row) => ({ ...row, head })));
  const chosen = new Set<(typeof rows)[number]>();
  while (chosen.size < count) chosen.add(of(rows));
  return [...chosen].map(({ head, owner, item }): Damage => {
    const message_group_uuid = head.message_group_uuid;
    const finding = (code: Finding['code'], user_uuid = owner.user_uuid) => ({ code, message_group_uuid, user_uuid });
    // A place that no other row has: generated conversations are a second apart.
    const sk = fromMicros(toMicros(item.sk as Timestamp) + 500_000 + below(400_000));
    const strangers = users.filter((user) => !head.participants.includes(user));
    const kinds: (() => Damage)[] = [
      () => ({ put: [], deleted: [item], finding: finding('inbox_row_missing') }),
      () => ({ put: [{ ...item, sk }], deleted: [], finding: finding('inbox_row_doubled') }),
      () => ({ put: [{ ...item, sk }], deleted: [item], finding: finding('inbox_row_misplaced') }),
      () => ({ put: [{ ...item, message: 'what?' }], deleted: [], finding: finding('inbox_row_stale') }),
      () => ({ put: [{ ...item, last_message_at: sk }], deleted: [], finding: finding('inbox_row_stale') }),
      () => ({ put: [{ ...item, unread_count: 50 + below(50) }], deleted: [], finding: finding('unread_wrong') }),
      () => ({
        put: [{ ...item, user_uuid: of(strangers).user_uuid }],
        deleted: [],
        finding: finding('inbox_row_foreign'),
      }),
      () => {
        const { user_uuid } = of(strangers);
        const foreign = { ...item, ...items.inboxRowKey(user_uuid, sk) };
        return { put: [foreign], deleted: [], finding: finding('inbox_row_foreign', user_uuid) };
      },
    ];
    return of(kinds)();
  });
}
