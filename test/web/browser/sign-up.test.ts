import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createPoolUser, localPool } from '../../../bin/console/pool.ts';
import { errorMessages } from '../../../handlers/error-messages.ts';
import { confirmationCode } from '../../../offline/supervisor/sign-in.ts';
import { seedPassword } from '../../../seeds/users.ts';
import { browserFixture } from '../../support/browser-fixture.ts';
import { signInAs } from '../../support/client-page.ts';
import { signUpNewUser } from '../../support/new-user.ts';

const { stack, visit, visitAs } = browserFixture();

const waitForInbox = (page: Page) => page.getByRole('heading', { name: 'Messages' }).waitFor();
const newHandle = () => `n${randomUUID().replaceAll('-', '').slice(0, 20)}`;
const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

describe('signing up', () => {
  test('asks for another handle if it is taken, asks for the code, and signs the user in', async () => {
    const handle = newHandle();
    const page = await visit('/sign-in');
    await page.getByRole('link', { name: 'Sign up' }).click();
    await page.getByLabel('E-mail address').fill(`${handle}@example.com`);
    await page.getByLabel('Handle').fill('reef');
    await page.getByLabel('Display name').fill('New User');
    await page.getByLabel('Password').fill('Quiet-harbour-at-9');
    await press(page, 'Sign up');
    await page.getByRole('alert').getByText(errorMessages.handle_taken).waitFor();
    const field = page.getByLabel('Handle');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);

    await field.fill(handle);
    await press(page, 'Sign up');
    await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
    await page.getByLabel('Code').fill('000000');
    await press(page, 'Confirm');
    await page.getByRole('alert').getByText('The code is wrong.').waitFor();
    await page.getByLabel('Code').fill(confirmationCode);
    await press(page, 'Confirm');
    await waitForInbox(page);
    await page.getByText(`@${handle}`).waitFor();
    await page.getByText('No conversations yet').waitFor();
  });

  test('a user who signs in before confirming is asked for the code', async () => {
    const handle = newHandle();
    const page = await visit('/sign-up');
    await page.getByLabel('E-mail address').fill(`${handle}@example.com`);
    await page.getByLabel('Handle').fill(handle);
    await page.getByLabel('Display name').fill('Later On');
    await page.getByLabel('Password').fill(seedPassword);
    await press(page, 'Sign up');
    await page.getByRole('heading', { name: 'Confirm your address' }).waitFor();
    await page.goto('/sign-in'); // a reload clears the remembered credentials
    await signInAs(page, `${handle}@example.com`);
    await page.getByLabel('Code').fill(confirmationCode);
    await press(page, 'Confirm');
    await waitForInbox(page);
  });

  test('a user created by an operator chooses a password, then a handle', async () => {
    const handle = newHandle();
    const email = `${handle}@example.com`;
    await createPoolUser(localPool(String(stack.ports.cognito)), { email, handle, password: 'Temporary-word-1' });
    const page = await visit('/messages');
    await signInAs(page, email, 'Temporary-word-1');
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await page.getByLabel('Password').fill('Quiet-harbour-at-9');
    await press(page, 'Sign in');
    await page.getByRole('heading', { name: 'Choose your handle' }).waitFor();
    await page.getByLabel('Handle').fill('grahams');
    await page.getByLabel('Display name').fill('Invited');
    await press(page, 'Create profile');
    await page.getByText(errorMessages.handle_taken).waitFor();
    await page.getByLabel('Handle').fill(handle);
    await press(page, 'Create profile');
    await waitForInbox(page);
  });

  test('a forgotten password is replaced with a code from the e-mail', async () => {
    const { email } = await signUpNewUser(stack);
    const elsewhere = await visitAs('/messages', email);
    await waitForInbox(elsewhere);
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
    await waitForInbox(page);
    // The session that began with the old password has ended.
    await elsewhere.reload();
    await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
