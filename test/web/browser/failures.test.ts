import { describe, expect, test } from 'vitest';
import { seedConversationUuid } from '../../../seeds/index.ts';
import type { Message } from '../../../web/src/api/schema.ts';
import { arrived, messageOn, write } from '../../support/browser.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { inboxOf, pair, signUpNewUser } from '../../support/new-user.ts';

const { stack, at } = browserFixture();

describe('what can go wrong', () => {
  test('a message whose answer was lost is sent again, and stored once', async () => {
    const [ada, bo] = await pair(stack);
    const { message_group_uuid } = await bo.says(ada, 'first');
    const page = await at(`/messages/${message_group_uuid}`, ada.email);
    await arrived(page, 'first');
    const keys = new Set<string | undefined>();
    await page.route('**/api/messages', async (route) => {
      keys.add(route.request().headers()['idempotency-key']);
      await route.fetch(); // it reaches the service, and is stored
      await route.abort(); // and nobody hears of it
    });
    await write(page, 'Is it there?');
    await messageOn(page, 'Is it there?').getByText('Sending').waitFor();
    await messageOn(page, 'Is it there?').getByText('Not sent: The service cannot be reached').first().waitFor();
    await page.unroute('**/api/messages');
    page.on('request', (request) => {
      if (request.url().endsWith('/api/messages')) keys.add(request.headers()['idempotency-key']);
    });
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('Not sent').waitFor({ state: 'detached' });
    await arrived(page, 'Is it there?');
    expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    // Until the answer is here, it is both: a message that came as news, and one that is being sent.
    await expect.poll(() => messageOn(page, 'Is it there?').count()).toBe(1);
    const stored = await ada.asks<Message[]>(`/api/messages/${message_group_uuid}`);
    expect(stored.map(({ message }) => message)).toEqual(['first', 'Is it there?']);
  });

  test('a conversation may begin with failures: nothing that was written is out of sight', async () => {
    const [ada, bo] = await pair(stack);
    const page = await at(`/messages/new/${bo.handle}`, ada.email);
    let refused = 1;
    await page.route('**/api/messages', async (route) => {
      const { message } = route.request().postDataJSON();
      if (message === 'second' || refused-- > 0) await route.fulfill({ status: 413, json: { message: 'Too Large' } });
      else await route.continue();
    });
    await write(page, 'first');
    await messageOn(page, 'first').getByText('Not sent').waitFor();
    await write(page, 'second');
    await messageOn(page, 'second').getByText('Not sent').waitFor();
    await messageOn(page, 'first').getByRole('button', { name: 'Send again' }).click();
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
    await arrived(page, 'first');
    await page.unroute('**/api/messages');
    await messageOn(page, 'second').getByRole('button', { name: 'Send again' }).click();
    await arrived(page, 'second');
    await expect.poll(async () => (await inboxOf(bo))[0]).toMatchObject({ message: 'second', unread_count: 2 });
  });

  test('what was refused stays, says why, and can be thrown away', async () => {
    const [ada, bo] = await pair(stack);
    const { message_group_uuid } = await bo.says(ada, 'first');
    const page = await at(`/messages/${message_group_uuid}`, ada.email);
    await arrived(page, 'first');
    // API Gateway's own shape, which no route of ours answers with.
    await page.route('**/api/messages', (route) => route.fulfill({ status: 413, json: { message: 'Too Large' } }));
    await write(page, 'refused');
    await messageOn(page, 'refused').getByText('Not sent: This is too large to be sent.').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await messageOn(page, 'refused').waitFor({ state: 'detached' });
  });

  test('without a connection a message waits, and goes when there is one again', async () => {
    const [ada, bo] = await pair(stack);
    const { message_group_uuid } = await bo.says(ada, 'first');
    const page = await at(`/messages/${message_group_uuid}`, ada.email);
    await arrived(page, 'first');
    await page.context().setOffline(true);
    await page.getByRole('status').getByText('You are offline').waitFor();
    await write(page, 'written on a train');
    await messageOn(page, 'written on a train').getByText('Waiting for the connection').waitFor();
    await page.context().setOffline(false);
    await arrived(page, 'written on a train');
    await page.getByText('You are offline').waitFor({ state: 'detached' });
  });

  test('a service that does not answer is said to be so, and found again', async () => {
    const ada = await signUpNewUser(stack);
    const page = await at('/messages', ada.email);
    await page.getByText('Nobody has written yet').waitFor();
    // Who comes back to a page has it look at once.
    const comeBack = () => page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
    await page.route('**/api/**', (route) => route.abort());
    await comeBack();
    await page.getByText('The service cannot be reached').waitFor();
    await page.unroute('**/api/**');
    await comeBack();
    await page.getByText('The service cannot be reached').waitFor({ state: 'detached' });
  });

  test('somebody else’s conversation is one that does not exist', async () => {
    const ada = await signUpNewUser(stack);
    const page = await at(`/messages/${seedConversationUuid}`, ada.email);
    await page.getByRole('alert').getByText('There is no such conversation, or you are not part of it.').waitFor();
  });
});
