import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isAlive } from './process-alive.ts';

const intervalMs = 500;

/**
 * Calls back once when the npm or npx that has started this process is gone: npm does not hand a signal on to what its `sh -c`
 * runs. A stack that npm did not start is not watched: its user may have detached it on purpose.
 */
export async function whenParentIsGone(onGone: () => void): Promise<void> {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const { command, parent: grandparent } = await inspect(parent);
  // npm runs a script as `sh -c`. A shell that stays and waits outlives npm, so npm is the one to watch.
  const npm = /^(\S*\/)?(ba|da)?sh -c /.test(command) ? grandparent : undefined;
  // With process 1 as its parent, this process has lost its own one already, unless process 1 is npm, as in a container.
  const isOrphan = parent === 1 && !/\b(npm|npx|node)\b/.test(command);

  const timer = setInterval(() => {
    if (!isOrphan && process.ppid === parent && isAlive(parent) && (npm === undefined || isAlive(npm))) return;
    clearInterval(timer);
    onGone();
  }, intervalMs).unref();
}

/** The command line and the parent of a process. Where there is no `ps`, as on Windows, only the parent's own end is noticed. */
async function inspect(pid: number): Promise<{ command: string; parent?: number }> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,args=', '-p', String(pid)]);
    const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
    return { command, parent: Number(parent) };
  } catch {
    return { command: 'node' };
  }
}
