import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isAlive } from './process-alive.ts';

const intervalMs = 500;

/**
 * Calls back once when the npm or npx that started this process has ended. npm passes no signal on to the command that it runs by
 * `sh -c`, so without this check the stack would go on. A stack that npm did not start is not watched: its user may have detached it.
 */
export async function whenParentIsGone(onGone: () => void): Promise<void> {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const { command, parent: grandparent } = await inspect(parent);
  // npm runs a script as `sh -c`. Some shells stay as the parent of this process and outlive npm. Then npm is the grandparent to watch.
  const npm = /^(\S*\/)?(ba|da)?sh -c /.test(command) ? grandparent : undefined;
  // If the parent is process 1, npm has ended already, and process 1 has adopted this process. In a container npm itself may be process 1.
  const isOrphan = parent === 1 && !/\b(npm|npx|node)\b/.test(command);

  const timer = setInterval(() => {
    if (!isOrphan && process.ppid === parent && isAlive(parent) && (npm === undefined || isAlive(npm))) return;
    clearInterval(timer);
    onGone();
  }, intervalMs).unref();
}

/**
 * Reads the command line and the parent id of a process. Where there is no `ps`, as on Windows, it finds nothing, and
 * only the end of the direct parent is noticed.
 */
async function inspect(pid: number): Promise<{ command: string; parent?: number }> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,args=', '-p', String(pid)]);
    const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
    return { command, parent: Number(parent) };
  } catch {
    return { command: 'node' };
  }
}
