import { type ChildProcess, spawn } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The stack's end of the pipe to its reaper. */
export interface Lifeline {
  /** The reaper's: it lives until all is gone that it has to end. */
  pid: number | undefined;
  /** Lets go: every child process ends, its files go. Resolves when all that is done. */
  cut(): Promise<void>;
}

/**
 * Starts the reaper, and from now on tells it every child process of this one, whoever starts it: serverless-dynamodb's
 * JVM, sign-in, esbuild. They end with this process, however it ends.
 * @param paths this process's own files and folders, which go with it
 * @param onEnd called when a child has ended
 */
export function holdLifeline(paths: string[], onEnd: (child: ChildProcess) => void): Lifeline {
  const reaper = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./reaper.mjs'))], {
    detached: true, // a group of its own, so that Ctrl-C does not reach it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.unref();
  const { stdin } = reaper;
  stdin.on('error', () => {}); // without a reaper the stack still runs

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
      // announced before it is spawned: its pid is known a moment later
      if (child.pid === undefined) return;
      children.add(child);
      tell();
    });
  });

  return {
    pid: reaper.pid,
    async cut() {
      reaper.ref();
      const gone = once(reaper, 'exit');
      if (reaper.exitCode !== null || reaper.signalCode !== null) return;
      stdin.end();
      await gone;
    },
  };
}
