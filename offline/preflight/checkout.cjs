const { accessSync, constants, existsSync } = require('node:fs');
const { join } = require('node:path');

/**
 * What a checkout's path may not contain: Node cannot import below a `\`, Vite takes a `?` for the beginning of a query, esbuild a `*`
 * for a pattern, and Java cannot start a program below a character outside Unicode's basic plane, such as an emoji.
 */
const unsupported = process.platform === 'win32' ? /[?*\u{10000}-\u{10ffff}]/u : /[\\?*\u{10000}-\u{10ffff}]/u;

/** The folders that a start writes to: its own, and the build of the web client. */
const written = ['.', '.offline', 'web'];

/**
 * Checks that the local stack can run in this checkout.
 * @param {string} root
 * @param {(path: string, mode: number) => void} access throws if a path may not be used so
 * @returns {string | undefined} one line that says what to do
 */
function unusableCheckout(root, access = accessSync) {
  const [character] = unsupported.exec(root) ?? [];
  if (character)
    return `The path of this checkout contains ${character}, which its tools cannot handle: move it to another folder. (${root})`;
  for (const folder of written.map((name) => join(root, name)).filter((path) => existsSync(path))) {
    try {
      access(folder, constants.W_OK);
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      return `${folder} cannot be written (${code}): run the stack in a copy of this checkout that you may write to.`;
    }
  }
  return undefined;
}

module.exports = { unusableCheckout };
