import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seedItems } from '../../seeds/index.ts';
import { type LocalSettings, localSettings, type ServerlessLike } from '../settings.ts';
import { applyEnvironment, localEnvironment } from './environment.ts';
import { holdLifeline, type Lifeline } from './lifeline.ts';
import { whenNpmIsGone } from './npm.ts';
import { findObstacle, lockFile, unreachableTable } from './obstacles.ts';
import { signInListens, startSignIn } from './sign-in.ts';
import { summary } from './summary.ts';

/** What the guard needs of a Serverless instance. */
export interface Serverless extends ServerlessLike {
  processedInput: { commands: string[]; isHelpRequest: boolean };
  getProvider(name: 'aws'): { getStage(): string };
  pluginManager: { spawn(command: string): Promise<void> };
}

const endHooksMayTake = 3_000; // milliseconds

/**
 * serverless-dynamodb's settings for a database on disk. Without the last, it asks DynamoDB Local to optimize the database at
 * its start, and 1.25.1 then forgets which keys exist: whatever is written to an existing key becomes a second item.
 */
const onDiskAt = (dbPath: string) => ({ inMemory: false, dbPath, optimizeDbBeforeStartup: false });

/** One start of the local stack, from the first look at the ports to the end of its last process. */
export class LocalStack {
  readonly #serverless: Serverless;
  readonly #settings: LocalSettings;
  readonly #withWebsocket: boolean;
  readonly #bundles: string;
  #lifeline: Lifeline | undefined;
  #signIn: ChildProcess | undefined;
  #state: 'starting' | 'listening' | 'ending' | 'stopping' = 'starting';

  constructor(serverless: Serverless, options: Record<string, string | undefined>) {
    const { custom, functions } = serverless.service;
    // serverless-offline lets its options win over serverless.yml: the checks and the stream must know them too.
    for (const service of ['http', 'websocket', 'lambda'] as const)
      custom.ports[service] = options[`${service}Port`] ?? custom.ports[service];
    this.#serverless = serverless;
    this.#settings = localSettings(serverless);
    this.#bundles = join(serverless.serviceDir, this.#section('esbuild').outputWorkFolder); // serviceDir changes later
    this.#withWebsocket = Object.values(functions).some(({ events = [] }) =>
      events.some((event) => 'websocket' in event),
    );
  }

  /** `serverless invoke local` meets the table of a running stack, and ends by itself. */
  async lendTable(): Promise<void> {
    const obstacle = await unreachableTable(this.#settings);
    if (obstacle) return this.#refuse(obstacle);
    this.#setEnvironment();
    process.once('exit', () => rmSync(this.#bundles, { recursive: true, force: true })); // serverless-esbuild leaves them
  }

  /** Refuses what cannot work, with nothing started yet; then readies all that the plugins after this one build on. */
  async start(): Promise<void> {
    const obstacle = await findObstacle(this.#settings, this.#withWebsocket);
    if (obstacle) return this.#refuse(obstacle);
    const { workFolder, stateFolder, onDisk } = this.#settings;
    this.#setEnvironment();
    const paths = [workFolder, this.#bundles, ...(onDisk ? [lockFile(stateFolder)] : [])];
    this.#lifeline = holdLifeline(paths, (child) => this.#childHasEnded(child));
    this.#heedSignals();
    await mkdir(workFolder, { recursive: true });
    await writeFile(join(workFolder, 'seeds.json'), JSON.stringify(seedItems()));
    if (onDisk) {
      await writeFile(lockFile(stateFolder), String(this.#lifeline.pid));
      Object.assign(this.#section('serverless-dynamodb').start, onDiskAt(stateFolder));
    }
    this.#signIn = await startSignIn(this.#settings);
  }

  /** Resolves when people can sign in, which is before HTTP listens: the first answer is already right. */
  async signsIn(): Promise<void> {
    if (this.#signIn) await signInListens(this.#signIn, this.#settings);
  }

  announce(): void {
    this.#state = 'listening';
    console.log(summary(this.#settings, this.#withWebsocket));
  }

  /**
   * Ends every process and folder of the stack, and then this process. A start is not waited for: it would report the loss of
   * all that it is waiting for. What it has started ends a moment after this process then.
   */
  async stop(exitCode: number): Promise<void> {
    const hasListened = this.#state === 'listening' || this.#state === 'ending';
    this.#state = 'stopping';
    if (hasListened) await this.#lifeline?.cut();
    process.exit(exitCode);
  }

  /** Something threw during the start. osls prints it after this, and would then wait for esbuild's watcher for ever. */
  fail(): void {
    if (this.#lifeline) setTimeout(() => this.stop(1), 100);
  }

  #refuse(why: string): void {
    process.stderr.write(`${why}\n`);
    process.exit(1);
  }

  #setEnvironment(): void {
    applyEnvironment(localEnvironment(this.#serverless.getProvider('aws').getStage(), this.#settings));
  }

  /** While it listens, a signal lets every plugin's end hooks run (serverless-offline sees to it), but not for ever. */
  #heedSignals(): void {
    const end = () => {
      if (this.#state === 'starting') this.stop(0);
      if (this.#state !== 'listening') return;
      this.#state = 'ending';
      setTimeout(() => this.stop(0), endHooksMayTake).unref();
    };
    process.on('SIGINT', end).on('SIGTERM', end);
    const terminate = () => process.kill(process.pid, 'SIGTERM');
    process.on('SIGHUP', terminate);
    whenNpmIsGone(terminate);
  }

  #childHasEnded(child: ChildProcess): void {
    const name =
      child === this.#signIn ? 'Sign-in (cognito-local)' : child.spawnfile === 'java' ? 'DynamoDB Local' : undefined;
    if (!name) return;
    // Ctrl-C reaches every process of the terminal: the word that this one is to stop may come a moment later.
    setTimeout(() => {
      if (this.#state === 'ending' || this.#state === 'stopping') return;
      process.stderr.write(
        `${name} has ended (${child.signalCode ?? `exit code ${child.exitCode}`}): the stack stops.\n`,
      );
      this.stop(1);
    }, 100);
  }

  // biome-ignore lint/suspicious/noExplicitAny: other plugins' settings
  #section(name: string): any {
    return this.#serverless.service.custom[name];
  }
}
