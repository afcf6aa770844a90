import type { Page, WebSocket } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserFixture } from '../../support/browser-fixture.ts';
import { choose, composer, gotoLive, linkTo, messageOn, storedMessage, write } from '../../support/client-page.ts';
import { twoNewUsers } from '../../support/new-user.ts';
import { setFocus } from './focus.ts';

// A page that is connected polls once a minute, so what it shows sooner the service has told it.

const { stack, visitAs } = browserFixture();

/** Types until something has happened. @returns what `happens` brings */
async function typeUntil<Result>(page: Page, happens: Promise<Result>): Promise<Result> {
  let isOver = false;
  const result = happens.finally(() => {
    isOver = true;
  });
  while (!isOver) await Promise.race([result, composer(page).press('x', { delay: 100 })]);
  return result;
}

interface Recorded {
  notifications: { title: string; body: string; isClosed: boolean }[];
}

/** Lets the pages that are loaded from now on keep the notifications that they show: a Chromium without a window shows none. */
const recordNotifications = (page: Page) =>
  page.addInitScript(() => {
    const shown: Recorded['notifications'] = [];
    class Recording {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      readonly #record;
      constructor(title: string, { body = '' }: NotificationOptions = {}) {
        this.#record = { title, body, isClosed: false };
        shown.push(this.#record);
      }
      close() {
        this.#record.isClosed = true;
      }
    }
    Object.assign(globalThis, { notifications: shown, Notification: Recording });
  });

const isTyping = (page: Page) => page.getByText('is typing').waitFor();

/** A conversation, open in the browsers of both, which are connected. */
async function openConversation() {
  const [ada, bo] = await twoNewUsers(stack);
  const { message_group_uuid } = await bo.sends(ada, 'hello');
  const path = `/messages/${message_group_uuid}`;
  const [adas, bos] = await Promise.all([ada, bo].map(({ email }) => visitAs('about:blank', email)));
  const [socket] = await Promise.all([adas, bos].map((page) => gotoLive(page as Page, path)));
  return { bo, path, adas: adas as Page, bos: bos as Page, socket: socket as WebSocket };
}

test('two users see each other type, write, read, edit and delete in less than a second', async () => {
  const { adas, bos, socket } = await openConversation();
  const taken = new Map<string, number[]>();
  const time = async (what: string, shown: Promise<unknown>) => {
    const from = performance.now();
    await shown;
    taken.set(what, [...(taken.get(what) ?? []), performance.now() - from]);
  };

  // The first round starts the functions, so the faster one counts.
  for (const text of ['first', 'second']) {
    await typeUntil(
      adas,
      socket.waitForEvent('framesent', ({ payload }) => String(payload).includes('typing')),
    );
    await time('type', isTyping(bos));
    await write(adas, text);
    const written = messageOn(adas, text);
    await time('write', storedMessage(bos, text));
    await time('read', written.getByText('Seen').waitFor()); // the other page has the focus as well

    await choose(adas, 'Message options', 'Edit', written.locator('..'));
    const field = adas.getByRole('textbox', { name: 'Edit message' });
    await field.fill(`${text}, edited`);
    await field.press('Enter');
    await time('edit', messageOn(bos, `${text}, edited`).waitFor());
    await choose(adas, 'Message options', 'Delete', messageOn(adas, text).locator('..'));
    const deletion = adas.waitForRequest((request) => request.method() === 'DELETE'); // there is time to undo it
    await messageOn(adas, text).waitFor({ state: 'detached' });
    await deletion;
    await time('delete', messageOn(bos, text).waitFor({ state: 'detached' }));
  }
  expect([...taken.keys()]).toEqual(['type', 'write', 'read', 'edit', 'delete']);
  expect(Object.fromEntries([...taken].filter(([, times]) => Math.min(...times) >= 1_000))).toEqual({});
});

test('three tabs of one user stay in step', async () => {
  const { bo, adas, bos, path } = await openConversation();
  const [open, inbox] = await Promise.all([adas.context().newPage(), adas.context().newPage()]);
  for (const [page, address] of [
    [open, path],
    [inbox, '/messages'],
  ] as const)
    await gotoLive(page, address);
  await storedMessage(open, 'hello');
  await linkTo(inbox, bo.handle).getByText('hello').waitFor();
  for (const page of [adas, open, inbox]) await setFocus(page, false);

  await write(adas, 'from one tab');
  await storedMessage(open, 'from one tab');
  await linkTo(inbox, bo.handle).getByText('from one tab').waitFor();
  await write(bos, 'an answer');
  for (const page of [adas, open]) await storedMessage(page, 'an answer');
  for (const page of [adas, open, inbox]) await expect.poll(() => page.title()).toMatch(/^\(1\) /);
  await choose(adas, 'Message options', 'Edit', messageOn(adas, 'from one tab').locator('..'));
  await adas.getByRole('textbox', { name: 'Edit message' }).fill('changed there');
  await adas.getByRole('textbox', { name: 'Edit message' }).press('Enter');
  await messageOn(open, 'changed there').waitFor();
  await setFocus(open, true); // reads there
  for (const page of [adas, open, inbox]) await expect.poll(() => page.title()).toMatch(/^[^(]/);
});

describe('a page without the focus', () => {
  test('counts in its title and tells the user, until the message is read elsewhere', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'hello');
    const page = await visitAs('/settings', ada.email);
    await recordNotifications(page);
    await page.reload();
    await page.getByRole('checkbox', { name: 'Notifications' }).check();
    await gotoLive(page, '/messages');
    await linkTo(page, bo.handle).getByText('1 unread').waitFor();
    await setFocus(page, false);
    await bo.sends({ message_group_uuid }, 'a secret');
    await expect.poll(() => page.title()).toMatch(/^\(2\) /);
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toMatch(/^data:/);
    const notifications = () => page.evaluate(() => (globalThis as unknown as Recorded).notifications);
    await expect.poll(notifications).toEqual([{ title: 'Bo South', body: 'New message', isClosed: false }]);

    const elsewhere = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await storedMessage(elsewhere, 'a secret');
    await expect.poll(notifications).toEqual([{ title: 'Bo South', body: 'New message', isClosed: true }]);
    await expect.poll(() => page.title()).toMatch(/^[^(]/);
  });

  test('catches up at once when the computer has slept', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'hello');
    const page = await visitAs('about:blank', ada.email);
    let isAsleep = false;
    let received = 0;
    await page.routeWebSocket(/ticket=/, (socket) => {
      const server = socket.connectToServer();
      // While asleep, frames are lost and neither side is told.
      socket.onMessage((frame) => isAsleep || server.send(frame));
      server.onMessage((frame) => {
        if (isAsleep) return;
        received++;
        socket.send(frame);
      });
    });
    await page.clock.install();
    await page.goto(`/messages/${message_group_uuid}`);
    await storedMessage(page, 'hello');
    await expect.poll(() => bo.sends({ message_group_uuid }, 'seen live').then(() => received)).toBeGreaterThan(0);
    isAsleep = true;
    await bo.sends({ message_group_uuid }, 'while asleep');
    await page.clock.fastForward('05:00');
    await storedMessage(page, 'while asleep');
  });
});
