import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newDeps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import { enqueue } from '../../core/serial-queue.ts';
import type { Table } from '../../core/table/client.ts';
import { systemRuntime } from '../../core/table/runtime.ts';

test('the tasks of one conversation run one after the other, also after a failure, and do not wait for other conversations', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.record({ conversation: fc.constantFrom('a', 'b'), fails: fc.boolean() }), { maxLength: 12 }),
      async (scheduler, tasks) => {
        const deps = newDeps({ runtime: systemRuntime } as Table);
        const running = { a: 0, b: 0 };
        const order: number[] = [];
        const outcomes = tasks.map(({ conversation, fails }, index) =>
          enqueue(deps, conversation as Uuid, async () => {
            running[conversation as 'a' | 'b']++;
            expect(running[conversation as 'a' | 'b']).toBe(1);
            await scheduler.schedule(Promise.resolve(), `${conversation}${index}`);
            running[conversation as 'a' | 'b']--;
            order.push(index);
            if (fails) throw new Error(`task ${index}`);
            return index;
          }).catch((error: Error) => error.message),
        );
        await scheduler.waitFor(Promise.all(outcomes));
        for (const conversation of ['a', 'b']) {
          const mine = order.filter((index) => tasks[index]?.conversation === conversation);
          expect(mine).toEqual(mine.toSorted((x, y) => x - y));
        }
        expect(await Promise.all(outcomes)).toEqual(tasks.map(({ fails }, i) => (fails ? `task ${i}` : i)));
        expect(deps.memory.queues.size).toBe(0);
      },
    ),
  );
});
