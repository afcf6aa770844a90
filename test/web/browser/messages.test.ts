import { describe, expect, test } from 'vitest';
import { errorMessages } from '../../../handlers/error-messages.ts';
import { seedConversationUuid } from '../../../seeds/index.ts';
import type { Message } from '../../../web/src/api/schema.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { composer, emailOf, linkTo, messageOn, storedMessage, write } from '../../support/client-page.ts';
import { inboxOf, signUpNewUser, twoNewUsers } from '../../support/new-user.ts';
import { tokensFor } from '../../support/stack.ts';
import { setFocus } from './focus.ts';

const { stack, visitAs } = browserFixture();

describe('two users', () => {
  test('one user reads two messages and answers; the other reads the answer in another browser', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'Shall we?');
    await bo.sends({ message_group_uuid }, 'Both cups.');
    const adas = await visitAs('/', ada.email);
    const link = linkTo(adas, bo.handle);
    await link.getByText('2 unread').waitFor();
    await expect.poll(() => adas.title()).toBe('(2) Messages · Cruddur');
    await link.click();
    await storedMessage(adas, 'Both cups.');
    await link.getByText('unread').waitFor({ state: 'detached' });
    await expect.poll(() => adas.title()).toBe('Bo South · Cruddur');

    await write(adas, 'Written in one browser');
    await storedMessage(adas, 'Written in one browser');
    expect(await composer(adas).inputValue()).toBe('');

    const bos = await visitAs('/', bo.email);
    await linkTo(bos, ada.handle).getByText('Written in one browser').waitFor();
    await linkTo(bos, ada.handle).getByText('1 unread').waitFor();
    await linkTo(bos, ada.handle).click();
    await storedMessage(bos, 'Written in one browser');
    await write(bos, 'Read in another');

    // The first browser shows the message by itself and announces it.
    await storedMessage(adas, 'Read in another');
    await adas.getByRole('status').getByText('Bo South: Read in another').waitFor();
  });

  test('scrolling back shows every seeded message', async () => {
    const grahams = await visitAs(`/messages/${seedConversationUuid}`, emailOf('grahams'), {
      viewport: { width: 900, height: 500 },
    });
    await storedMessage(grahams, 'Both cups.');
    const response = await grahams.request.get(`/api/messages/${seedConversationUuid}?limit=100`, {
      headers: { authorization: `Bearer ${(await tokensFor('grahams', stack.ports.cognito)).accessToken}` },
    });
    const stored = ((await response.json()) as Message[]).map(({ message }) => message);
    expect(stored.length).toBeGreaterThanOrEqual(48);

    const seen = new Set<string>();
    const list = grahams.getByRole('region', { name: 'Messages with Wriggle Reef' });
    await list.hover();
    await expect
      .poll(
        async () => {
          for (const text of await list.getByRole('article').locator('p').allTextContents()) seen.add(text);
          await grahams.mouse.wheel(0, -300);
          return stored.filter((text) => !seen.has(text));
        },
        { timeout: 20_000, interval: 30 },
      )
      .toEqual([]);
  });

  test('a conversation opens at its first unread message, and marks what is on the screen once the window has the focus', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'A question');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await expect.poll(() => inboxOf(ada).then(([row]) => row?.unread_count)).toBe(0);
    await write(page, 'An answer');
    await storedMessage(page, 'An answer');
    await page.getByRole('link', { name: 'Cruddur' }).click();
    await setFocus(page, false);
    for (let n = 1; n <= 5; n++) await bo.sends({ message_group_uuid }, `unread ${n}${'\nline'.repeat(12)}`);
    const pollAtOnce = () => page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
    await expect.poll(() => pollAtOnce().then(() => page.title())).toMatch(/^\(5\)/);
    await linkTo(page, bo.handle).click();
    await storedMessage(page, 'unread 1');
    const list = page.getByRole('region', { name: 'Messages with' });
    const fromTop = async () => {
      const [line, top] = await Promise.all([list.getByText('New', { exact: true }).boundingBox(), list.boundingBox()]);
      return (line?.y ?? Number.POSITIVE_INFINITY) - (top?.y ?? 0);
    };
    await expect.poll(() => fromTop().then((distance) => distance > 0 && distance < 100)).toBe(true);
    await page.getByRole('button', { name: '5 new messages' }).click();
    await page.getByRole('button', { name: '5 new messages' }).waitFor({ state: 'detached' });
    expect(await page.title()).toMatch(/^\(5\)/);
    await setFocus(page, true);
    await expect.poll(() => page.title()).toBe('Bo South · Cruddur');
    await write(page, 'Another answer');
    await storedMessage(page, 'Another answer');
    expect(await list.getByText('New', { exact: true }).count()).toBe(0);
  });

  test('older messages are added above without moving the visible ones; all are copied and printed', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'number 1');
    // In turn, so that neither is over a limit
    for (let n = 2; n <= 70; n++) await (n % 2 ? bo : ada).sends({ message_group_uuid }, `number ${n}`);
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await storedMessage(page, 'number 70');

    // Holds the next page back, to compare the positions before and after it.
    let release = () => {};
    const held = new Promise<void>((done) => {
      release = done;
    });
    const asked = new Promise<void>((done) => {
      page.route(/cursor=/, async (route) => {
        done();
        await held;
        await route.continue();
      });
    });
    await page.getByRole('region', { name: 'Messages with Bo South' }).evaluate((list) => {
      list.scrollTop = 200;
    });
    await asked;
    const reading = messageOn(page, 'number 46');
    const before = (await reading.boundingBox())?.y as number;
    const size = () => page.getByRole('region', { name: 'Messages with' }).evaluate((list) => list.scrollHeight);
    const sizeBefore = await size();
    release();
    await expect.poll(size).toBeGreaterThan(sizeBefore + 1_000);
    expect(Math.abs(((await reading.boundingBox())?.y as number) - before)).toBeLessThanOrEqual(2);

    // A selection copies also the messages between its ends that are not in the page, and printing prints all.
    const list = page.getByRole('region', { name: 'Messages with' });
    const clickOn = async (text: string, position: number, modifiers: 'Shift'[] = []) => {
      const message = list.getByText(text, { exact: true });
      // Older messages may still be added above.
      const scroll = (element: Element, share: number) => element.scrollTo(0, share * element.scrollHeight);
      await expect.poll(() => list.evaluate(scroll, position).then(() => message.count())).toBe(1);
      await message.click({ modifiers });
    };
    await clickOn('number 1', 0);
    await clickOn('number 70', 1, ['Shift']);
    expect(await page.getByRole('article').count()).toBeLessThan(70);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('Control+C');
    const copied = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
    expect(copied).toHaveLength(70);
    expect(copied.slice(1, -1)).toEqual(Array.from({ length: 68 }, (_, n) => `number ${n + 2}`));

    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    const articles = page.getByRole('article').locator('visible=true');
    expect(await articles.count()).toBe(70);
    expect(await composer(page).isVisible()).toBe(false);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await expect.poll(() => articles.count()).toBe(0);
  });

  test('a user who has scrolled up is told of new messages below and is not moved', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'line\n'.repeat(60));
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await linkTo(page, bo.handle).getByText('unread').waitFor({ state: 'detached' });
    const list = page.getByRole('region', { name: 'Messages with Bo South' });
    await list.evaluate((element) => {
      element.scrollTop = 0;
    });
    await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
    await bo.sends({ message_group_uuid }, 'down here');
    await page.getByRole('button', { name: '1 new message' }).waitFor();
    expect(await list.evaluate((element) => element.scrollTop)).toBe(0);
    await expect.poll(async () => (await inboxOf(ada))[0]?.unread_count).toBe(1);

    await page.getByRole('button', { name: '1 new message' }).click();
    await page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'detached' });
    await expect.poll(async () => (await inboxOf(ada))[0]?.unread_count).toBe(0);
  });

  test('the list stays at its end when it becomes smaller and larger', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'line\n'.repeat(60));
    await ada.sends({ message_group_uuid }, 'An answer'); // so it opens at its end
    const size = { width: 390, height: 844 };
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email, { viewport: size });
    await storedMessage(page, 'line');
    const list = page.getByRole('region', { name: 'Messages with Bo South' });
    const becomes = async (change: () => Promise<unknown>) => {
      const height = () => list.evaluate(({ clientHeight }) => clientHeight);
      const before = await height();
      await change();
      await expect.poll(height).not.toBe(before);
      await expect.poll(() => list.evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop)).toBeLessThan(2);
      expect(await page.getByRole('button', { name: 'Jump to newest' }).count()).toBe(0);
    };
    await becomes(() => page.setViewportSize({ ...size, height: 500 })); // a phone's keyboard
    await becomes(() => page.setViewportSize(size));
    await becomes(() => composer(page).fill('a\nb\nc\nd'));
    await becomes(() => composer(page).fill(''));
    await bo.sends({ message_group_uuid }, 'down here');
    await expect.poll(async () => (await inboxOf(ada))[0]).toMatchObject({ message: 'down here', unread_count: 0 });
  });

  test('a search for a handle starts a conversation', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const page = await visitAs('/messages', ada.email);
    await page.getByRole('link', { name: 'New' }).click();
    const headers = { 'more-results': 'true' };
    const json = [{ uuid: 'another', handle: 'nn', display_name: 'Another user' }];
    await page.route('**/api/users?*', (route) => route.fulfill({ headers, json }), { times: 1 });
    await page.getByLabel(/^To/).fill('nn');
    await page.getByRole('status').getByText('more users match').waitFor();
    await page.context().setOffline(true);
    await page.getByLabel(/^To/).fill(`@${bo.handle.slice(0, 18).toUpperCase()}`);
    await page.getByText('You are offline. The search').waitFor();
    await page.context().setOffline(false);
    await linkTo(page, bo.handle).click();
    await page.getByText('This is the beginning of your conversation with Bo South').waitFor();
    await write(page, 'How do you do?');
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
    await storedMessage(page, 'How do you do?');
    await linkTo(page, bo.handle).getByText('How do you do?').waitFor();
    const sent = { handle: ada.handle, message: 'How do you do?', unread_count: 1 };
    await expect.poll(async () => (await inboxOf(bo))[0]).toMatchObject(sent);

    // The same address leads to the conversation from now on.
    await page.goto(`/messages/new/${bo.handle}`);
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
    await storedMessage(page, 'How do you do?');
  });

  test('no letter is lost while the first message of either user creates the conversation', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const page = await visitAs(`/messages/new/${bo.handle}`, ada.email);
    await page.getByText('This is the beginning').waitFor();
    await composer(page).press('H');
    await page.keyboard.type('i!\nand then some more', { delay: 110 });
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
    expect(await composer(page).inputValue()).toBe('and then some more');

    const cy = await signUpNewUser(stack);
    await page.goto(`/messages/new/${cy.handle}`);
    await page.getByText('This is the beginning').waitFor();
    const typed = composer(page).pressSequentially('written before I read yours', { delay: 110 });
    await cy.sends(ada, 'me first');
    await page.evaluate(() => dispatchEvent(new Event('visibilitychange'))); // polls at once
    await storedMessage(page, 'me first');
    await typed;
    expect(await composer(page).inputValue()).toBe('written before I read yours');
  });

  test('a conversation that no loaded page of the inbox lists is found, with its name and its messages', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'long ago');
    const page = await visitAs('/messages', ada.email);
    await linkTo(page, bo.handle).waitFor(); // signed in
    await page.route(/\/api\/message_groups\?/, (route) => route.fulfill({ json: [] }));
    await page.goto(`/messages/new/${bo.handle}`);
    await page.waitForURL(`**/messages/${message_group_uuid}`);
    await storedMessage(page, 'long ago');
    await page.getByRole('heading', { name: bo.handle }).waitFor();
    await composer(page).waitFor();
  });

  test('an unknown handle shows an error, and a way to the search', async () => {
    const ada = await signUpNewUser(stack);
    const page = await visitAs('/messages/new/unknown_handle', ada.email);
    await page.getByRole('alert').getByText(errorMessages.handle_unknown).waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Search for a user' }).click();
    await page.getByRole('heading', { name: 'New message' }).waitFor();
  });
});

