import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stop as stopEsbuild } from 'esbuild';
import { type BundleSettings, type Bundles, bundleFunctions, describeFailure } from '../bundle.ts';
import { lockFile, missingForStart, missingJava, unreachableTable } from '../preflight/local-stack.ts';
import { type LocalSettings, localSettings, type ServerlessLike } from '../settings.ts';
import { type EventSource, eventSources } from '../stream/event-sources.ts';
import type { Poller } from '../stream/poller.ts';
import type { ServerlessWithTable } from '../table.ts';
import { banner } from './banner.ts';
import { type Supervision, superviseChildren } from './child-processes.ts';
import { databaseListens, startDatabase } from './database.ts';
import { lostWrites, watchSpace } from './disk-watch.ts';
import { applyEnvironment, localEnvironment } from './environment.ts';
import { refusePages } from './lambda-guard.ts';
import { Output, outputSettings } from './output.ts';
import { whenParentIsGone } from './parent-watch.ts';
import { type DeclaredPool, signInListens, startSignIn } from './sign-in.ts';

/** What the supervisor needs of a Serverless instance. */
export interface Serverless extends ServerlessLike, ServerlessWithTable {
  service: ServerlessWithTable['service'] & { resources: { Resources: DeclaredPool } };
  processedInput: { commands: string[]; isHelpRequest: boolean };
  getProvider(name: 'aws'): { getStage(): string };
  pluginManager: { spawn(command: string): Promise<void> };
  classes: { Error: new (message: string, code: string) => Error };
}

type Contents = typeof import('./contents.ts');

const endHooksTimeoutMs = 3_000;
/**
 * How long to wait before the end of a child process is reported as a failure. Ctrl-C reaches every process of the terminal, and a child
 * may end because of it before this process has received the signal.
 */
const signalDelayMs = 100;

/** One run of the local stack, from the preflight to the end of its last process. */
export class LocalStack {
  readonly #serverless: Serverless;
  readonly #settings: LocalSettings;
  readonly #root: string;
  #output: Output | undefined;
  #supervision: Supervision | undefined;
  #database: ChildProcess | undefined;
  #signIn: ChildProcess | undefined;
  #bundles: Promise<Bundles> | undefined;
  #sources: EventSource[] = [];
  #poller: Poller | undefined;
  #state: 'starting' | 'listening' | 'ending' | 'stopping' = 'starting';

  constructor(serverless: Serverless, options: Record<string, string | undefined>) {
    const { custom } = serverless.service;
    // serverless-offline prefers its command-line options to serverless.yml. They are copied into the configuration,
    // because the preflight and the poller must use the same ports.
    for (const service of ['http', 'websocket', 'lambda'] as const)
      custom.ports[service] = options[`${service}Port`] ?? custom.ports[service];
    this.#serverless = serverless;
    this.#settings = localSettings(serverless);
    this.#root = serverless.serviceDir;
  }

