import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalSettings } from '../settings.ts';

/**
 * DynamoDB Local, which Amazon itself publishes in this package. We start that copy, because its licence allows use
 * but no redistribution.
 */
const emulator = join(
  dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
  'emulator',
);

// Java's second compiler and its parallel garbage collector would more than double the CPU time of a start, and gain only under minutes of
// load.
const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * Starts DynamoDB Local. It does not use serverless-dynamodb for that, which would print to the terminal and pass no
 * options to Java. A database on disk must not get `-optimizeDbBeforeStartup`, which serverless-dynamodb sets by
 * default: with it, DynamoDB Local 1.25.1 forgets which keys exist, and a write to an existing key creates a second
 * item.
 * @returns its process, which does not listen yet: see {@link databaseListens}
 */
export function startDatabase(
  { ports, onDisk, stateFolder }: LocalSettings,
  output: number | 'inherit' | 'pipe',
): ChildProcess {
  const storage = onDisk ? ['-dbPath', stateFolder] : ['-inMemory'];
  const program = ['-Djava.library.path=./DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar'];
  // By default, pages of every origin may read and write the database.
  const cors = ['-cors', `http://localhost:${ports.dynamodb}`];
  const options = ['-port', String(ports.dynamodb), '-sharedDb', '-delayTransientStatuses', ...cors, ...storage];
  return spawn('java', [...quickStart, ...program, ...options], {
    cwd: emulator,
    stdio: ['ignore', output, output],
    windowsHide: true,
  });
}

/** Resolves when DynamoDB Local answers. If its process has ended, it never resolves: the supervisor reports that and ends the start. */
export async function databaseListens(child: ChildProcess, { ports }: LocalSettings): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(ports.dynamodb)) return;
    await wait(10);
  }
  await new Promise(() => {});
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const call = request({ port, host: 'localhost' }, (response) =>
      resolve(response.resume().statusCode !== undefined),
    );
    call.on('error', () => resolve(false)).end();
  });
