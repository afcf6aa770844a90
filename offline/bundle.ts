import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BuildFailure,
  context,
  formatMessages,
  type Message,
  type OutputFile,
  type PartialMessage,
} from 'esbuild';

/**
 * The settings under `custom.esbuild` in serverless.yml: options of esbuild itself, and two that serverless-esbuild
 * adds.
 */
export interface BundleSettings {
  exclude: string[];
  outputFileExtension: string;
  outputWorkFolder: string;
  [ofEsbuild: string]: unknown;
}

export interface Bundles {
  /** Ends the watching of the sources, after a build that is under way; the bundles stay. */
  stop(): Promise<void>;
}

/** Called with the outcome of each rebuild. */
export interface RebuildReport {
  rebuilt(): unknown;
  /**
   * @param errors formatted for the terminal, with file and line; the bundles of the last successful build stay in
   * place
   */
  failed(errors: string): void;
}

const watched = ['core', 'handlers'];
const settleMs = 50; // wait until no source has changed for this long: a file may be written in several steps

/**
 * Bundles all functions in one build, so that esbuild reads and parses shared sources once. Builds again after each change of a source.
 * @param handlers as in serverless.yml: `handlers/http/send-message.handler`
 * @param outdir takes the bundles, at the paths of their sources
 * @throws BuildFailure when the first build fails; {@link describeFailure} formats it
 */
export async function bundleFunctions(
  root: string,
  handlers: string[],
  outdir: string,
  { exclude, outputFileExtension, outputWorkFolder: _, ...settings }: BundleSettings,
  report: RebuildReport,
): Promise<Bundles> {
  const sources = new Map(handlers.map((handler) => handler.split('.') as [string, string]));
  const build = await context({
    ...settings,
    absWorkingDir: root,
    entryPoints: [...sources.keys()].map((source) => `${source}.ts`),
    outbase: '.',
    outdir,
    external: exclude,
    outExtension: { '.js': outputFileExtension },
    logLevel: 'silent',
    write: false, // on its own, esbuild would remove the last good bundles when a build fails
  });
  const bundles = async () => {
    const { outputFiles = [] } = await build.rebuild();
    const lacking = [...sources].filter(([source, name]) => !exports(outputFiles, join(outdir, source), name));
    if (lacking.length > 0) throw Object.assign(new Error(), { errors: lacking.map(missingExport) });
    return outputFiles;
  };
  try {
    await writeBundles(await bundles());
  } catch (error) {
    await build.dispose();
    throw error;
  }
  const stopWatching = await watchSources(root, () => rebuild(root, bundles, report));
  return {
    stop: async () => {
      await stopWatching();
      await build.dispose();
    },
  };
}

/** Whether the bundle at a path without extension exports a name: esbuild lists the names for Node at the end. */
function exports(files: OutputFile[], path: string, name: string): boolean {
  const bundle = files.find((file) => file.path.startsWith(`${path}.`) && !file.path.endsWith('.map'));
  return new RegExp(`module\\.exports ?= ?\\{[^}]*\\b${name}\\b`).test(bundle?.text ?? '');
}

const missingExport = ([source, name]: [string, string]): PartialMessage => ({
  text: `${source}.ts does not export "${name}"`,
});

/** Replaces each file as a whole, since a function may be loaded at the same time. */
async function writeBundles(files: OutputFile[]): Promise<void> {
  await Promise.all(
    files.map(async ({ path, contents }) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, contents);
      await rename(`${path}.new`, path);
    }),
  );
}

/**
 * Builds, again as long as a source changes during the build: esbuild may have read a half-written file, of which the rest follows. A
 * file that was emptied to be written again builds without an error, but its handler is missing.
 */
async function rebuild(root: string, bundles: () => Promise<OutputFile[]>, report: RebuildReport): Promise<void> {
  const build = () => bundles().catch((error: unknown) => ({ error }));
  try {
    const outcome = await whileUnchanged(() => stateOfSources(root), build);
    if ('error' in outcome) throw outcome.error;
    await writeBundles(outcome);
    await report.rebuilt();
  } catch (error) {
    report.failed(await describeFailure(error));
  }
}

/** @returns the outcome of the first run of `work` during which the state has not changed */
export async function whileUnchanged<Outcome>(
  state: () => Promise<string>,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  for (let before = await state(); ; ) {
    const outcome = await work();
    const after = await state();
    if (after === before) return outcome;
    before = after;
  }
}

/** The size and time of change of each source. */
async function stateOfSources(root: string): Promise<string> {
  const states = watched.map(async (folder) => {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name);
        const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 })); // removed meanwhile
        return `${path} ${size} ${mtimeMs}`;
      });
  });
  return (await Promise.all((await Promise.all(states)).flat())).join('\n');
}

/** The errors of a failed build as esbuild prints them, with file, line and source. */
export async function describeFailure(error: unknown): Promise<string> {
  const errors: Message[] | undefined = (error as Partial<BuildFailure>).errors;
  if (!errors) return String(error);
  return (await formatMessages(errors, { kind: 'error', color: false })).join('').trimEnd();
}

/**
 * Calls `onChange` after sources have changed, and never again before the previous call has finished. It watches each
 * folder on its own, because Node's recursive watching on Linux misses files that an editor replaces by renaming. It
 * does not use esbuild's own watch mode, which polls and takes up to two seconds to notice a change.
 */
async function watchSources(root: string, onChange: () => Promise<void>): Promise<() => Promise<void>> {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // When a folder is removed meanwhile, its removal is the next change.
      running = running.then(() => watchFolders().catch(() => {})).then(onChange);
    }, settleMs);
  };
  const watchFolders = async () => {
    for (const folder of watched) {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      const folders = entries
        .filter((entry) => entry.isDirectory())
        .map(({ parentPath, name }) => join(parentPath, name));
      for (const path of [join(root, folder), ...folders]) {
        if (watchers.has(path)) continue;
        const forget = () => watchers.delete(path) && watcher.close();
        const watcher = watch(path, changed).on('error', forget); // the error arrives when the folder is removed
        watchers.set(path, watcher);
      }
    }
  };
  await watchFolders();
  return async () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
    await running;
  };
}