describe('text', () => {
  test('is never HTML; only addresses of the web become links', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const texts = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(2)>',
      'javascript:alert(3)',
      '[click](javascript:alert(4)) data:text/html,<script>alert(5)</script>',
      '"><svg onload=alert(6)>',
      'see https://example.com/a?b=1&c=2 or http://example.org.',
      'ftp://example.com file:///etc/passwd www.example.com me@example.com',
    ];
    const { message_group_uuid } = await bo.sends(ada, 'hello');
    for (const text of texts) await bo.sends({ message_group_uuid }, text);
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    for (const text of texts) await messageOn(page, text).waitFor();
    const links = page.getByRole('article').getByRole('link');
    expect(await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')))).toEqual([
      'https://example.com/a?b=1&c=2',
      'http://example.org',
      'https://www.example.com',
    ]);
    expect(await links.first().getAttribute('rel')).toContain('noopener');
    expect(await page.locator('article script, article img, article svg').count()).toBe(0);
  });

  test('of any language, direction and length stays within its bubble', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const longest = '🐙'.repeat(1024);
    const { message_group_uuid } = await bo.sends(ada, 'مرحبا!\nEnglish\nوداعا!\nThe line that fills the bubble');
    for (const text of ['x'.repeat(1024), longest, '  two\n\n  lines  ', '日本語のメッセージ']) {
      await bo.sends({ message_group_uuid }, text);
    }
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email, { viewport: { width: 375, height: 667 } });
    const toEnd = page.getByRole('button', { name: 'new message' });
    await toEnd.click();
    await messageOn(page, '日本語').waitFor();
    expect(await messageOn(page, 'two').locator('p').textContent()).toBe('  two\n\n  lines  ');
    const list = page.getByRole('region', { name: 'Messages with' });
    await list.evaluate((element) => {
      element.scrollTop = 0;
    });
    // Each line has its own direction: the Arabic one begins at the right, the English one at the left.
    const lines = await messageOn(page, 'مرحبا').evaluate((message) => {
      const range = document.createRange();
      const text = message.querySelector('p')?.firstChild as Text;
      const { left, right } = message.getBoundingClientRect();
      return text.data.split('\n', 3).map((line) => {
        range.setStart(text, text.data.indexOf(line));
        range.setEnd(text, text.data.indexOf(line) + line.length);
        const box = range.getBoundingClientRect();
        return box.left - left < right - box.right ? 'ltr' : 'rtl';
      });
    });
    expect(lines).toEqual(['rtl', 'ltr', 'rtl']);
    const overflows = (element: Element) => element.scrollWidth > element.clientWidth;
    expect(await list.evaluate(overflows)).toBe(false);
    expect(await page.locator('html').evaluate(overflows)).toBe(false);

    await composer(page).fill(`${longest}!`);
    await page.getByText('The message is 1 character too long.').waitFor();
    await composer(page).press('Enter');
    expect(await composer(page).inputValue()).toBe(`${longest}!`);
    await write(page, longest);
    await expect.poll(async () => (await inboxOf(bo))[0]?.message).toBe(longest);
  });

  test('Shift+Enter begins a new line; a blank message is not sent', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'first');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await composer(page).pressSequentially('one');
    await composer(page).press('Shift+Enter');
    await composer(page).pressSequentially('two');
    expect(await composer(page).inputValue()).toBe('one\ntwo');
    await composer(page).press('Enter');
    await storedMessage(page, 'one');
    await write(page, ' \u200b ');
    await page.getByRole('alert').getByText('Write a message first.').waitFor();
    const stored = await ada.gets<Message[]>(`/api/messages/${message_group_uuid}`);
    expect(stored.map(({ message }) => message)).toEqual(['first', 'one\ntwo']);
  });
});

test('a phone shows either the inbox or the conversation', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  await bo.sends(ada, 'on a phone');
  const page = await visitAs('/messages', ada.email, {
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    isMobile: true,
  });
  await linkTo(page, bo.handle).tap();
  await storedMessage(page, 'on a phone');
  expect(await page.getByRole('heading', { name: 'Messages' }).isVisible()).toBe(false);
  const back = () => page.getByRole('link', { name: 'Back' }).tap();
  await back();
  await page.getByRole('heading', { name: 'Messages' }).waitFor();
  expect(await composer(page).isVisible()).toBe(false);

  // The phone's own Back returns to none of the pages that were left by the arrow.
  await page.getByRole('link', { name: 'New' }).tap();
  await page.getByLabel(/^To/).fill(bo.handle);
  await linkTo(page, bo.handle).last().tap();
  await storedMessage(page, 'on a phone');
  await back();
  await page.getByRole('heading', { name: 'Messages' }).waitFor();
  await page.goBack();
  expect(page.url()).toBe('about:blank');
});
