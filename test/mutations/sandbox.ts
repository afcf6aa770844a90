import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Mutation } from './mutation.ts';

const repo = resolve(import.meta.dirname, '../..');
const runTimeoutMs = 60_000; // of one run of vitest
const testTimeoutMs = 15_000; // without its deadline, a test never ends

export interface Outcome {
  /** The file and the full name of the test that failed; undefined if the mutation survived. */
  caughtBy?: string;
  remark?: string;
  seconds: number;
}

interface Report {
  testResults: { name: string; message: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** A copy of the sources, tracked or not, in a temporary folder where mutations are applied. */
export class Sandbox {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  #running: ChildProcess | undefined;

  constructor() {
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: repo });
    for (const file of list
      .toString()
      .split('\0')
      .filter((name) => name && existsSync(join(repo, name)))) {
      mkdirSync(join(this.#folder, dirname(file)), { recursive: true });
      cpSync(join(repo, file), join(this.#folder, file));
    }
    symlinkSync(join(repo, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  /** The mutations whose `find` does not match exactly once: their source has changed. */
  notApplicable(mutations: Mutation[]): Mutation[] {
    return mutations.filter(({ file, find }) => this.#read(file).split(find).length !== 2);
  }

  /** The tests named by `caughtBy` that fail or do not exist while no mutation is applied. */
  async failuresWithout(mutations: Mutation[]): Promise<string[]> {
    const files = [...new Set(mutations.map(({ caughtBy: [file] }) => file))];
    const { tests, broken } = await this.#run(
      files,
      mutations.map(({ caughtBy: [, test] }) => test),
      ['--bail', '0'],
    );
    const named = mutations.flatMap(({ caughtBy: [file, test] }) => {
      const mine = tests.filter((each) => each.file === file && each.name.startsWith(test));
      if (mine.length === 0) return [`${file}: no test "${test}"`];
      return mine.filter(({ status }) => status === 'failed').map(({ name }) => `${file}: ${name}`);
    });
    return [...new Set([...broken, ...named])];
  }

  /** Applies one mutation, runs its test, and restores the source. */
  async tryOut({ file, find, replace, caughtBy: [testFile, test] }: Mutation): Promise<Outcome> {
    const began = Date.now();
    const source = this.#read(file);
    writeFileSync(join(this.#folder, file), source.split(find).join(replace));
    try {
      const { tests, broken } = await this.#run([testFile], [test], ['--bail', '1']);
      const failed = tests.find(({ status }) => status === 'failed');
      const seconds = (Date.now() - began) / 1000;
      if (failed) return { caughtBy: `${testFile.replace(/^test\//, '')}: ${failed.name}`, seconds };
      return { remark: broken[0] ?? 'the test passes', seconds };
    } finally {
      writeFileSync(join(this.#folder, file), source);
    }
  }

  /** Ends a running test and removes the folder. */
  remove(): void {
    this.#end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #run(files: string[], names: string[], options: string[]) {
    const output = join(this.#folder, 'report.json');
    rmSync(output, { force: true });
    const child = spawn(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        ...['run', '--config', 'test/vitest.config.ts', '--root', '.', ...files],
        ...['--testNamePattern', `^(${[...new Set(names)].map(literal).join('|')})`],
        ...['--testTimeout', String(testTimeoutMs), '--reporter', 'json', '--outputFile', output, ...options],
      ],
      { cwd: this.#folder, stdio: 'ignore', detached: true },
    );
    this.#running = child;
    const killer = setTimeout(() => this.#end(), names.length > 1 ? 5 * runTimeoutMs : runTimeoutMs);
    await once(child, 'exit');
    clearTimeout(killer);
    this.#end(); // workers that a mutation keeps busy
    return existsSync(output) ? this.#results(output) : { tests: [], broken: ['the tests did not end'] };
  }

  /** The tests that ran, and the files that could not be loaded: these show nothing about the safeguard. */
  #results(output: string) {
    const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as Report;
    const tests = testResults.flatMap(({ name: file, assertionResults }) =>
      assertionResults.map(({ fullName: name, status }) => ({
        file: file.slice(this.#folder.length + 1),
        name,
        status,
      })),
    );
    const broken = testResults.flatMap(({ name, message }) => (message ? [`${name}: ${message}`] : []));
    return { tests, broken };
  }

  #end(): void {
    try {
      if (this.#running?.pid) process.kill(-this.#running.pid, 'SIGKILL'); // the process group: vitest and its workers
    } catch {} // they have ended already
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }
}

const literal = (text: string) => text.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&');
