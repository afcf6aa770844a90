import { randomUUID } from 'node:crypto';
import axe, { type AxeResults } from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createPoolUser, localPool } from '../../../bin/console/pool.ts';
import { confirmationCode } from '../../../offline/supervisor/sign-in.ts';
import { seedConversationUuid } from '../../../seeds/index.ts';
import { seedPassword } from '../../../seeds/users.ts';
import { emailOf, messageOn, signInAs } from '../../support/browser.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { pair, signUpNewUser } from '../../support/new-user.ts';

const { stack, visit, at } = browserFixture();

const inbox = (page: Page) => page.getByRole('heading', { name: 'Messages' }).waitFor();
const fresh = () => `n${randomUUID().replaceAll('-', '').slice(0, 20)}`;
const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

describe('signing up', () => {
  test('asks for another handle if that one is taken, sends a code, and lets them in', async () => {
    const handle = fresh();
    const page = await visit('/sign-in');
    await page.getByRole('link', { name: 'Sign up' }).click();
    await page.getByLabel('E-mail address').fill(`${handle}@example.com`);
    await page.getByLabel('Handle').fill('reef');
    await page.getByLabel('Display name').fill('Someone Else');
    await page.getByLabel('Password').fill('Quiet-harbour-at-9');
    await press(page, 'Sign up');
    await page.getByRole('alert').getByText('Another user has this handle.').waitFor();
    const field = page.getByLabel('Handle');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);

    await field.fill(handle);
    await press(page, 'Sign up');
    await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
    await page.getByLabel('Code').fill('000000');
    await press(page, 'Confirm');
    await page.getByRole('alert').getByText('The code is not right.').waitFor();
    await page.getByLabel('Code').fill(confirmationCode);
    await press(page, 'Confirm');
    await inbox(page);
    await page.getByText(`@${handle}`).waitFor();
    await page.getByText('Nobody has written yet').waitFor();
  });

  test('can be gone on with later: who signs in before they confirmed is asked for the code', async () => {
    const handle = fresh();
    const page = await visit('/sign-up');
    await page.getByLabel('E-mail address').fill(`${handle}@example.com`);
    await page.getByLabel('Handle').fill(handle);
    await page.getByLabel('Display name').fill('Later On');
    await page.getByLabel('Password').fill(seedPassword);
    await press(page, 'Sign up');
    await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
    await page.goto('/sign-in'); // a new page: nothing is remembered
    await signInAs(page, `${handle}@example.com`);
    await page.getByLabel('Code').fill(confirmationCode);
    await press(page, 'Confirm');
    await inbox(page);
  });

  test('whom an operator invited chooses a password of their own, and who is nobody here a handle', async () => {
    const handle = fresh();
    const email = `${handle}@example.com`;
    await createPoolUser(localPool(String(stack.ports.cognito)), { email, handle, password: 'Temporary-word-1' });
    const page = await visit('/messages');
    await signInAs(page, email, 'Temporary-word-1');
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await page.getByLabel('Password').fill('Quiet-harbour-at-9');
    await press(page, 'Sign in');
    // In AWS they are in by now; cognito-local keeps no session of an answered question.
    await page.getByText('Your password is set.').waitFor();
    await signInAs(page, email, 'Quiet-harbour-at-9');
    await page.getByRole('heading', { name: 'Choose your handle' }).waitFor();
    await page.getByLabel('Handle').fill('grahams');
    await page.getByLabel('Display name').fill('Invited');
    await press(page, 'Join');
    await page.getByText('Another user has this handle.').waitFor();
    await page.getByLabel('Handle').fill(handle);
    await press(page, 'Join');
    await inbox(page);
  });

  test('a forgotten password is replaced by who can read the mail', async () => {
    const { email } = await signUpNewUser(stack);
    const page = await visit('/sign-in');
    await page.getByRole('link', { name: 'Forgotten password' }).click();
    await page.getByLabel('E-mail address').fill(email);
    await press(page, 'Send the code');
    await page.getByLabel('Code').fill(confirmationCode);
    await page.getByLabel('New password').fill('Quiet-harbour-at-9');
    await press(page, 'Set the password');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
    await signInAs(page, email, 'Quiet-harbour-at-9');
    await inbox(page);
  });
});