  /** Whether the service has a WebSocket API. Asked anew, since offline/plugins/realtime.mjs may have left it out meanwhile. */
  get #withWebsocket(): boolean {
    const { functions } = this.#serverless.service;
    return Object.values(functions).some(({ events = [] }) => events.some((event) => 'websocket' in event));
  }

  /**
   * For `serverless invoke local`, which runs one function and ends: lets the function use the table of a stack that
   * is already running.
   */
  async lendTable(): Promise<void> {
    const unreachable = await unreachableTable(this.#settings);
    if (unreachable) return refuse(unreachable);
    this.#setEnvironment();
    const bundles = join(this.#root, this.#esbuildSettings.outputWorkFolder);
    // serverless-esbuild does not remove its bundles.
    process.once('exit', () => rmSync(bundles, { recursive: true, force: true }));
  }

  /**
   * Ends the start with one line if something it needs is missing. Otherwise starts the database and the bundling.
   */
  async start(): Promise<void> {
    const missing = await missingForStart(this.#settings, this.#withWebsocket);
    if (missing) return refuse(missing);
    if (process.exitCode) return; // while the preflight ran, osls has found an error in its configuration
    this.#setEnvironment();
    const { workFolder, stateFolder, onDisk } = this.#settings;
    await mkdir(workFolder, { recursive: true });
    this.#captureOutput();
    const paths = [workFolder, ...(onDisk ? [lockFile(stateFolder)] : [])];
    this.#supervision = superviseChildren(paths, (child) => this.#childHasEnded(child));
    this.#handleSignals();
    this.#endOnError();
    refusePages(this.#settings.ports.lambda);
    if (onDisk) await writeFile(lockFile(stateFolder), String(this.#supervision.pid));
    const database = startDatabase(this.#settings, onDisk ? 'pipe' : this.#childOutput);
    if (onDisk) this.#watchDisk(database);
    database.once('error', () => this.#childHasEnded(database)); // emitted when the process could not be started
    this.#database = database;
    this.#bundles = this.#bundle();
    this.#bundles.catch(() => {}); // reported by isReady
  }

  /**
   * Starts sign-in, and refuses settings of a stream event that the poller does not emulate. It is called once osls
   * knows the deployed names of the functions, which both need.
   */
  async startSignIn(): Promise<void> {
    this.#readStreamSettings();
    const { Resources } = this.#serverless.service.resources;
    this.#signIn = await startSignIn(localSettings(this.#serverless), Resources, this.#childOutput);
  }

  /** Fills the database once it answers. */
  async fill({ fillDatabase }: Contents): Promise<void> {
    if (this.#database) await databaseListens(this.#database, this.#settings);
    await fillDatabase(this.#serverless, this.#settings);
  }

  /** Resolves when users can sign in and functions can be called. HTTP listens only after that, so that its first answer is a real one. */
  async isReady(): Promise<void> {
    await this.#bundles?.catch(async (error: unknown) => {
      throw new this.#serverless.classes.Error(await describeFailure(error), 'FUNCTIONS_NOT_BUNDLED');
    });
    if (this.#signIn) await signInListens(this.#signIn, this.#settings);
  }

  /**
   * Starts the delivery of the stream, and prints that the stack listens. The delivery starts this late because it loads the SDK once
   * more, which would delay the first answer. Until then no answer needs it: the seeds are stored with their inbox rows.
   */
  announce({ startDelivery }: Contents): void {
    this.#state = 'listening';
    this.#poller = startDelivery(this.#settings, this.#sources, (line) => {
      if (this.#state !== 'stopping') this.#output?.warn(line);
    });
    this.#output?.mute(false);
    const seconds = performance.now() / 1000; // the time since this process was started
    this.#output?.say(banner(this.#settings, this.#withWebsocket, this.#output.logFile, seconds));
  }

  async stopDelivery(): Promise<void> {
    await this.#poller?.stop();
    await (await this.#bundles)?.stop();
  }

  /**
   * Ends every process of the stack, removes its folder, and ends this process. During a start it ends only this process, and at once:
   * otherwise the start would report an error for each child process that has gone. The reaper ends the others a moment later.
   */
  async stop(exitCode: number): Promise<void> {
    const hasListened = this.#state === 'listening' || this.#state === 'ending';
    this.#state = 'stopping';
    if (exitCode !== 0) this.#output?.keep();
    if (hasListened) await this.#supervision?.end();
    await stopEsbuild(); // otherwise its process may print that it was cut off in the middle of a request
    process.exit(exitCode);
  }

  /** Stops the stack before it acknowledges what it cannot store, or as soon as it has done so. */
  #watchDisk(database: ChildProcess): void {
    const stop = (line: string) => {
      if (this.#state === 'ending' || this.#state === 'stopping') return;
      this.#output?.explain(line);
      this.stop(1);
    };
    watchSpace(this.#settings.stateFolder, stop);
    for (const printed of [database.stdout, database.stderr]) {
      const lost = lostWrites();
      printed?.setEncoding('utf8').on('data', (text: string) => {
        this.#output?.record(text);
        const line = lost(text);
        if (line) stop(line);
      });
    }
  }

  /**
   * When the start fails, osls prints the error and sets the exit code, but then waits for ever for esbuild and the database. This ends it.
   */
  #endOnError(): void {
    const timer = setInterval(() => {
      if (this.#state === 'starting' && process.exitCode) this.stop(1);
      if (this.#state !== 'starting') clearInterval(timer);
    }, 100).unref();
  }

  #setEnvironment(): void {
    applyEnvironment(localEnvironment(this.#serverless.getProvider('aws').getStage(), this.#settings));
  }

  #captureOutput(): void {
    const { functions, service } = this.#serverless.service;
    const settings = outputSettings(process.env, process.argv, process.stdout.isTTY);
    this.#output = new Output(join(this.#settings.workFolder, 'stack.log'), settings, {
      functionPrefix: `${service}-local-`,
      functionWidth: Math.max(...Object.keys(functions).map(({ length }) => length)),
    });
    this.#output.capture();
  }

  /** Where child processes print to: the log file. */
  get #childOutput(): number | 'inherit' {
    const { isVerbose, descriptor } = this.#output as Output;
    return isVerbose ? 'inherit' : descriptor;
  }

  get #esbuildSettings(): BundleSettings {
    return this.#serverless.service.custom.esbuild as BundleSettings;
  }

  #bundle(): Promise<Bundles> {
    const { custom, functions } = this.#serverless.service;
    const folder = join(this.#settings.workFolder, 'functions');
    custom['serverless-offline'] = {
      ...(custom['serverless-offline'] as object),
      location: relative(this.#root, folder), // the folder in which serverless-offline looks for handlers
    };
    const handlers = Object.values(functions).map(({ handler }) => handler);
    return bundleFunctions(this.#root, handlers, folder, this.#esbuildSettings, {
      rebuilt: () => this.#serverless.pluginManager.spawn('offline:functionsUpdated'),
      failed: (errors) => this.#output?.warn(`${errors}\nThe functions stay as they were until this is corrected.`),
    });
  }

  #readStreamSettings(): void {
    try {
      this.#sources = eventSources(this.#serverless.service.functions);
    } catch (error) {
      // osls prints its own errors as one line.
      throw new this.#serverless.classes.Error((error as Error).message, 'STREAM_SETTING_NOT_EMULATED');
    }
  }

  /** While the stack listens, serverless-offline handles a signal by running the end hooks of every plugin. This limits their time. */
  #handleSignals(): void {
    const end = () => {
      if (this.#state === 'starting') this.stop(0);
      if (this.#state !== 'listening') return;
      this.#state = 'ending';
      this.#output?.mute(true);
      setTimeout(() => this.stop(0), endHooksTimeoutMs).unref();
    };
    process.on('SIGINT', end).on('SIGTERM', end);
    // Not process.kill, which would end this process immediately on Windows.
    const terminate = () => process.emit('SIGTERM');
    process.on('SIGHUP', terminate);
    whenParentIsGone(terminate);
  }

  #childHasEnded(child: ChildProcess): void {
    const names = new Map([
      [this.#signIn, 'Sign-in (cognito-local)'],
      [this.#database, 'DynamoDB Local'],
    ]);
    const name = names.get(child);
    if (!name) return;
    setTimeout(async () => {
      const mayLackJava = child === this.#database && this.#state === 'starting';
      const missing = mayLackJava ? await missingJava() : undefined;
      if (this.#state === 'ending' || this.#state === 'stopping') return;
      if (missing) this.#output?.explain(missing);
      else
        this.#output?.warn(
          `${name} has ended (${child.signalCode ?? `exit code ${child.exitCode}`}): the stack stops.`,
        );
      this.stop(1);
    }, signalDelayMs);
  }
}

function refuse(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
