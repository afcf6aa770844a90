import type { Locator, Page, WebSocket } from 'playwright-core';
import { seedPassword, seedUsers } from '../../seeds/users.ts';

// What tests and pictures do on a page of the client.

/** Fills in the sign-in form and sends it. */
export async function signInAs(page: Page, email: string, password = seedPassword): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The e-mail address of a seeded user. */
export const emailOf = (handle: string) => String(seedUsers.find((user) => user.handle === handle)?.email);

/** A message on the page, by its text. */
export const messageOn = (page: Page, text: string) => page.getByRole('article').filter({ hasText: text });

/** The composer's composer. */
export const composer = (page: Page) => page.getByRole('textbox', { name: /^Message to / });

/** Writes a message and sends it. */
export async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Control+Enter');
}

/** The link to a conversation in the inbox, or to a user in the search. */
export const linkTo = (page: Page, handle: string) => page.getByRole('link').filter({ hasText: `@${handle}` });

/** Waits until a message on the page is a stored one, which shows its time. */
export const storedMessage = (page: Page, text: string) => messageOn(page, text).locator('time').waitFor();

/** Chooses an entry of a menu. @param within what the menu's button is in, if there are several */
export async function choose(page: Page, menu: string, entry: string, within: Locator = page.locator('body')) {
  await within.hover();
  await within.getByRole('button', { name: menu }).click();
  await page.getByRole('menuitem', { name: entry }).click();
}

/** Waits until a page has opened a WebSocket, at most a minute. @param begin what makes it do so */
export async function whenConnected(page: Page, begin: () => Promise<unknown>): Promise<WebSocket> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const isOpen = new Promise((resolve) => session.once('Network.webSocketHandshakeResponseReceived', resolve));
  const [socket] = await Promise.all([page.waitForEvent('websocket', { timeout: 60_000 }), isOpen, begin()]);
  await session.detach();
  return socket;
}

/** Loads an address. @returns the WebSocket of the page, which is open */
export const gotoLive = (page: Page, path: string) => whenConnected(page, () => page.goto(path));

/** Loads the page anew without a live connection, so that it polls: the service gives no tickets. */
export async function reloadPolling(page: Page): Promise<void> {
  await page.route('**/api/realtime/tickets', (route) => route.fulfill({ status: 404, json: { errors: [] } }));
  await page.reload();
}
