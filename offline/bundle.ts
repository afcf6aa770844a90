import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildContext, type BuildFailure, context, formatMessages, type Message } from 'esbuild';

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
  /** Ends the watching of the sources; the bundles stay. */
  stop(): Promise<void>;
}

/** Called with the outcome of each rebuild. */
export interface RebuildReport {
  rebuilt(): void;
  /**
   * @param errors formatted for the terminal, with file and line; the bundles of the last successful build stay in
   * place
   */
  failed(errors: string): void;
}

const watched = ['core', 'handlers'];
const settleMs = 30; // wait this long after a change: an editor writes a file in several steps

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
  const build = await context({
    ...settings,
    absWorkingDir: root,
    entryPoints: [...new Set(handlers)].map((handler) => handler.replace(/\.\w+$/, '.ts')),
    outbase: '.',
    outdir,
    external: exclude,
    outExtension: { '.js': outputFileExtension },
    logLevel: 'silent',
    write: false, // on its own, esbuild would remove the last good bundles when a build fails
  });
  try {
    await writeBundles(build);
  } catch (error) {
    await build.dispose();
    throw error;
  }
  const stopWatching = await watchSources(root, () => rebuild(build, report));
  return {
    stop: async () => {
      stopWatching();
      await build.dispose();
    },
  };
}

async function writeBundles(build: BuildContext): Promise<void> {
  const { outputFiles = [] } = await build.rebuild();
  await Promise.all(
    outputFiles.map(async ({ path, contents }) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, contents);
    }),
  );
}

async function rebuild(build: BuildContext, report: RebuildReport): Promise<void> {
  try {
    await writeBundles(build);
    report.rebuilt();
  } catch (error) {
    report.failed(await describeFailure(error));
  }
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
async function watchSources(root: string, onChange: () => Promise<void>): Promise<() => void> {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(watchFolders).then(onChange);
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
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}
