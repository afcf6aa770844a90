import { type ChildProcess, spawn } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Supervision {
  /** The process id of the reaper, which lives until every process that it must end is gone. */
  pid: number | undefined;
  /** Ends every child process and removes the paths. Resolves when that is done. */
  end(): Promise<void>;
}

/**
 * Starts the reaper, a separate process that ends the child processes of this one when this process ends in any way.
 * From now on the reaper is told of each child process, whichever plugin starts it: DynamoDB Local, sign-in, esbuild.
 * @param paths files and folders that the reaper removes when this process ends
 * @param onEnd called when a child process has ended
 */
export function superviseChildren(paths: string[], onEnd: (child: ChildProcess) => void): Supervision {
  const reaper = spawn(process.execPath, [fileURLToPath(new URL('./reaper.mjs', import.meta.url))], {
    detached: true, // puts the reaper into a process group of its own, which Ctrl-C does not reach
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  });
  reaper.unref();
  const { stdin } = reaper;
  stdin.on('error', () => {}); // an error here means that the reaper is gone; the stack goes on without it

  const children = new Set<ChildProcess>();
  const tell = () => stdin.write(`${JSON.stringify({ pids: [...children].map(({ pid }) => pid), paths })}\n`);
  tell();
  diagnostics.subscribe('child_process', (message) => {
    const child = (message as { process: ChildProcess }).process;
    child.once('exit', () => {
      children.delete(child);
      tell();
      onEnd(child);
    });
    queueMicrotask(() => {
      // Node announces a child before it is spawned, so its process id is known only a moment later.
      if (child.pid === undefined) return;
      children.add(child);
      tell();
    });
  });

  return {
    pid: reaper.pid,
    async end() {
      reaper.ref();
      const gone = once(reaper, 'exit');
      if (reaper.exitCode !== null || reaper.signalCode !== null) return;
      stdin.end();
      await gone;
    },
  };
}
