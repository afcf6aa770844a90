import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import type {} from '../web/browser/stack.ts'; // what it provides
import { openBrowser, signInAs } from './browser.ts';
import type { Stack } from './stack.ts';

/** What a test has to know of a running stack. */
export type Meeting = Pick<Stack, 'httpUrl' | 'ports'>;

/** The pages of one test file: the running stack that they meet, and the ways to open one. */
export interface Browsers {
  stack: Meeting;
  /** Opens a page as somebody whom the browser has not seen yet. */
  visit(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same, and signs a person in there. */
  at(path: string, email: string, options?: BrowserContextOptions): Promise<Page>;
}

/**
 * Starts a browser for the tests of a file, and ends it; the stack is there already (test/web/browser/stack.ts). Every page has a browser profile of its own (cookies,
 * storage and all), and is closed after its test, which fails if the browser complained: of an error in a script, or of what the
 * content security policy stopped.
 */
export function browserFixture(): Browsers {
  const stack = inject('stack');
  let browser: Browser;
  let complaints: string[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const all = complaints;
    complaints = [];
    expect(all).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  const visit: Browsers['visit'] = async (path, options = {}) => {
    const defaults = { baseURL: stack.httpUrl, locale: 'en-GB', viewport: { width: 1200, height: 800 } };
    const context = await browser.newContext({ ...defaults, ...options });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      // An answer that is no `2xx` is told there too; whether it should have been is for the page to show.
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) complaints.push(message.text());
    });
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    await page.goto(path);
    return page;
  };
  return {
    stack,
    visit,
    async at(path, email, options) {
      const page = await visit(path, options);
      await signInAs(page, email);
      return page;
    },
  };
}
