import { describe, expect, test } from 'vitest';
import { errorMessages } from '../../../handlers/error-messages.ts';
import { seedConversationUuid } from '../../../seeds/index.ts';
import type { Message } from '../../../web/src/api/schema.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { composer, linkTo, messageOn, reloadPolling, storedMessage, write } from '../../support/client-page.ts';
import { inboxOf, signUpNewUser, twoNewUsers } from '../../support/new-user.ts';

const { stack, visitAs } = browserFixture();

describe('a failure', () => {
  test('a message whose response is lost is sent again by itself, and stored once', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'first');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await reloadPolling(page); // or an event would confirm the message before it is sent again
    await storedMessage(page, 'first');
    const keys: (string | undefined)[] = [];
    await page.route('**/api/messages', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      const isFirst = keys.length === 1;
      const response = await route.fetch().catch(() => undefined); // the service stores it; the page may have gone by then
      if (isFirst || !response)
        await route.abort(); // but the page gets no response
      else await route.fulfill({ response });
    });
    await write(page, 'Is it there?');
    await storedMessage(page, 'Is it there?');
    await expect.poll(() => new Set(keys).size === 1 && keys.length > 1).toBe(true);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    const stored = await ada.gets<Message[]>(`/api/messages/${message_group_uuid}`);
    expect(stored.map(({ message }) => message)).toEqual(['first', 'Is it there?']);
  });

  test('a message whose every response is lost is shown once, as stored', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'first');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await storedMessage(page, 'first');
    await page.route('**/api/messages', async (route) => {
      await route.fetch().catch(() => undefined); // the page may have gone by then
      await route.abort();
    });
    await write(page, 'Is it there?');
    await storedMessage(page, 'Is it there?'); // by polling
    expect(await messageOn(page, 'Is it there?').count()).toBe(1);
    expect(await page.getByText('Sending').count()).toBe(0);
  });

  test('an answer of another shape is not taken for a stored message', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'first');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await storedMessage(page, 'first');
    await page.route('**/api/messages', (route) => route.fulfill({ json: { errorMessage: 'timed out' } }), {
      times: 1,
    });
    await write(page, 'not lost');
    await storedMessage(page, 'not lost');
    await expect.poll(async () => (await inboxOf(bo))[0]).toMatchObject({ message: 'not lost' });
  });

  test('drafts and unsent messages survive a reload, and a refused one is shown in the inbox', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'first');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await storedMessage(page, 'first');
    await page.route('**/api/messages', (route) => route.fulfill({ status: 413, json: {} }));
    await write(page, 'refused');
    await messageOn(page, 'refused').getByText('Not sent').waitFor();
    await linkTo(page, bo.handle).getByText('Not sent').waitFor();
    await composer(page).fill('begun');
    await page.unroute('**/api/messages');
    await page.reload();
    await storedMessage(page, 'refused');
    expect(await composer(page).inputValue()).toBe('begun');
    await linkTo(page, bo.handle).getByText('refused').waitFor();
  });

  test('a conversation that begins with failed messages still shows all of them', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const page = await visitAs(`/messages/new/${bo.handle}`, ada.email);
    let failuresLeft = 1;
    await page.route('**/api/messages', async (route) => {
      const { message } = route.request().postDataJSON();
      if (message === 'second' || failuresLeft-- > 0)
        await route.fulfill({ status: 413, json: { message: 'Too Large' } });
      else await route.continue();
    });
    await write(page, 'first');
    await messageOn(page, 'first').getByText('Not sent').waitFor();
    await write(page, 'second');
    await messageOn(page, 'second').getByText('Not sent').waitFor();
    await messageOn(page, 'first').getByRole('button', { name: 'Send again' }).click();
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
    await storedMessage(page, 'first');
    await page.unroute('**/api/messages');
    await messageOn(page, 'second').getByRole('button', { name: 'Send again' }).click();
    await storedMessage(page, 'second');
    await expect.poll(async () => (await inboxOf(bo))[0]).toMatchObject({ message: 'second', unread_count: 2 });
  });

  test('a rejected message stays with its error until the user discards it', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'first');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await storedMessage(page, 'first');
    // The format of API Gateway's own errors, which no route of ours uses.
    await page.route('**/api/messages', (route) => route.fulfill({ status: 413, json: { message: 'Too Large' } }));
    await write(page, 'refused');
    await messageOn(page, 'refused').getByText('Not sent: This is too large to send.').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await messageOn(page, 'refused').waitFor({ state: 'detached' });
  });

  test('a message written offline is sent when the browser is online again', async () => {
    const [ada, bo] = await twoNewUsers(stack);
    const { message_group_uuid } = await bo.sends(ada, 'first');
    const page = await visitAs(`/messages/${message_group_uuid}`, ada.email);
    await storedMessage(page, 'first');
    await page.context().setOffline(true);
    await page.getByRole('status').getByText('You are offline').waitFor();
    await write(page, 'written on a train');
    await messageOn(page, 'written on a train').getByText('Waiting for a connection').waitFor();
    await page.context().setOffline(false);
    await storedMessage(page, 'written on a train');
    await page.getByText('You are offline').waitFor({ state: 'detached' });
  });

  test('a notice appears while the service does not answer', async () => {
    const ada = await signUpNewUser(stack);
    const page = await visitAs('/messages', ada.email);
    await page.getByText('No conversations yet').waitFor();
    // Returning to a page makes it poll at once.
    const returnToPage = () => page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
    await page.route('**/api/**', (route) => route.abort());
    await returnToPage();
    await page.getByText('The service cannot be reached').waitFor();
    await page.unroute('**/api/**');
    await returnToPage();
    await page.getByText('The service cannot be reached').waitFor({ state: 'detached' });
  });

  test('a conversation of other users shows the same error as an unknown one', async () => {
    const ada = await signUpNewUser(stack);
    const page = await visitAs(`/messages/${seedConversationUuid}`, ada.email);
    await page.getByRole('alert').getByText(errorMessages.message_group_unknown).waitFor();
  });
});
