import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Mutation } from '../mutations/mutation.ts';
import type { Report, Share } from './job.ts';

const root = resolve(import.meta.dirname, '../..');
// Much of what a history allocates is garbage when its step ends: with a large young generation it is never copied.
const flags = ['--max-semi-space-size=64'];

/** As many jobs as there are processors, four at most. */
export const defaultJobs = Math.min(4, availableParallelism());

/** The first seed of today: a new one each day, and the same for everybody on that day. A day has ten million. */
export const seedOfToday = () => Math.floor(Date.now() / 86_400_000) * 10_000_000;

/** The simulation as one file of JavaScript, which runs about twice as fast as its modules do under tsx. */
export class Program {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Bundles the sources as they are now. @param mutation a safeguard to disable */
  static async build(mutation?: Mutation): Promise<Program> {
    const file = join(folder(), `${++built}.mjs`);
    await build({
      absWorkingDir: root,
      entryPoints: ['test/simulation/job.ts'],
      outfile: file,
      plugins: mutation ? [disable(mutation)] : [],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      // A command of the SDK makes a large stack of middleware each time.
      alias: { '@aws-sdk/lib-dynamodb': './test/simulation/table/commands.ts' },
      // Some packages call `require`, which a module does not have.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    return new Program(file);
  }

  /** Whether both do the same, because a mutation is in code that no history runs. */
  equals(other: Program): boolean {
    return readFileSync(this.#file).equals(readFileSync(other.#file));
  }

  /**
   * Runs histories in several processes.
   * @param jobs the number of processes
   * @param onReport is called now and then with what all have done so far
   * @throws Error if a process ends before its histories do
   */
  async run({ jobs, ...all }: Omit<Share, 'step'> & { jobs: number }, onReport = (_: Report) => {}): Promise<Report> {
    const reports = new Map<number, Report>();
    await Promise.all(
      Array.from({ length: Math.min(jobs, all.histories) }, async (_, job) => {
        const child = fork(this.#file, { execArgv: flags });
        child.on('message', (report: Report) => {
          reports.set(job, report);
          onReport(together([...reports.values()]));
        });
        child.send({ ...all, histories: all.histories - job, seed: all.seed + job, step: jobs } satisfies Share);
        const [code] = await once(child, 'exit');
        if (code !== 0) throw new Error(`a job ended with code ${code}`);
      }),
    );
    return together([...reports.values()]);
  }
}

let built = 0;
let temporary: string | undefined;
/** Where the bundles are, until this process ends. */
function folder(): string {
  if (temporary === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'simulation-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    temporary = made;
  }
  return temporary;
}

/** Applies a mutation to its file while the program is bundled. */
const disable = ({ file, find, replace }: Mutation): Plugin => ({
  name: 'mutation',
  setup: ({ onLoad }) =>
    onLoad({ filter: new RegExp(`/${file.replaceAll('.', '\\.')}$`) }, () => {
      const parts = readFileSync(join(root, file), 'utf8').split(find);
      if (parts.length !== 2) throw new Error(`\`find\` does not match exactly once in ${file}`);
      return { contents: parts.join(replace), loader: 'ts' };
    }),
});

function together(reports: Report[]): Report {
  const sum: Report = { done: 0, counts: {}, failed: [] };
  for (const { done, counts, failed } of reports) {
    sum.done += done;
    sum.failed.push(...failed);
    for (const [name, count] of Object.entries(counts)) sum.counts[name] = (sum.counts[name] ?? 0) + count;
  }
  sum.failed.sort((one, other) => one.seed - other.seed);
  return sum;
}
