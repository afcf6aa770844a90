import axe, { type AxeResults } from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seedPassword } from '../../../seeds/users.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { emailOf, messageOn, signInAs } from '../../support/client-page.ts';
import { twoNewUsers } from '../../support/new-user.ts';

const { stack, visit } = browserFixture();

const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

test('the keyboard is enough to sign in, choose a conversation, scroll, write and sign out', async () => {
  const [ada, bo] = await twoNewUsers(stack);
  await bo.sends(ada, 'line\n'.repeat(60));
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
  await expect.poll(() => isFocused('Message to Bo South')).toBe(true); // the composer takes the focus
  await tabTo('Messages with Bo South', 'region', true);
  const position = () => page.getByRole('region', { name: 'Messages with' }).evaluate((list) => list.scrollTop);
  const atEnd = await position();
  await page.keyboard.press('PageUp');
  await expect.poll(position).toBeLessThan(atEnd);
  await tabTo('Message to Bo South', 'textbox');
  await page.keyboard.type('typed');
  await page.keyboard.press('Enter');
  await messageOn(page, 'typed').locator('time').waitFor();
  expect(await isFocused('Message to Bo South')).toBe(true); // ready for the next message
  await tabTo('Sign out', 'button', true);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

describe('axe finds no violation', () => {
  const violationsOn = async (page: Page) => {
    // `evaluate` bypasses the content security policy, which would block this script.
    const { violations } = (await page.evaluate(`${axe.source}; axe.run()`)) as AxeResults;
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  };
  const variants: [string, BrowserContextOptions][] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { colorScheme: 'light', viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true }],
  ];
  test.each(variants)('%s', async (_name, variant) => {
    const options = { ...variant, reducedMotion: 'reduce' as const }; // a colour in transition would distort the contrast
    const page = await visit('/sign-in', options);
    const found: Record<string, string[]> = {};
    const check = async (name: string, heading: string) => {
      await page.getByRole('heading', { name: heading }).waitFor();
      found[name] = await violationsOn(page);
    };
    for (const [path, heading] of Object.entries({
      '/sign-in': 'Sign in',
      '/sign-up': 'Sign up',
      '/confirm': 'Confirm your address',
      '/forgotten-password': 'Forgotten password',
      '/nowhere': 'Page not found',
    })) {
      await page.goto(path);
      await check(path, heading);
    }
    await page.goto('/sign-in');
    await signInAs(page, emailOf('grahams'), 'Not-the-password-1');
    await page.getByRole('alert').waitFor();
    await check('a failed sign-in', 'Sign in');

    const [ada, bo] = await twoNewUsers(stack);
    await bo.sends(ada, 'A question: https://example.com?');
    await signInAs(page, ada.email);
    await page.getByText('1 unread').waitFor();
    await check('/messages', 'Messages');
    await page.getByRole('link', { name: bo.handle }).click();
    await messageOn(page, 'A question').waitFor();
    await page.route('**/api/messages', (route) => route.fulfill({ status: 413, json: {} }));
    await page.getByRole('textbox').fill('An answer');
    await page.getByRole('textbox').press('Enter');
    await page.getByText('Not sent').waitFor();
    await check('a conversation', 'Bo South');
    await press(page, 'Discard'); // or the browser asks before it leaves
    await page.goto('/messages/new');
    await page.getByLabel(/^To/).fill('ree');
    await page.getByText('1 found').waitFor();
    await check('/messages/new', 'New message');
    await page.goto('/messages/new/reef');
    await page.getByText('This is the beginning').waitFor();
    await check('/messages/new/reef', 'Wriggle Reef');
    expect(Object.keys(found)).toHaveLength(10);
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
  });
});
