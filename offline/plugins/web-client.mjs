// Builds the web client before it is packaged, and before the local stack starts if the build is missing or older than its sources.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const vite = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin/vite.js');

const built = 'web/dist';
/** The sources of the client. A changed lock file means changed packages. */
const folders = ['web/src', 'web/public', 'core/model'];
const files = ['web/index.html', 'web/vite.config.ts', 'web/compressed-files.ts', 'package-lock.json'];

export default class WebClient {
  /** @param {{ serviceDir: string }} serverless @param {{ function?: string }} [options] */
  constructor({ serviceDir }, options = {}) {
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => build(serviceDir),
      // `serverless deploy function`
      'before:package:function:package': async () => {
        if (options.function === 'page') await build(serviceDir);
      },
      'before:offline:start:init': async () => {
        if (!(await isFresh(serviceDir))) await build(serviceDir);
      },
    };
  }
}

/** @param {string} root */
async function isFresh(root) {
  const stamp = await readFile(stampIn(join(root, built)), 'utf8').catch(() => undefined);
  return stamp !== undefined && stamp === (await digest(root));
}

/**
 * Builds into a new folder beside the old build and then swaps the two, so that a running stack never serves a
 * mixture of both builds.
 * @param {string} root
 */
async function build(root) {
  const stamp = await digest(root);
  const fresh = await mkdtemp(join(root, 'web/.dist-'));
  try {
    // Builds in a separate process, because React's build depends on NODE_ENV, which this process may have set to
    // another value.
    await run(process.execPath, [vite, 'build', 'web', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' },
      windowsHide: true,
    });
    await writeFile(stampIn(fresh), stamp);
    await swap(fresh, join(root, built));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** @param {string} fresh @param {string} place */
async function swap(fresh, place) {
  for (;;) {
    const old = `${fresh}-old`;
    await rename(place, old).catch(ignore('ENOENT')); // ENOENT: there is no earlier build
    // ENOTEMPTY: another process has put its build there first
    const isDone = await rename(fresh, place).then(() => true, ignore('ENOTEMPTY'));
    await rm(old, { recursive: true, force: true });
    if (isDone) return;
  }
}

/** @param {string} code of the failure to ignore */
const ignore = (code) => (/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code !== code) throw error;
};

/** @param {string} folder */
const stampIn = (folder) => join(folder, '.sources');

/** Compares the sources by content, since a git checkout changes the times of all files. @param {string} root */
async function digest(root) {
  const inFolders = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    }),
  );
  const hash = createHash('sha256');
  for (const file of [...files.map((name) => join(root, name)), ...inFolders.flat()].toSorted())
    hash.update(`${file.slice(root.length)}\0`).update(await readFile(file));
  return hash.digest('hex');
}