describe('a session', () => {
  const storages = (page: Page) =>
    page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }, document.cookie] as const);

  test('leaves nothing that a script could read, and outlives the page', async () => {
    const { email, handle } = await signUpNewUser(stack);
    const page = await at('/messages', email);
    await inbox(page);
    expect(await storages(page)).toEqual([{}, {}, '']);
    const [cookie, ...others] = await page.context().cookies(`${stack.httpUrl}/session`);
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/session' });
    await page.reload();
    await page.getByText(`@${handle}`).waitFor();
  });

  test('ends everywhere when somebody signs out', async () => {
    const { email } = await signUpNewUser(stack);
    const page = await at('/messages', email);
    await inbox(page);
    const [cookie] = await page.context().cookies(`${stack.httpUrl}/session`);
    const other = await page.context().newPage();
    await other.goto('/messages');
    await inbox(other);
    await press(page, 'Sign out');
    for (const each of [page, other]) await each.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.context().cookies(`${stack.httpUrl}/session`)).toEqual([]);
    // Whoever kept the cookie has nothing either.
    const renewed = await fetch(`${stack.httpUrl}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: `${cookie?.name}=${cookie?.value}` },
      body: '{}',
    });
    expect(renewed.status).toBe(401);
  });

  test('goes on when the access token has ended', async () => {
    const { email } = await signUpNewUser(stack);
    const page = await at('/messages', email);
    await inbox(page);
    // Twenty-four hours later: the clock of the page only, which is what it goes by.
    const renewal = page.waitForRequest(/\/session$/);
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 86_400_000;
    });
    expect((await (await renewal).response())?.status()).toBe(200);
  });

  test('that is over leads to sign-in, and back to where one was', async () => {
    const email = emailOf('grahams');
    const page = await at(`/messages/${seedConversationUuid}`, email);
    await messageOn(page, 'Both cups.').waitFor();
    await page.context().clearCookies();
    await page.route('**/api/**', (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.unroute('**/api/**');
    await signInAs(page, email);
    await messageOn(page, 'Both cups.').waitFor();
    expect(page.url()).toBe(`${stack.httpUrl}/messages/${seedConversationUuid}`);
  });

  test('does not begin with a wrong password', async () => {
    const page = await visit('/sign-in');
    await signInAs(page, emailOf('grahams'), 'Not-the-password-1');
    await page.getByRole('alert').waitFor();
    expect(await page.context().cookies(`${stack.httpUrl}/session`)).toEqual([]);
    await signInAs(page, 'nobody@example.com');
    await page.getByRole('alert').getByText('The e-mail address or the password is wrong.').waitFor();
  });
});

test('by keyboard alone: sign in, choose a conversation, read back, write, sign out', async () => {
  const [ada, bo] = await pair(stack);
  await bo.says(ada, 'line\n'.repeat(60));
  const page = await visit('/messages');
  const isFocused = (name: string | RegExp, role: 'textbox' | 'button' | 'link' | 'region' = 'textbox') =>
    page.getByRole(role, { name }).evaluate((element) => element === document.activeElement);
  const tabTo = async (name: string | RegExp, role: 'textbox' | 'button' | 'link' | 'region', back = false) => {
    for (let n = 0; n < 12 && !(await isFocused(name, role)); n++)
      await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    expect(await isFocused(name, role)).toBe(true);
  };
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await tabTo('E-mail address', 'textbox');
  await page.keyboard.type(ada.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(seedPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: bo.handle }).waitFor();
  await tabTo(new RegExp(bo.handle), 'link');
  await page.keyboard.press('Enter');
  await expect.poll(() => isFocused('Message to Bo South')).toBe(true); // where one came to write
  await tabTo('Messages with Bo South', 'region', true);
  const place = () => page.getByRole('region', { name: 'Messages with' }).evaluate((list) => list.scrollTop);
  const atEnd = await place();
  await page.keyboard.press('PageUp');
  await expect.poll(place).toBeLessThan(atEnd);
  await tabTo('Message to Bo South', 'textbox');
  await page.keyboard.type('typed');
  await page.keyboard.press('Enter');
  await messageOn(page, 'typed').locator('time').waitFor();
  expect(await isFocused('Message to Bo South')).toBe(true); // for the next one
  await tabTo('Sign out', 'button', true);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('something is on the screen soon, and little was loaded for it', async () => {
  const page = await visit('/sign-in');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const { paint, kilobytes } = await page.evaluate(async () => ({
    paint: await new Promise<number>((told) => {
      new PerformanceObserver((list) => {
        for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') told(startTime);
      }).observe({ type: 'paint', buffered: true });
    }),
    kilobytes: (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ initiatorType }) => initiatorType === 'script')
      .reduce((sum, { transferSize }) => sum + transferSize / 1024, 0),
  }));
  console.log(`first contentful paint: ${Math.round(paint)} ms, after ${Math.round(kilobytes)} KB of JavaScript`);
  expect(paint).toBeLessThan(3_000); // the machine may be busy
  expect(kilobytes).toBeGreaterThan(50);
  expect(kilobytes).toBeLessThan(120);
});

describe('axe finds nothing', () => {
  const faults = async (page: Page) => {
    // Past the content security policy: it is the test's script, not the page's.
    const { violations } = (await page.evaluate(`${axe.source}; axe.run()`)) as AxeResults;
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  };
  const looks: [string, BrowserContextOptions][] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { colorScheme: 'light', viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true }],
  ];
  test.each(looks)('%s', async (_look, look) => {
    const options = { ...look, reducedMotion: 'reduce' as const }; // a colour on its way to another is neither
    const page = await visit('/sign-in', options);
    const found: Record<string, string[]> = {};
    const visited = async (name: string, heading: string) => {
      await page.getByRole('heading', { name: heading }).waitFor();
      found[name] = await faults(page);
    };
    for (const [path, heading] of Object.entries({
      '/sign-in': 'Sign in',
      '/sign-up': 'Sign up',
      '/confirm': 'Confirm your address',
      '/forgotten-password': 'Forgotten password',
      '/nowhere': 'There is no such page',
    })) {
      await page.goto(path);
      await visited(path, heading);
    }
    await page.goto('/sign-in');
    await signInAs(page, emailOf('grahams'), 'Not-the-password-1');
    await page.getByRole('alert').waitFor();
    await visited('a refusal', 'Sign in');

    const [ada, bo] = await pair(stack);
    await bo.says(ada, 'A question: https://example.com?');
    await signInAs(page, ada.email);
    await page.getByText('1 unread').waitFor();
    await visited('/messages', 'Messages');
    await page.getByRole('link', { name: bo.handle }).click();
    await messageOn(page, 'A question').waitFor();
    await page.route('**/api/messages', (route) => route.fulfill({ status: 413, json: {} }));
    await page.getByRole('textbox').fill('An answer');
    await page.getByRole('textbox').press('Enter');
    await page.getByText('Not sent').waitFor();
    await visited('a conversation', 'Bo South');
    await press(page, 'Discard'); // or the browser asks before it leaves
    await page.goto('/messages/new');
    await page.getByLabel(/^To/).fill('ree');
    await page.getByText('1 found').waitFor();
    await visited('/messages/new', 'New message');
    await page.goto('/messages/new/reef');
    await page.getByText('This is the beginning').waitFor();
    await visited('/messages/new/reef', 'Wriggle Reef');
    expect(Object.keys(found)).toHaveLength(10);
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
  });
});
