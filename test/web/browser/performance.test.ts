import { expect, test } from 'vitest';
import { browserFixture } from '../../support/browser-fixture.ts';
import { linkTo, messageOn } from '../../support/client-page.ts';
import { twoNewUsers } from '../../support/new-user.ts';

const { stack, visit, visitAs } = browserFixture();

test('the sign-in page paints within 3 seconds, with less than 120 KB of scripts', async () => {
  const page = await visit('/sign-in');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const { paint, kilobytes } = await page.evaluate(async () => ({
    paint: await new Promise<number>((resolve) => {
      new PerformanceObserver((list) => {
        for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') resolve(startTime);
      }).observe({ type: 'paint', buffered: true });
    }),
    kilobytes: (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ initiatorType }) => initiatorType === 'script')
      .reduce((sum, { transferSize }) => sum + transferSize / 1024, 0),
  }));
  console.log(`first contentful paint: ${Math.round(paint)} ms, after ${Math.round(kilobytes)} KB of JavaScript`);
  expect(paint).toBeLessThan(3_000); // generous, for a busy machine
  expect(kilobytes).toBeGreaterThan(50);
  expect(kilobytes).toBeLessThan(120);
});

test('10,000 messages scroll with at most 250 ms a frame', async () => {
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
  const frames = await page.getByRole('region', { name: 'Messages with' }).evaluate(async (list) => {
    const times: number[] = [];
    for (let n = 0, last = performance.now(); n < 120; n++) {
      list.scrollTop -= 400;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b);
  });
  const at95 = Math.round(frames[114] as number);
  console.log(`scrolling through 10,000 messages: ${at95} ms a frame (95th percentile)`);
  expect(at95).toBeLessThan(250); // measured: 17 on an idle machine, 84 beside three other runs
  expect(await page.getByRole('article').count()).toBeLessThan(100);
});
