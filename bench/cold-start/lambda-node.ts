import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { Bench } from '../harness/suite.ts';

const run = promisify(execFile);

/**
 * The Node that Lambda has: that of `LAMBDA_NODE`, or npm's package of it, as in .ci/run. Where there is no such package, it is the Node of
 * this process.
 * @returns the path of its program, and its version
 */
export async function lambdaNode({ progress, atEnd }: Bench): Promise<{ node: string; version: string }> {
  const node = process.env.LAMBDA_NODE ?? (await install({ progress, atEnd })) ?? process.execPath;
  const { stdout } = await run(node, ['--version']);
  return { node, version: stdout.trim() };
}

async function install({ progress, atEnd }: Pick<Bench, 'progress' | 'atEnd'>): Promise<string | undefined> {
  const text = readFileSync(resolve(import.meta.dirname, '../../serverless.yml'), 'utf8');
  const { provider } = parse(text, { logLevel: 'silent' }) as { provider: { runtime: string } }; // silent: CloudFormation's tags
  const [, major = ''] = /^nodejs(\d+)\.x$/.exec(provider.runtime) ?? [];
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-node-'));
  atEnd(() => rm(folder, { recursive: true }));
  progress(`installs Node ${major}`);
  const options = ['--no-save', '--no-audit', '--no-fund', '--silent'];
  await run('npm', ['install', '--prefix', folder, ...options, `${name}@${major}`]).catch(() => undefined);
  const program = join(folder, 'node_modules', name, 'bin/node');
  return existsSync(program) ? program : undefined;
}
