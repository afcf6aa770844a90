import type { Page } from 'playwright-core';

/** Lets the page believe that its window has the focus, or that another one has it: Playwright's pages always have it. */
export const setFocus = (page: Page, isFocused: boolean) =>
  page.evaluate((isFocused) => {
    document.hasFocus = () => isFocused;
    dispatchEvent(new Event(isFocused ? 'focus' : 'blur'));
  }, isFocused);
