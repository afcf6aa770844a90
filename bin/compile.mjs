// Compiles the programs of this folder to JavaScript. Plain JavaScript itself, since it runs before Node can load TypeScript.
import { readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire, Module } from 'node:module';
import { dirname, join, sep } from 'node:path';
import process from 'node:process';

/** @param {string} root */
const keptIn = (root) => join(root, 'node_modules/.cache/cruddur-messages/commands.cjs');

/**
 * Loads TypeScript sources of a checkout with all that they import, from one file. It is kept for the next command until a source or
 * package-lock.json changes: loaded from hundreds of files, most of them the SDK's, a command would need four times the CPU time.
 * @param {string} root the checkout
 * @param {string[]} sources paths that begin with `./`
 * @returns {Promise<Record<string, any>>} what each of them exports
 */
export async function loadCompiled(root, sources) {
  const text = await readFile(keptIn(root), 'utf8').catch(() => '');
  return evaluate(root, isCurrent(text, root, sources) ? text : await compile(root, sources));
}

/** The first line of the file says from what it was made. @param {string} text @param {string} root @param {string[]} sources */
function isCurrent(text, root, sources) {
  try {
    const made = JSON.parse(text.slice(2, text.indexOf('\n')));
    return (
      made.root === root && // node_modules may be a link that several checkouts share
      made.sources.join() === sources.join() &&
      Object.entries(made.inputs).every(([path, state]) => state === stateOf(root, path))
    );
  } catch {
    return false; // there is none, or it is none of ours
  }
}

/** The size and time of change of a file. @param {string} root @param {string} path */
function stateOf(root, path) {
  const { size, mtimeMs } = statSync(join(root, path), { throwIfNoEntry: false }) ?? {};
  return `${size} ${mtimeMs}`;
}

/** @param {string} root @param {string[]} sources */
async function compile(root, sources) {
  const { build } = await import('esbuild');
  const loaded = sources.map((source) => `${JSON.stringify(source)}: require(${JSON.stringify(source)})`);
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    stdin: { contents: `module.exports = { ${loaded} };`, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifyWhitespace: true, // and no more: what commands print of errors has names
    legalComments: 'none',
    plugins: [{ name: 'folders', setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, withFolder) }],
    logOverride: { 'empty-import-meta': 'error' },
    logLevel: 'silent',
    metafile: true,
    write: false,
  });
  const ours = Object.keys(metafile.inputs).filter((path) => path !== '<stdin>' && !path.includes('node_modules/'));
  const inputs = Object.fromEntries([...ours, 'package-lock.json'].map((path) => [path, stateOf(root, path)]));
  const text = `//${JSON.stringify({ root, sources, inputs })}\n${outputFiles[0]?.text}`;
  await keep(keptIn(root), text).catch(() => {}); // a user who may not write there compiles for each command
  return text;
}

/** Where a source is: the bundle is elsewhere. @param {{ path: string }} source */
function withFolder({ path }) {
  if (path.includes(`${sep}node_modules${sep}`)) return undefined;
  const text = readFileSync(path, 'utf8').replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
  return { contents: text, loader: /** @type {const} */ ('ts') };
}

/** Replaces the file as a whole: another command may be reading it. @param {string} kept @param {string} text */
async function keep(kept, text) {
  await mkdir(dirname(kept), { recursive: true });
  const fresh = `${kept}.${process.pid}`;
  await writeFile(fresh, text);
  await rename(fresh, kept);
}

/** Not by `require`: another command may replace the file after the check. @param {string} root @param {string} text */
function evaluate(root, text) {
  const path = keptIn(root);
  const module = /** @type {Module & { _compile(text: string, path: string): void }} */ (new Module(path));
  module.filename = path;
  module.paths = createRequire(path).resolve.paths('x') ?? [];
  module._compile(text, path);
  return module.exports;
}
