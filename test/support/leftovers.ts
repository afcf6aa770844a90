import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { type Stack, until } from './stack.ts';

const repo = resolve(import.meta.dirname, '../..');

export interface Process {
  pid: number;
  parent: number;
  group: number;
  args: string;
}

/** All processes of this machine but zombies. */
export function processes(): Process[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,pgid=,stat=,args='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, group, state, args] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)/.exec(line) ?? [];
    return state?.startsWith('Z') || !args
      ? []
      : [{ pid: Number(pid), parent: Number(parent), group: Number(group), args }];
  });
}

/** A process with all its descendants. */
export function family(pid: number, all = processes()): Process[] {
  const children = all.filter(({ parent }) => parent === pid);
  return [...all.filter((each) => each.pid === pid), ...children.flatMap((child) => family(child.pid, all))];
}

/** The folders that only this stack writes to. */
function foldersOf({ ports }: Stack): string[] {
  const mine = readdirSync(join(repo, '.offline')).filter((id) => {
    try {
      return readFileSync(join(repo, '.offline', id, '.cognito/config.json'), 'utf8').includes(`:${ports.cognito}`);
    } catch {
      return false; // another stack has none yet, or has ended just now
    }
  });
  return mine.flatMap((id) => [join(repo, '.offline', id), join(repo, '.esbuild', id)]);
}

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, 'localhost', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/**
 * Kills a running stack, and expects that soon no process, port or file of it is left. On a busy machine esbuild takes seconds to end: it
 * first ends the builds that it has begun.
 */
export async function expectNothingLeft(stack: Stack, kill: () => void): Promise<void> {
  const before = family(stack.pid);
  const folders = foldersOf(stack);
  expect(before.map(({ args }) => args)).toContainEqual(expect.stringMatching(/^java /));
  kill();
  const left = async () => ({
    processes: processes().filter(({ pid }) => before.some((each) => each.pid === pid)),
    ports: (
      await Promise.all(Object.values(stack.ports).map(async (port) => ((await listens(port)) ? [port] : [])))
    ).flat(),
    folders: folders.filter((folder) => existsSync(folder)),
  });
  await until(async () => Object.values(await left()).flat().length === 0, 20_000).catch(() => {});
  expect(await left()).toEqual({ processes: [], ports: [], folders: [] });
}

/** Ends a running stack as `expectNothingLeft` kills one, and expects its exit code. */
export async function expectEnd(stack: Stack, kill: () => void, code: number | null): Promise<void> {
  await expectNothingLeft(stack, kill);
  expect(await stack.stop()).toMatchObject({ code });
}
