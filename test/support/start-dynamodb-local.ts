import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { superviseChildren } from '../../offline/supervisor/child-processes.ts';
import { freePort } from './free-port.ts';

const emulator = resolve(import.meta.dirname, '../../node_modules/amplify-dynamodb-simulator/emulator');

/**
 * Starts a DynamoDB Local in memory. It ends with this process at the latest, even if that is killed.
 * @param isLongRunning whether it runs for minutes, so that Java's optimizing compiler pays off; default false
 */
export async function startDynamoDbLocal({
  isLongRunning = false,
} = {}): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const port = await freePort();
  superviseChildren([], () => {});
  const java = spawn(
    'java',
    [
      ...(isLongRunning ? [] : ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']),
      '-Djava.library.path=./DynamoDBLocal_lib',
      ...['-jar', 'DynamoDBLocal.jar', '-inMemory', '-sharedDb', '-port', String(port)],
    ],
    { cwd: emulator, stdio: 'ignore', env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' } },
  );
  const died = once(java, 'exit').then(() => {
    throw new Error('DynamoDB Local ended before the tests did: is Java 17 on the PATH?');
  });
  died.catch(() => {});

  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([died, untilItAnswers(endpoint)]);

  return {
    endpoint,
    stop: async () => {
      const exited = once(java, 'exit');
      java.kill('SIGKILL');
      await exited;
    },
  };
}

async function untilItAnswers(endpoint: string): Promise<void> {
  const deadline = Date.now() + 60_000; // on a busy machine Java takes its time
  while (Date.now() < deadline) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await wait(50);
  }
  throw new Error(`DynamoDB Local did not answer at ${endpoint} within a minute`);
}
