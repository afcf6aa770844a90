import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { seedConversationUuid } from '../../../seeds/index.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { emailOf, messageOn, reloadPolling, signInAs } from '../../support/client-page.ts';
import { signUpNewUser } from '../../support/new-user.ts';

const { stack, visit, visitAs } = browserFixture();

const waitForInbox = (page: Page) => page.getByRole('heading', { name: 'Messages' }).waitFor();
const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

describe('a session', () => {
  const storages = (page: Page) =>
    page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }, document.cookie] as const);

  test('leaves nothing for scripts to read, and survives a reload', async () => {
    const { email, handle } = await signUpNewUser(stack);
    const page = await visit('/messages');
    await signInAs(page, email);
    await waitForInbox(page);
    expect(await storages(page)).toEqual([{}, {}, '']);
    const [cookie, ...others] = await page.context().cookies(`${stack.httpUrl}/session`);
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.name).toMatch(/^__Host-/);
    await page.reload();
    await page.getByText(`@${handle}`).waitFor();
  });

  test('ends in every tab when the user signs out in one', async () => {
    const { email } = await signUpNewUser(stack);
    const page = await visitAs('/messages', email);
    await waitForInbox(page);
    const [cookie] = await page.context().cookies(`${stack.httpUrl}/session`);
    const other = await page.context().newPage();
    await other.goto('/messages');
    await waitForInbox(other);
    await press(page, 'Sign out');
    for (const each of [page, other]) await each.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.context().cookies(`${stack.httpUrl}/session`)).toEqual([]);
    // A copy of the cookie is useless too.
    const renewed = await fetch(`${stack.httpUrl}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: `${cookie?.name}=${cookie?.value}` },
      body: '{}',
    });
    expect(renewed.status).toBe(401);
  });

  test('ends in every browser when the user signs out everywhere', async () => {
    const { email } = await signUpNewUser(stack);
    const [page, elsewhere] = await Promise.all([visitAs('/messages', email), visitAs('/messages', email)]);
    for (const each of [page, elsewhere]) await waitForInbox(each);
    const end = () => page.evaluate(async () => (await fetch('/session?everywhere=true', { method: 'DELETE' })).status);
    expect(await end()).toBe(204);
    expect(await page.context().cookies(`${stack.httpUrl}/session`)).toEqual([]);
    await elsewhere.reload();
    await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('continues with a new access token when the old one has expired', async () => {
    const { email } = await signUpNewUser(stack);
    const page = await visitAs('/messages', email);
    await reloadPolling(page); // or the page would ask once a minute
    await waitForInbox(page);
    // Moves only the page's clock, by 24 hours: the page compares it with the token's expiry.
    const renewal = page.waitForRequest(/\/session$/);
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 86_400_000;
    });
    expect((await (await renewal).response())?.status()).toBe(200);
  });

  test('that has ended leads to the sign-in page and then back', async () => {
    const email = emailOf('grahams');
    const page = await visitAs(`/messages/${seedConversationUuid}`, email);
    await reloadPolling(page); // or the page would ask once a minute
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
    await signInAs(page, 'unknown@example.com');
    await page.getByRole('alert').getByText('The e-mail address or the password is wrong.').waitFor();
  });
});
