// `npm run screenshots` takes the documents' pictures of the web client, from its own stack with the seeds.
import type { Page } from 'playwright-core';
import type { ErrorCode } from '../core/errors.ts';
import { errorMessages } from '../handlers/error-messages.ts';
import { seedConversationUuid } from '../seeds/index.ts';
import { openBrowser } from '../test/support/browser.ts';
import { choose, composer, emailOf, messageOn, signInAs, write } from '../test/support/client-page.ts';
import { startStack } from '../test/support/stack.ts';

const desk = { viewport: { width: 1000, height: 640 } };
const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };

/** @param isHovered whether the pointer stays where it is */
type Take = (name: string, isHovered?: boolean) => Promise<void>;

const stack = await startStack();
const browser = await openBrowser();
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [device, size] of Object.entries({ desk, phone })) {
      const context = await browser.newContext({ ...size, colorScheme, baseURL: stack.httpUrl, locale: 'en-GB' });
      const page = await context.newPage();
      // Pictures must not depend on earlier clicks: no hover effect, no caret.
      const take: Take = async (name, isHovered = false) => {
        if (!isHovered) await page.mouse.move(0, 0);
        const path = `${import.meta.dirname}/pictures/${name}-${device}-${colorScheme}.png`;
        await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
      };
      if (device === 'desk') await takeSigningIn(page, take);
      await page.goto('/messages');
      await signInAs(page, emailOf('grahams'));
      await page.getByRole('link', { name: /reef/ }).waitFor();
      await take('messages');
      await page.route('**/read', (route) => route.abort()); // so that every picture shows an unread badge
      await page.goto(`/messages/${seedConversationUuid}`);
      await messageOn(page, 'Both cups.').waitFor();
      await take('conversation');
      if (device === 'desk') {
        await takeChanges(page, take);
        await takeSafety(page, take);
      }
      await page.goto('/messages/new');
      await page.getByLabel(/^To/).fill('ba');
      await page.getByText('1 found').waitFor();
      await take('search');
      await page.goto('/messages/new/bayko');
      await page.getByText('This is the beginning').waitFor();
      await take('new-conversation');
      await context.close();
    }
  }
} finally {
  await browser.close();
  await stack.stop();
}

async function takeSigningIn(page: Page, take: Take): Promise<void> {
  for (const [path, heading] of Object.entries({
    'sign-in': 'Sign in',
    'sign-up': 'Sign up',
    confirm: 'Confirm your address',
    'forgotten-password': 'Forgotten password',
  })) {
    await page.goto(`/${path}`);
    await page.getByRole('heading', { name: heading }).waitFor();
    await take(path);
  }
}

/** The menus, and what they lead to. Each picture leaves the seeds as they were. */
async function takeChanges(page: Page, take: Take): Promise<void> {
  const mine = page.locator('.row.mine').filter({ has: page.getByRole('button', { name: 'Message options' }) });
  const last = mine.last();
  await last.hover();
  await last.getByRole('button', { name: 'Message options' }).click();
  await take('message-menu');
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await take('deleting');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('region', { name: 'Messages with' }).evaluate((list) => list.scrollBy(0, -400));
  await page.locator('.at-top time').waitFor();
  await take('scrolled');
  await page.getByRole('button', { name: 'Jump to newest' }).click();
  await composer(page).press('ArrowUp');
  await take('editing');
  await page.keyboard.press('Escape');

  await composer(page).fill('I will bring the');
  await page.getByRole('button', { name: 'Conversation options' }).click();
  await take('conversation-menu');
  await page.getByRole('menuitem', { name: 'Mute' }).click();
  await page.getByRole('img', { name: 'Muted' }).first().waitFor();
  await choose(page, 'Conversation options', 'Clear …');
  await take('clearing');
  await page.getByRole('button', { name: 'Keep' }).click();
  await choose(page, 'Conversation options', 'Mark as unread');
  await page.getByText('Draft:').waitFor();
  await take('marked');
  await page.getByLabel(/^Search/).fill('ba');
  await page.getByRole('heading', { name: 'Other users' }).waitFor();
  await take('inbox-search');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: /reef/ }).click();
  await composer(page).fill('');
  await choose(page, 'Conversation options', 'Unmute');
  await page.getByRole('img', { name: 'Muted' }).first().waitFor({ state: 'detached' });
}

/** Reports, blocks and limits. The seeds stay as they were: nothing is sent, and the block ends. */
async function takeSafety(page: Page, take: Take): Promise<void> {
  const theirs = page.locator('.row.theirs').last();
  await theirs.hover();
  await theirs.getByRole('button', { name: 'Message options' }).click();
  await page.getByRole('menuitem', { name: 'Report' }).click();
  await page.getByRole('radio', { name: 'Spam' }).check();
  await page.getByLabel('Note').fill('The third time this week.');
  await take('report');
  await page.getByRole('button', { name: 'Cancel' }).click();

  await choose(page, 'Conversation options', 'Block …');
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await page.getByText('You block').waitFor();
  await take('blocked');
  await page.getByRole('link', { name: 'Settings' }).click();
  const unblock = page.getByRole('button', { name: 'Unblock @reef' });
  await unblock.waitFor();
  await take('settings');
  await unblock.click();
  await unblock.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Back to your messages' }).click();
  const row = page.locator('.entry-row').filter({ hasText: '@reef' });
  await row.hover();
  await row.getByRole('button', { name: 'Options for' }).click();
  await page.getByRole('menu').waitFor();
  await take('row-menu', true);
  await page.keyboard.press('Escape');
  await row.getByRole('link').click();

  const answers = [
    problem(422, 'recipient_unavailable'),
    { ...problem(429, 'too_many_messages'), headers: { 'retry-after': '400' } },
  ];
  await page.route('**/api/messages', (route) => route.fulfill(answers.shift() ?? { status: 503 }));
  await write(page, 'Shall I bring the cups?');
  await page.getByRole('button', { name: 'Send again' }).waitFor();
  await take('refused');
  await page.getByRole('button', { name: 'Discard' }).click();
  await write(page, 'Both cups?');
  await page.getByText('Not sent yet').waitFor();
  await take('limited');
}

function problem(status: number, code: ErrorCode) {
  return { status, json: { detail: errorMessages[code], errors: [{ code }] } };
}
