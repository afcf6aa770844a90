import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { type CheckContext, examine, type Finding, repair } from '../../admin/doctor/examine.ts';
import { newDeps } from '../../core/deps.ts';
import { fromMicros, type Timestamp, toMicros } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { city, dice, type Talk } from '../support/city.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { dump, load, newTable } from '../support/table.ts';

const seed = Number(process.env.SEED ?? 20_241_103);

async function loadFast(table: Table, all: items.Item[]): Promise<void> {
  const quarter = Math.ceil(all.length / 4);
  await Promise.all([0, 1, 2, 3].map((n) => load(table, all.slice(n * quarter, (n + 1) * quarter))));
}

async function findings(context: CheckContext, { repairing = false } = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const diagnosis of examine(context)) {
    found.push(...diagnosis.findings);
    if (repairing) expect(await repair(context, diagnosis)).toEqual([]);
  }
  return found;
}

/** What to put, what to remove, and what the doctor must say of it: one violation each. */
interface Damage {
  put: items.Item[];
  gone: items.Item[];
  finding: Pick<Finding, 'code' | 'message_group_uuid' | 'user_uuid'>;
}

test('1,000 rows of 2,000 conversations damaged at random: exactly these are found, and repaired', async () => {
  const table = await newTable(dynamodbEndpoint);
  const { persons, talks, items: all } = city({ people: 300, talks: 2_000, seed });
  await loadFast(table, all);
  const context: CheckContext = { ...newDeps(table), grace: 0 };
  const clock = (label: string, since: number) =>
    console.log(
      `${label}: ${Math.round(performance.now() - since)} ms, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
    );

  let since = performance.now();
  expect(await findings(context)).toEqual([]);
  clock(`${all.length} items, clean`, since);

  const damages = damage(talks, persons, 1_000);
  await loadFast(
    table,
    damages.flatMap(({ put }) => put),
  );
  for (const { pk, sk } of damages.flatMap(({ gone }) => gone)) {
    await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
  }
  since = performance.now();
  const found = await findings(context, { repairing: true });
  clock('1,000 found and repaired', since);
  const line = ({ code, message_group_uuid, user_uuid }: Damage['finding']) =>
    `${code} ${message_group_uuid} ${user_uuid}`;
  expect(found.map(line).sort(), `seed ${seed}`).toEqual(damages.map(({ finding }) => line(finding)).sort());

  expect(await findings(context)).toEqual([]);
  const withoutRevision = (stored: items.Item[]) => stored.map(({ rows_rev: _, ...item }) => item);
  const sorted = all.toSorted((a, b) => (`${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1));
  expect(withoutRevision(await dump(table))).toEqual(withoutRevision(sorted));
}, 400_000); // a minute alone, several on a machine that is busy otherwise

function damage(talks: Talk[], persons: User[], count: number): Damage[] {
  const { below, of } = dice(seed + 1);
  const rows = talks.flatMap(({ head, rows }) => rows.map((row) => ({ ...row, head })));
  const chosen = new Set<(typeof rows)[number]>();
  while (chosen.size < count) chosen.add(of(rows));
  return [...chosen].map(({ head, owner, item }): Damage => {
    const message_group_uuid = head.message_group_uuid;
    const finding = (code: Finding['code'], user_uuid = owner.user_uuid) => ({ code, message_group_uuid, user_uuid });
    // No other row sits within a second of it: the city's conversations are that far apart.
    const sk = fromMicros(toMicros(item.sk as Timestamp) + 500_000 + below(400_000));
    const strangers = persons.filter((person) => !head.participants.includes(person));
    const kinds: (() => Damage)[] = [
      () => ({ put: [], gone: [item], finding: finding('inbox_row_missing') }),
      () => ({ put: [{ ...item, sk }], gone: [], finding: finding('inbox_row_doubled') }),
      () => ({ put: [{ ...item, sk }], gone: [item], finding: finding('inbox_row_misplaced') }),
      () => ({ put: [{ ...item, message: 'what?' }], gone: [], finding: finding('inbox_row_stale') }),
      () => ({ put: [{ ...item, last_message_at: sk }], gone: [], finding: finding('inbox_row_stale') }),
      () => ({ put: [{ ...item, unread_count: 50 + below(50) }], gone: [], finding: finding('unread_wrong') }),
      () => ({ put: [{ ...item, user_display_name: 'X' }], gone: [], finding: finding('inbox_row_name_differs') }),
      () => ({
        put: [{ ...item, user_uuid: of(strangers).user_uuid }],
        gone: [],
        finding: finding('inbox_row_foreign'),
      }),
      () => {
        const { user_uuid } = of(strangers);
        const foreign = { ...item, ...items.inboxRowKey(user_uuid, sk) };
        return { put: [foreign], gone: [], finding: finding('inbox_row_foreign', user_uuid) };
      },
    ];
    return of(kinds)();
  });
}
