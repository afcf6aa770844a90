import { execFile } from 'node:child_process';
import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { LocalSettings } from '../settings.ts';
import { lackOfSpace } from '../supervisor/disk-watch.ts';
import { isAlive } from '../supervisor/process-alive.ts';

type Service = keyof LocalSettings['ports'];

const environmentName: Record<Service, string> = {
  http: 'HTTP_PORT',
  websocket: 'WEBSOCKET_PORT',
  lambda: 'LAMBDA_PORT',
  dynamodb: 'DYNAMODB_PORT',
  cognito: 'COGNITO_PORT',
};

/**
 * Checks what the local stack needs to start. Two requirements are not checked here: osls itself checks the version
 * of Node before it loads a plugin, and Java is looked for only after the database has failed to start, because
 * asking for its version takes as long as starting the database: see {@link missingJava}.
 * @returns one line that says what to do; undefined when nothing is missing
 */
export async function missingForStart(settings: LocalSettings, withWebsocket: boolean): Promise<string | undefined> {
  const all = Object.entries(settings.ports) as [Service, number][];
  const ports = all.filter(([service]) => service !== 'websocket' || withWebsocket);
  const unusable = invalidPort(all) ?? sharedPort(ports);
  if (unusable) return unusable;
  const found = await Promise.all([unusableFolder(settings), ...ports.map(takenPort)]);
  return found.find((missing) => missing !== undefined);
}

/** @returns one line about the first that is not a port */
export function invalidPort(ports: [Service, number][]): string | undefined {
  const [service] = ports.find(([, port]) => Number.isNaN(port)) ?? [];
  return service && `${environmentName[service]} must be a port: a number from 1 to 65535.`;
}

/** @returns one line about the first port that two services have */
export function sharedPort(ports: [Service, number][]): string | undefined {
  const seen = new Map<number, Service>();
  for (const [service, port] of ports) {
    const name = environmentName[service];
    const other = seen.get(port);
    if (other) return `${environmentName[other]} and ${name} are both ${port}: set one of them to another port.`;
    seen.set(port, service);
  }
  return undefined;
}

/** Runs `java` instead of looking for it on the PATH: macOS has a `java` that only prints where to get Java. */
export function missingJava(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('java', ['-version'], { timeout: 4_000 }, (error) =>
      resolve(
        error ? 'Java is missing: install a Java runtime (17 is known to work) and put `java` on the PATH.' : undefined,
      ),
    );
  });
}

/** Tries to listen on a port. @returns one line if another process listens there, or this user may not */
export async function takenPort([service, port]: [Service, number]): Promise<string | undefined> {
  const name = environmentName[service];
  // Tries the addresses one after the other, since two attempts on one port would conflict. Tries all four, since DynamoDB Local
  // listens on the wildcard address and HTTP on localhost, and macOS lets one process bind localhost while another has the wildcard.
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
    const code = await bindingError(port, host);
    if (code === 'EADDRINUSE')
      return `Port ${port} (${name}) is taken: stop what listens there or set ${name} to another port.`;
    if (code === 'EACCES')
      return `Port ${port} (${name}) needs rights that you do not have: set ${name} to a port above 1023.`;
  }
  return undefined; // any other error means that this machine has no such address, most likely because IPv6 is off
}

function bindingError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ port, host, ipv6Only: host === '::' }, () => server.close(() => resolve(undefined)));
  });
}

/** Creates the database's folder, which DynamoDB Local does not do. @returns one line if it cannot be written or is in use */
async function unusableFolder({ onDisk, stateFolder }: LocalSettings): Promise<string | undefined> {
  if (!onDisk) return undefined;
  const [character] = /[\u{10000}-\u{10ffff}]/u.exec(stateFolder) ?? [];
  if (character)
    return `DYNAMODB_PATH contains ${character}, below which DynamoDB Local cannot open a database: set it to another folder.`;
  try {
    await mkdir(stateFolder, { recursive: true });
    await access(stateFolder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `DYNAMODB_PATH cannot be used (${code}): set it to a folder that you may write to.`;
  }
  const holder = await readFile(lockFile(stateFolder), 'utf8').catch(() => '');
  if (holder === '' || !isAlive(Number(holder))) return lackOfSpace(stateFolder);
  return 'DYNAMODB_PATH is in use by another stack: stop that one, or set DYNAMODB_PATH to another folder.';
}

/** Holds the id of the stack's reaper (supervisor/reaper.mjs), the last process of the stack that ends. */
export const lockFile = (stateFolder: string) => join(stateFolder, 'in-use-by');

/** @returns one line if no stack runs whose table a function could use: nothing listens on the database's port */
export async function unreachableTable({ ports }: LocalSettings): Promise<string | undefined> {
  const invalid = invalidPort(Object.entries(ports) as [Service, number][]);
  if (invalid) return invalid;
  const name = environmentName.dynamodb;
  const nothing = `Nothing listens on port ${ports.dynamodb} (${name}): start the stack first (npm start), or set ${name} to its port.`;
  return new Promise((resolve) => {
    const socket = connect(ports.dynamodb, 'localhost', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', () => resolve(nothing));
  });
}
