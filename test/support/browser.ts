import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { seedPassword, seedUsers } from '../../seeds/users.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Starts a browser that nobody sees: the machine's own, Debian's `chromium`, or what `CHROMIUM` points to.
 * @throws with one line that says what to do when there is none
 */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place));
  if (!executablePath) throw new Error('There is no Chromium: apt-get install chromium, or point CHROMIUM to one.');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] }); // root, as in a container, may have no sandbox
}

/** Fills in the form that the page shows, as somebody who types would. */
export async function signInAs(page: Page, email: string, password = seedPassword): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The address of a seeded person. */
export const emailOf = (handle: string) => String(seedUsers.find((person) => person.handle === handle)?.email);

/** A message on the page, by its text. */
export const messageOn = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });

/** Where a message is written. */
export const field = (page: Page) => page.getByRole('textbox', { name: /^Message to / });

/** Writes a message and sends it. */
export async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press('Enter');
}

/** A conversation in the inbox, or a person in a search. */
export const linkTo = (page: Page, handle: string) => page.getByRole('link').filter({ hasText: `@${handle}` });

/** Resolves when a message on the page is a stored one: it has a time. */
export const arrived = (page: Page, text: string) => messageOn(page, text).locator('time').waitFor();
