import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isAlive } from './alive.ts';

const interval = 500; // milliseconds

/**
 * Calls back once, when the npm or npx that has started this process is gone: whoever ends npm means the stack, but
 * npm hands no signal on to what its `sh -c` runs. Does nothing for a stack that was not started by npm, so that one
 * that was detached on purpose stays.
 */
export async function whenNpmIsGone(onGone: () => void): Promise<void> {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const { command, parent: grandparent } = await look(parent);
  // npm runs a script as `sh -c`. Where that shell stays and waits, it outlives npm, and npm is the one to watch.
  const npm = /^(\S*\/)?(ba|da)?sh -c /.test(command) ? grandparent : undefined;
  // Already adopted by process 1, which may itself be npm: in a container.
  const isOrphan = parent === 1 && !/\b(npm|npx|node)\b/.test(command);

  const timer = setInterval(() => {
    if (!isOrphan && process.ppid === parent && (npm === undefined || isAlive(npm))) return;
    clearInterval(timer);
    onGone();
  }, interval).unref();
}

/** A process's command line and parent. Nothing on a machine without ps: the parent's own end is noticed all the same. */
async function look(pid: number): Promise<{ command: string; parent?: number }> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,args=', '-p', String(pid)]);
    const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
    return { command, parent: Number(parent) };
  } catch {
    return { command: 'node' };
  }
}
