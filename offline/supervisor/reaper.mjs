// Ends what a local stack has started, once the stack itself is gone. It notices that by its own standard input: a
// pipe to the stack (offline/supervisor/child-processes.ts) that closes on a normal stop, an uncaught exception and a
// SIGKILL alike. Plain JavaScript without imports from the repository: it must start first and must not fail.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

/** @type {{ pids: number[], paths: string[] }} the last line that the stack has sent */
let held = { pids: [], paths: [] };

// Neither Ctrl-C nor a service manager that signals a whole process group may end the reaper before its work is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) held = JSON.parse(line);

/** @param {NodeJS.Signals} signal */
const send = (signal) => {
  for (const pid of held.pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // it has ended: after Ctrl-C all of them end at the same time
    }
  }
};
const deadline = Date.now() + 2_000;
send('SIGTERM');
while (held.pids.some(isAlive) && Date.now() < deadline) await wait(20);
send('SIGKILL');
for (const path of held.paths) rmSync(path, { recursive: true, force: true, maxRetries: 3 });

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
