import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureQueue } from '../../bin/console/failure-queue.ts';
import { FakeQueue } from '../support/fake-queue.ts';

let queue: FakeQueue;
let url: string;
beforeEach(async () => {
  queue = new FakeQueue();
  url = await queue.start();
});
afterEach(() => queue.stop());

const open = (times = 3) =>
  failureQueue(
    url,
    {
      endpoint: new URL(url).origin,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
    { recounts: { times, every: 1 } },
  );

/** Reads all messages and removes those of this list. @returns those that were read */
async function read(destination: ReturnType<typeof open>, removed: number[] = [], duringFirst = () => {}) {
  const bodies: unknown[] = [];
  for await (const { body, remove } of destination.messages()) {
    if (bodies.push(body) === 1) duringFirst();
    if (removed.includes(body as number)) await remove();
  }
  return bodies;
}

test('messages that are kept can be read by the next run at once', async () => {
  for (const body of ['1', '2', '3']) queue.add(body);
  const first = open();
  expect(await read(first, [2])).toEqual([1, 2, 3]);
  expect(await first.release()).toBe(0);
  expect({ visible: queue.visible, hidden: queue.hidden }).toEqual({ visible: ['1', '3'], hidden: [] });
  expect(await read(open())).toEqual([1, 3]);
});

test('messages that another run hides are counted', async () => {
  queue.add('1');
  queue.add('2', { isHidden: true });
  queue.add('3', { isHidden: true });
  const destination = open();
  expect(await read(destination, [1])).toEqual([1]);
  expect(await destination.release()).toBe(2);
  expect(queue.hidden).toEqual(['2', '3']);
  expect(await open().release()).toBe(2); // although there was nothing to read
});

test('a count that still has removed messages is not believed', async () => {
  queue.add('1');
  const destination = open();
  await read(destination, [1]);
  queue.lag = 2;
  expect(await destination.release()).toBe(0);
});

test('a message that becomes visible again during a long run is handled once, and given back', async () => {
  for (let body = 1; body <= 11; body++) queue.add(String(body));
  const destination = open();
  const bodies = await read(destination, [11], () => queue.showAll());
  expect(bodies).toHaveLength(11);
  expect(await destination.release()).toBe(0);
  expect(queue.hidden).toEqual([]);
  expect(queue.visible).toHaveLength(10);
});
