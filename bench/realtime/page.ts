import { seedConversationUuid } from '../../seeds/index.ts';
import { openBrowser } from '../../test/support/browser.ts';
import { emailOf, signInAs } from '../../test/support/client-page.ts';
import { callerWith } from '../../test/support/new-user.ts';
import type { Stack } from '../../test/support/stack.ts';
import { uncounted } from './socket.ts';

/**
 * Gives the page `paintOf(text)`: when a text of the form `pixel-7.` was painted, in milliseconds since 1970, as soon as it was. A text, since
 * it runs in the browser; and as such a promise, since the page's policy keeps the driver from evaluating a condition again and again.
 */
const notePaints = `
  const painted = new Map();
  const resolvers = new Map();
  window.paintOf = (text) => new Promise((resolve, reject) => {
    if (painted.has(text)) return resolve(painted.get(text));
    resolvers.set(text, resolve);
    setTimeout(() => reject(new Error('not painted within ten seconds: ' + text)), 10_000);
  });
  const notePaint = (text) => {
    const at = performance.timeOrigin + performance.now();
    painted.set(text, at);
    resolvers.get(text)?.(at);
  };
  const seen = new Set();
  const note = () => {
    for (const [text] of (document.body?.textContent ?? '').matchAll(/pixel-\\d+\\./g)) {
      if (seen.has(text)) continue;
      seen.add(text);
      // The frame that shows it is painted between its callbacks and the next task.
      requestAnimationFrame(() => setTimeout(() => notePaint(text)));
    }
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
    await page.goto(`/messages/${seedConversationUuid}`);
    await signInAs(page, emailOf('reef'));
    await page.getByRole('article').first().waitFor();
    const sender = callerWith(stack, await stack.tokenFor('grahams'));
    const times: number[] = [];
    for (let n = -uncounted; n < messages; n++) {
      progress(`to the page: ${Math.max(0, n)}/${messages}`);
      const text = `pixel-${n + uncounted}.`;
      const began = performance.timeOrigin + performance.now();
      await sender.sends({ handle: 'reef' }, text);
      const at: number = await page.evaluate(`paintOf('${text}')`);
      if (n >= 0) times.push(at - began);
    }
    return times;
  } finally {
    await browser.close();
  }
}
