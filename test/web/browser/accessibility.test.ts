import axe, { type AxeResults } from 'axe-core';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seedPassword } from '../../../seeds/users.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import {
  choose,
  composer,
  emailOf,
  linkTo,
  messageOn,
  signInAs,
  storedMessage,
  write,
} from '../../support/client-page.ts';
import { twoNewUsers } from '../../support/new-user.ts';

const { stack, visit, visitAs } = browserFixture();

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
  const colours = { light: {}, dark: { colorScheme: 'dark' }, forced: { forcedColors: 'active' } } as const;
  const violationsOn = async (page: Page, isPhone: boolean) => {
    const found: string[] = [];
    for (const [name, colour] of Object.entries(isPhone ? { light: {} } : colours)) {
      await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', ...colour });
      const only = name === 'light' ? '' : ', runOnly: ["color-contrast"]'; // the others do not depend on colours
      const violations = (await page.evaluate(
        `axe.run({ resultTypes: ['violations']${only} }).then((results) => results.violations)`,
      )) as AxeResults['violations'];
      for (const { id, nodes } of violations) found.push(`${name}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      if (name === 'forced') found.push(...(await page.evaluate(withoutBorder)));
    }
    if (isPhone) found.push(...(await page.evaluate(hardToUse)));
    return found;
  };
  const variants: [string, BrowserContextOptions][] = [
    ['on a desktop', {}],
    // As wide as a page of 1280 pixels at a zoom of 400 %.
    ['on a phone', { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true }],
  ];
  /** Opens a page on which `check` looks at one state after another, and `end` expects no violation in any of them. */
  const walk = async (path: string, variant: BrowserContextOptions, email?: string) => {
    const options = { ...variant, reducedMotion: 'reduce' as const }; // a colour in transition would distort the contrast
    const page = email ? await visitAs(path, email, options) : await visit(path, options);
    const found: Record<string, string[]> = {};
    const check = async (state: string, shown: Locator) => {
      await shown.first().waitFor();
      // `evaluate` bypasses the content security policy, which would block this script.
      if (!(await page.evaluate('"axe" in window'))) await page.evaluate(`${axe.source}; undefined`); // the object itself is large
      found[state] = await violationsOn(page, variant.isMobile === true);
    };
    const end = (states: number) => {
      expect(Object.keys(found)).toHaveLength(states);
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((state) => [state, []])));
    };
    return { page, check, end };
  };
  test.each(variants)('%s', async (_name, variant) => {
    const { page, check, end } = await walk('/sign-in', variant);
    const heading = (name: string) => page.getByRole('heading', { name });
    for (const [path, name] of Object.entries({
      '/sign-in': 'Sign in',
      '/sign-up': 'Sign up',
      '/confirm': 'Confirm your address',
      '/forgotten-password': 'Forgotten password',
      '/nowhere': 'Page not found',
    })) {
      await page.goto(path);
      await check(path, heading(name));
    }
    await page.goto('/sign-in');
    await signInAs(page, emailOf('grahams'), 'Not-the-password-1');
    await check('a failed sign-in', page.getByRole('alert'));

    const [ada, bo] = await twoNewUsers(stack);
    await signInAs(page, ada.email);
    await check('an empty inbox', page.getByText('No conversations yet'));
    const { message_group_uuid } = await bo.sends(ada, `A question: https://example.com?${'\n'.repeat(60)}`);
    await check('an unread message', page.getByText('1 unread'));
    await linkTo(page, bo.handle).click();
    await check('a conversation', messageOn(page, 'A question'));
    await page.getByRole('region', { name: 'Messages with' }).evaluate((list) => {
      list.scrollTop = 0;
    });
    await check('scrolled up', page.getByRole('button', { name: 'Jump to newest' }));
    await bo.sends({ message_group_uuid }, 'Below');
    const below = page.getByRole('button', { name: '1 new message' });
    await check('a new message below', below);
    await below.focus();
    await check('the button to it, focused', below);
    await below.click();

    await page.route('**/api/messages', (route) => route.fulfill({ status: 413, json: {} }));
    await write(page, 'An answer');
    await check('a failed message', messageOn(page, 'An answer').getByText('Not sent'));
    await press(page, 'Discard'); // or the browser asks before it leaves
    await composer(page).fill('x'.repeat(1025));
    await check('a message that is too long', page.getByText('too long'));
    await composer(page).fill('');
    await page.context().setOffline(true);
    await write(page, 'Later');
    await check('offline', page.getByText('Waiting for a connection'));
    await page.unroute('**/api/messages');
    await page.context().setOffline(false);
    await storedMessage(page, 'Later');
    await page.route('**/api/**', (route) => route.abort());
    const unreachable = page.getByText('The service cannot be reached');
    const pollAtOnce = () => page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
    await expect.poll(() => pollAtOnce().then(() => unreachable.count())).toBeGreaterThan(0);
    await check('no answer from the service', unreachable);
    await page.unroute('**/api/**');
    await composer(page).fill('A draft');
    await press(page, 'Sign out');
    await check('the question before signing out', page.getByRole('dialog', { name: 'Sign out?' }));
    await press(page, 'Stay signed in');

    await page.goto('/messages/new');
    await page.getByLabel(/^To/).fill('ree');
    await check('a search', page.getByText('1 found'));
    await page.getByLabel(/^To/).fill('r-');
    await check('a search that is too short', page.getByText('Type at least two letters'));
    await page.goto('/messages/new/unknown_handle');
    await check('an unknown handle', page.getByRole('alert'));
    await page.goto('/messages/new/reef');
    await check('a new conversation', page.getByText('This is the beginning'));
    end(21);
  });

  test.each(variants)('%s, of what changes messages and conversations', async (_name, variant) => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'A question');
    await ada.sends({ message_group_uuid }, 'Later');
    const { page, check, end } = await walk(`/messages/${message_group_uuid}`, variant, ada.email);
    await storedMessage(page, 'Later');
    const mine = messageOn(page, 'Later').locator('..');
    await mine.getByRole('button', { name: 'Message options' }).click();
    await check('the menu of a message', page.getByRole('menu'));
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await check('a message that is being edited', page.getByRole('textbox', { name: 'Edit message' }));
    await page.route('**/api/messages/*/*', (route) => route.fulfill({ status: 413, json: {} }), { times: 1 });
    await page.getByRole('textbox', { name: 'Edit message' }).fill('Much later');
    await press(page, 'Save');
    await check('an edit that failed', page.getByText('Not saved'));
    await press(page, 'Save');
    await check('an edited message', messageOn(page, 'Much later').getByText('edited'));
    await choose(page, 'Message options', 'Delete', messageOn(page, 'Much later').locator('..'));
    await check('a message that is being deleted', page.getByRole('button', { name: 'Undo' }));
    await check('a deleted message', messageOn(page, 'Message deleted'));
    await page.getByRole('button', { name: 'Conversation options' }).click();
    await check('the menu of a conversation', page.getByRole('menu'));
    await page.getByRole('menuitem', { name: 'Mute' }).click();
    await check('a muted conversation', page.getByRole('img', { name: 'Muted' }));
    await choose(page, 'Conversation options', 'Clear …');
    await check('the question before clearing', page.getByRole('dialog', { name: 'Clear this conversation?' }));
    await press(page, 'Keep');
    await composer(page).fill('A draft');
    await choose(page, 'Conversation options', 'Mark as unread');
    await check('a draft, muted and marked as unread', page.getByText('Marked as unread'));
    await page.getByLabel(/^Search/).fill('reef');
    await check('a search in the inbox', page.getByRole('heading', { name: 'Other users' }));
    end(11);
  });

  test.each(variants)('%s, of blocks, reports and limits', async (_name, variant) => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'A question');
    const { page, check, end } = await walk(`/messages/${message_group_uuid}`, variant, ada.email);
    await storedMessage(page, 'A question');
    await messageOn(page, 'A question').hover();
    await press(page, 'Message options');
    await check('the menu of a message of the other user', page.getByRole('menu'));
    await page.getByRole('menuitem', { name: 'Report' }).click();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await check('a report without a reason', page.getByText('Choose what is wrong.'));
    await page.getByRole('radio', { name: 'Spam' }).check();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await check('a report that is sent', page.getByRole('dialog', { name: 'Thank you for the report' }));
    await press(page, 'Close');
    await choose(page, 'Conversation options', 'Block …');
    await check('the question before blocking', page.getByRole('dialog', { name: 'Block Bo South?' }));
    await press(page, 'Block');
    await check('a blocked conversation', page.getByText('You block'));
    await page.getByRole('link', { name: 'Settings' }).click();
    await check('the settings', page.getByRole('button', { name: `Unblock @${bo.handle}` }));
    await press(page, `Unblock @${bo.handle}`);
    await check('nobody blocked', page.getByText('You have not blocked any user'));
    await page.getByRole('link', { name: 'Back to your messages' }).click();
    await page.locator('.entry-row').hover();
    await press(page, 'Options for Bo South');
    await check('the menu of a row', page.getByRole('menu'));
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'New' }).click();
    await page.getByLabel(/^To/).fill(bo.handle);
    const found = page.locator('.search .entry-row');
    await found.hover();
    await found.getByRole('button', { name: 'Options for Bo South' }).click();
    await check('the menu of a user who was found', page.getByRole('menu'));
    await page.getByRole('menuitem', { name: 'Write a message' }).click();
    const problem = { detail: 'Too many.', errors: [{ code: 'too_many_messages' }] };
    const limit = { status: 429, headers: { 'retry-after': '30' }, json: problem };
    await page.route('**/api/messages', (route) => route.fulfill(limit), { times: 1 });
    await write(page, 'One too many');
    await check('a message over a limit', messageOn(page, 'One too many').getByText('Not sent yet'));
    end(10);
  });

  /** @returns what is too small for a finger, and what leaves the page at its side, also with letters of twice the size */
  function hardToUse(): string[] {
    const visible = (selector: string) =>
      [...document.querySelectorAll(selector)].flatMap((element) => {
        const isInLabel = element.matches('[type=checkbox], [type=radio]'); // a finger may press the label
        const box = ((isInLabel && element.closest('label')) || element).getBoundingClientRect();
        return box.width > 0 && !element.closest('.visually-hidden') ? [{ element, box }] : [];
      });
    const tooSmall = visible('a, button, input, textarea')
      .filter(({ element, box }) => !element.matches('.message p > a') && (box.width < 43.9 || box.height < 43.9))
      .map(({ element }) => `smaller than 44 pixels: ${element.outerHTML}`);
    const outside = ['100%', '200%'].flatMap((size) => {
      document.documentElement.style.fontSize = size;
      return visible('body *')
        .filter(({ box }) => box.left < -1 || box.right > innerWidth + 1)
        .map(({ element }) => `outside the page at ${size}: ${element.outerHTML}`);
    });
    document.documentElement.style.fontSize = '';
    return [...tooSmall, ...outside];
  }

  /** Forced colours take backgrounds away. @returns what would be invisible without a border */
  function withoutBorder(): string[] {
    const marked = document.querySelectorAll(
      '.message, .avatar, .badge, .entries, .entry[aria-current], .notice, .below, dialog > article',
    );
    const isVisible = (element: Element) => {
      const { borderInlineStartStyle, borderInlineStartWidth } = getComputedStyle(element);
      return borderInlineStartStyle === 'solid' && Number.parseFloat(borderInlineStartWidth) > 0;
    };
    return [...marked].filter((each) => !isVisible(each)).map(({ outerHTML }) => `forced: no border: ${outerHTML}`);
  }
});
