import { InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { localPool } from '../../bin/console/pool.ts';
import { seedPassword } from '../../seeds/users.ts';
import type {} from '../web/browser/stack.ts'; // declares `inject('stack')`
import { openBrowser } from './browser.ts';
import type { Stack } from './stack.ts';

/** Where to reach the running stack. */
export type StackAddress = Pick<Stack, 'httpUrl' | 'ports'>;

/** The running stack, and how a test opens pages of it. */
export interface BrowserFixture {
  stack: StackAddress;
  /** Opens a page in a new browser profile. */
  visit(path: string, options?: BrowserContextOptions): Promise<Page>;
  /**
   * Opens a page in a new browser profile whose cookie is that of a session of this user. The session is made by the requests of the
   * sign-in form but without the form, which takes longer than most tests; session.test.ts and sign-up.test.ts use the form.
   */
  visitAs(path: string, email: string, options?: BrowserContextOptions): Promise<Page>;
}

/**
 * Starts a browser for the tests of one file; test/web/browser/stack.ts has started the stack, unless the file has its own. Every page has a browser profile of
 * its own (cookies and storage) and is closed after its test. A test fails if its page logs an error: an exception in a script, or
 * a violation of the content security policy.
 */
export function browserFixture(stack: StackAddress = inject('stack')): BrowserFixture {
  let browser: Browser;
  let pageErrors: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const found = pageErrors;
    pageErrors = [];
    expect(found).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  const newPage = async (options: BrowserContextOptions = {}) => {
    const defaults = { baseURL: stack.httpUrl, locale: 'en-GB', viewport: { width: 1200, height: 800 } };
    const context = await browser.newContext({ ...defaults, ...options });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => pageErrors.push(message));
    page.on('console', (message) => {
      // The browser also logs every error response and broken connection; tests check those by what the page shows.
      const isOfNetwork = /^(Failed to load resource|WebSocket connection to .* failed)/.test(message.text());
      if (message.type() === 'error' && !isOfNetwork) pageErrors.push(message.text());
    });
    page.on('dialog', (dialog) => {
      pageErrors.push(`unexpected dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    return page;
  };
  return {
    stack,
    async visit(path, options) {
      const page = await newPage(options);
      await page.goto(path);
      return page;
    },
    async visitAs(path, email, options) {
      const page = await newPage(options);
      const data = { refresh_token: await refreshTokenOf(stack, email) };
      const response = await page.request.post('/session', { data }); // its cookie becomes the page's
      expect(response.status()).toBe(200);
      await page.goto(path);
      return page;
    },
  };
}

async function refreshTokenOf({ ports }: StackAddress, email: string): Promise<string> {
  const { client, clientId: ClientId } = localPool(String(ports.cognito));
  const AuthParameters = { USERNAME: email, PASSWORD: seedPassword };
  const command = new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId, AuthParameters });
  return (await client.send(command)).AuthenticationResult?.RefreshToken as string;
}
