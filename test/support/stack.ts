import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { localPool, signIn, type Tokens } from '../../bin/console/pool.ts';
import type { Limits } from '../../core/model/limits.ts';
import { type SeedUser, seedPassword, seedUsers } from '../../seeds/users.ts';

const repo = resolve(import.meta.dirname, '../..');
const serverless = resolve(repo, 'node_modules/.bin/serverless');

export type Ports = Record<'http' | 'websocket' | 'lambda' | 'dynamodb' | 'cognito', number>;

/** A local stack that listens, on its own ports. */
export interface Stack {
  /** The started process: npm or npx, if the command is one of theirs. */
  pid: number;
  ports: Ports;
  httpUrl: string;
  /** The access token of a seeded user. */
  tokenFor(handle: string): Promise<string>;
  /** Everything printed so far, to standard output and standard error. */
  output(): string;
  /** Sends the signal (default SIGTERM) and waits for the started process to end. May be called again. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; milliseconds: number }>;
}

/**
 * Starts a local stack and waits until its HTTP API answers.
 * @param options.limits instead of the default ones
 * @param options.ports instead of free ones, for a stack that was stopped
 * @param options.template makes of the text of serverless.yml the one that the stack is started with
 * @param options.command instead of `serverless offline start`, from the repo's root
 * @throws when it ends before that or takes longer than a minute; nothing is left running then
 */
export async function startStack(
  options: {
    env?: NodeJS.ProcessEnv;
    command?: string[];
    limits?: Limits;
    ports?: Ports;
    template?: (serverlessYml: string) => string;
  } = {},
): Promise<Stack> {
  const ports = options.ports ?? (await freePorts());
  const limits = options.limits ? ['--param', `limits=${JSON.stringify(options.limits)}`] : [];
  const config = options.template && writeConfig(options.template);
  const command = options.command ?? [
    serverless,
    'offline',
    'start',
    ...limits,
    ...(config ? ['--config', config] : []),
  ];
  const { child, output } = start(command, { ...environmentOf(ports), ...options.env });
  const httpUrl = `http://localhost:${ports.http}`;

  const stack: Stack = {
    pid: child.pid as number,
    ports,
    httpUrl,
    tokenFor: async (handle) => (await tokensFor(handle, ports.cognito)).accessToken,
    output,
    async stop(signal = 'SIGTERM') {
      const from = Date.now();
      const code = await end(child, signal);
      if (config) rmSync(resolve(repo, config), { force: true });
      return { code, milliseconds: Date.now() - from };
    },
  };
  try {
    await until(async () => {
      if (hasEnded(child)) throw new Error(`the stack has ended before it listened:\n${output()}`);
      return answers(httpUrl);
    }, 60_000);
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Writes another serverless.yml beside it: osls takes no other folder. @returns its name */
export function writeConfig(template: (serverlessYml: string) => string): string {
  const name = `serverless.${process.pid}.yml`;
  writeFileSync(resolve(repo, name), template(readFileSync(resolve(repo, 'serverless.yml'), 'utf8')));
  return name;
}

/** Signs in a seeded user. */
export function tokensFor(handle: string, cognitoPort: number): Promise<Tokens> {
  const { email } = seedUsers.find((user) => user.handle === handle) as SeedUser;
  return signIn(localPool(String(cognitoPort)), email, seedPassword);
}

/** Runs a command of osls to its end, at most so many milliseconds. */
export async function runServerless(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  atMost = 30_000,
): Promise<{ pid: number; code: number | null; stdout: string; stderr: string }> {
  const { child, stdout, stderr } = start([serverless, ...args], env);
  const closed = once(child, 'close'); // output may arrive after its end
  try {
    await until(() => hasEnded(child), atMost);
    await Promise.race([closed, wait(2_000)]);
  } finally {
    await end(child, 'SIGKILL');
  }
  return {
    pid: child.pid as number,
    code: child.exitCode,
    stdout: stdout(),
    stderr: stderr(),
  };
}

export function environmentOf(ports: Ports): Record<string, string> {
  return Object.fromEntries(
    Object.entries(ports).map(([service, port]) => [`${service.toUpperCase()}_PORT`, `${port}`]),
  );
}

/**
 * Five free ports. All are held at the same time, so that they differ. Until the stack listens, seconds later, they are free again: so
 * test files that run at the same time take them from different halves.
 */
export async function freePorts(): Promise<Ports> {
  const names = ['http', 'websocket', 'lambda', 'dynamodb', 'cognito'] as const;
  const servers = await Promise.all(names.map(listen));
  const ports = names.map((name, index) => [name, portOf(servers[index] as Server)]);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return Object.fromEntries(ports);
}

/** Waits for a condition, and throws when it does not hold in time (milliseconds). */
export async function until(condition: () => boolean | Promise<boolean>, atMost = 5_000): Promise<void> {
  const deadline = Date.now() + atMost;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${atMost} ms: ${condition}`);
    await wait(25);
  }
}

function start([program, ...args]: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program as string, args, {
    cwd: repo,
    // As if npm had started it, so that it ends with this process even if no test stops it.
    env: { ...process.env, npm_lifecycle_event: 'test', DYNAMODB_PATH: '', ...env },
    detached: true, // a process group of its own: Ctrl-C in the tests' terminal does not reach it
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: { from: 'stdout' | 'stderr'; text: string }[] = [];
  for (const from of ['stdout', 'stderr'] as const)
    child[from].setEncoding('utf8').on('data', (text: string) => printed.push({ from, text }));
  const only = (from?: string) => () =>
    printed.flatMap((each) => (from && each.from !== from ? [] : each.text)).join('');
  return { child, output: only(), stdout: only('stdout'), stderr: only('stderr') };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (!hasEnded(child)) {
    const ended = once(child, 'exit');
    child.kill(signal);
    const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(killer);
  }
  return child.exitCode;
}

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

const portOf = (server: Server) => (server.address() as { port: number }).port;

async function listen(): Promise<Server> {
  const half = Number(process.env.VITEST_POOL_ID ?? 0) % 2;
  for (;;) {
    const server = createServer();
    server.listen(0);
    await once(server, 'listening');
    if ((portOf(server) >> 1) % 2 === half) return server; // not by odd and even: Linux gives a listener one kind of them
    server.close();
  }
}
