import { randomUUID } from 'node:crypto';
import { newDeps } from '../../core/deps.ts';
import { findUsers } from '../../core/find-users.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages } from '../../core/list-messages.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Item } from '../../core/table/items.ts';
import { unlimited } from '../../test/support/limits.ts';
import { newTable } from '../../test/support/table.ts';
import { conversationItems, handleItems, inboxItems, stranger } from '../growth/items.ts';
import { storeAll } from '../growth/store.ts';
import { startDatabase } from '../harness/database.ts';
import { interleave } from '../harness/interleave.ts';
import { shown } from '../harness/numbers.ts';
import { ratio, summary } from '../harness/statistics.ts';
import type { Suite } from '../harness/suite.ts';

const rounds = 200;

/** What is listed, with the calls that list it, by the number of items that the list has. */
interface List {
  id: string;
  name: string;
  /** @returns the items of a list of this length, and the call that reads a page of it */
  ofLength: (length: number) => { items: Generator<Item>; read: () => Promise<unknown> };
}

/** Whether a page takes as long in a long list as in a short one. */
export const growth: Suite = {
  name: 'growth',
  title: 'Growth',
  run: async (bench) => {
    const lengths = bench.isFull ? [100, 10_000, 1_000_000] : [100, 10_000];
    const table = await newTable(await startDatabase(bench));
    const deps = newDeps(table, { limits: unlimited });

    const lists: List[] = [
      {
        id: 'page',
        name: 'newest page of 20 messages',
        ofLength: (length) => {
          const [ada, bob] = [stranger('ada'), stranger('bob')];
          const message_group_uuid = randomUUID() as string as Uuid;
          return {
            items: conversationItems([ada, bob], message_group_uuid, length),
            read: () => listMessages(deps, ada, { message_group_uuid }),
          };
        },
      },
      {
        id: 'inbox',
        name: 'first page of 20 conversations of an inbox',
        ofLength: (length) => {
          const ada = stranger('ada');
          return { items: inboxItems(ada, length), read: () => listMessageGroups(deps, ada, {}) };
        },
      },
      {
        id: 'search',
        name: 'search among users whose handles have one first letter',
        ofLength: (length) => {
          const letter = 'xyz'[lengths.indexOf(length)] as string;
          const prefix = `${letter}${String(Math.floor(length / 2)).padStart(String(length).length, '0')}`.slice(0, -1);
          return {
            items: handleItems(letter, length),
            read: () => findUsers(deps, stranger('eve'), { prefix, limit: 10 }),
          };
        },
      },
    ];

    const results = [];
    for (const { id, name, ofLength } of lists) {
      const subjects: Record<string, () => Promise<unknown>> = {};
      for (const length of lengths) {
        const { items, read } = ofLength(length);
        await storeAll(table, items, (stored) => bench.progress(`${name}: stores ${stored} of ${length}`));
        subjects[length] = read;
      }
      const afterRound = (done: number) => bench.progress(`${name}: ${done}/${rounds}`);
      results.push({ id, name, samples: await interleave(subjects, { rounds, afterRound }) });
    }

    const [shortest, ...longer] = lengths as [number, ...number[]];
    const longest = lengths.at(-1) as number;
    const grown = (samples: Record<string, number[]>, length: number) =>
      ratio(samples[length] as number[], samples[shortest] as number[]);
    return {
      figures: results.map(({ id, name, samples }) => ({
        id,
        what: `${name}: ${shown(longest)} beside ${shown(shortest)}`,
        value: grown(samples, longest),
        unit: '×',
        atMost: 1.1,
      })),
      blocks: [
        {
          kind: 'text',
          text: `A page of a long list beside the same page of a short one, in one table. ${rounds} rounds each; in ms.${
            bench.isFull ? '' : ' `npm run bench -- growth --full` measures a million as well.'
          }`,
        },
        {
          kind: 'table',
          title: 'Pages of short and long lists',
          columns: [
            'list',
            `at ${shown(shortest)}`,
            ...longer.flatMap((length) => [`at ${shown(length)}`, 'p95', 'ratio']),
          ],
          rows: results.map(({ name, samples }) => [
            name,
            summary(samples[shortest] as number[]).median,
            ...longer.flatMap((length) => {
              const { median, p95 } = summary(samples[length] as number[]);
              return [median, p95, grown(samples, length)];
            }),
          ]),
        },
        {
          kind: 'plot',
          name: 'growth',
          title: 'A page of a long list beside one of a short list',
          form: 'lines',
          x: { label: 'items of the list', scale: 'log' },
          y: { label: `ratio to ${shown(shortest)} items` },
          series: results.map(({ name, samples }) => ({
            name,
            points: lengths.map((length) => [length, grown(samples, length)]),
          })),
        },
      ],
    };
  },
};
