// Ends what a local stack has started, once the stack is gone, however it went: a normal stop, an uncaught exception
// or a SIGKILL all close the pipe that is this process's standard input. offline/guard/lifeline.ts holds its other end.
// Plain JavaScript, since it must be there before anything else and must not need anything.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

/** @type {{ pids: number[], paths: string[] }} What the stack holds: its last word counts. */
let held = { pids: [], paths: [] };

// Ctrl-C, or a service manager that signals everything it knows, must not end the one who cleans up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) held = JSON.parse(line);

/** @param {NodeJS.Signals} signal */
const send = (signal) => {
  for (const pid of held.pids.filter(isAlive)) process.kill(pid, signal);
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
