import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

// The first one is Chromium without a window, which loads a page in half the time.
const paths = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
);

/**
 * Starts a headless browser: the one that `CHROMIUM` points to, or else the one installed on this machine.
 * @throws when there is none; the message says how to install one
 */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? paths.find((path) => existsSync(path));
  if (!executablePath)
    throw new Error(
      'Found no Chromium. Run `apt-get install chromium-headless-shell`, or set CHROMIUM to the path of one.',
    );
  return chromium.launch({ executablePath, args: ['--no-sandbox'] }); // Chromium refuses a sandbox for root, as in a container
}
