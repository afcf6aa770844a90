import { seedPassword, seedUsers } from '../../seeds/users.ts';
import { openBrowser } from '../../test/support/browser.ts';
import type { Stack } from '../../test/support/stack.ts';
import { sendTo } from './socket.ts';

/** Notes in the page when each text of the form `pixel-7.` was painted, in milliseconds since 1970. A text, since it runs in the browser. */
const notePaints = `
  window.painted = {};
  const note = () => {
    for (const [text] of (document.body?.textContent ?? '').matchAll(/pixel-\\d+\\./g))
      // The frame that shows it is painted between its callbacks and the next task.
      if (!(text in painted)) requestAnimationFrame(() => setTimeout(() => {
        painted[text] ??= performance.timeOrigin + performance.now();
      }));
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
`;

/**
 * @returns for each of so many messages, sent one after another, the milliseconds from its request to the frame of the other's open page that
 *   shows it
 */
export async function timesToPixels(
  stack: Stack,
  { messages, progress }: { messages: number; progress: (doing: string) => void },
): Promise<number[]> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ baseURL: stack.httpUrl });
    await page.addInitScript(notePaints);
    await page.goto('/messages/@grahams');
    await page.getByLabel('E-mail address').fill(seedUsers.find(({ handle }) => handle === 'reef')?.email ?? '');
    await page.getByLabel('Password', { exact: true }).fill(seedPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('article').first().waitFor();
    const sender = await stack.tokenFor('grahams');
    const times: number[] = [];
    for (let n = 0; n < messages; n++) {
      progress(`to the page: ${n}/${messages}`);
      const text = `pixel-${n}.`;
      const { began } = await sendTo(stack, sender, { handle: 'reef', message: text });
      const at = await page.waitForFunction(`painted['${text}']`);
      times.push(Number(await at.jsonValue()) - (performance.timeOrigin + began));
    }
    return times;
  } finally {
    await browser.close();
  }
}
