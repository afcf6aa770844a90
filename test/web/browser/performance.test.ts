import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { browserFixture } from '../../support/browser-fixture.ts';
import { linkTo, messageOn } from '../../support/client-page.ts';
import { twoNewUsers } from '../../support/new-user.ts';

const { stack, visit, visitAs } = browserFixture();

/** @returns a function that tells for how many milliseconds the page's main thread has computed, which other work of the machine does not lengthen much */
async function processorTime(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1_000 * Number(metrics.find(({ name }) => name === 'TaskDuration')?.value);
  };
}

test('the sign-in page needs less than 1.5 seconds of the processor and 100 KB of scripts', async () => {
  const page = await visit('/favicon.svg');
  const time = await processorTime(page);
  const before = await time();
  await page.goto('/sign-in');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const spent = Math.round((await time()) - before);
  const kilobytes = await page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ initiatorType }) => initiatorType === 'script')
      .reduce((sum, { transferSize }) => sum + transferSize / 1024, 0),
  );
  console.log(`the sign-in page: ${spent} ms of the processor, ${Math.round(kilobytes)} KB of JavaScript`);
  expect(spent).toBeGreaterThan(10);
  expect(spent).toBeLessThan(1_500);
  expect(kilobytes).toBeGreaterThan(50);
  expect(kilobytes).toBeLessThan(100);
});

test('10,000 messages scroll with at most 60 ms of the processor a frame', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  const { message_group_uuid, user_uuid } = await bo.sends(ada, 'hello');
  const page = await visitAs('/messages', ada.email);
  await linkTo(page, bo.handle).waitFor();
  const rows = Array.from({ length: 10_000 }, (_, n) => ({
    uuid: `m${n}`,
    user_uuid: n % 3 === 0 ? user_uuid : 'another user',
    handle: bo.handle,
    display_name: bo.display_name,
    message: `message ${n} ${'word '.repeat(n % 40)}`,
    created_at: new Date(Date.UTC(2026, 0, 1) + n * 600_000).toISOString(),
    seq: n + 1,
  }));
  await page.route(/\/api\/messages\/.*limit=30$/, (route) => route.fulfill({ json: rows }));
  await page.route(/\/api\/messages\/.*after=/, (route) => route.fulfill({ json: [] }));
  await page.goto(`/messages/${message_group_uuid}`);
  await messageOn(page, 'message 9999').waitFor();
  const time = await processorTime(page);
  const before = await time();
  await page.getByRole('region', { name: 'Messages with' }).evaluate(async (list) => {
    for (let n = 0; n < 120; n++) {
      list.scrollTop -= 400;
      await new Promise(requestAnimationFrame);
    }
  });
  const spent = Math.round(((await time()) - before) / 120);
  console.log(`scrolling through 10,000 messages: ${spent} ms of the processor a frame`);
  expect(spent).toBeGreaterThan(0);
  expect(spent).toBeLessThan(60);
  expect(await page.getByRole('article').count()).toBeLessThan(100);
});
