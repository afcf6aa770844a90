import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { builtClient } from '../../test/support/built-client.ts';
import { bundleAsDeployed, deployedNodeOptions, deployedSettings } from '../../test/support/bundle.ts';
import type { Bench } from '../harness/suite.ts';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');

/** A bundle that a cold start loads. */
export interface Bundle {
  path: string;
  nodeOptions: string;
}

/** What is loaded: the bundles of the functions, and the AWS SDK alone. */
export interface Bundles {
  /** The working directory of the functions. */
  cwd: string;
  functions: Record<string, Bundle>;
  /** The SDK's clients and commands that the functions use, whole. */
  sdk: Bundle;
  /** The same without what the functions leave out of it. */
  leanSdk: Bundle;
}

const sdk = `
  export { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
  export { DynamoDBDocumentClient, GetCommand, QueryCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
`;

/** Bundles the functions as they are deployed, and the SDK with the same settings, outside the repository: nothing else is found. */
export async function bundle({ atEnd }: Pick<Bench, 'atEnd'>): Promise<Bundles> {
  const cwd = await builtClient();
  atEnd(() => rm(cwd, { recursive: true }));
  const bundleSdk = async (name: string, external: string[]): Promise<Bundle> => {
    const path = join(cwd, name);
    const { outExtension: _, ...settings } = deployedSettings();
    await build({ ...settings, external, stdin: { contents: sdk, resolveDir: repository }, outfile: path });
    return { path, nodeOptions: deployedNodeOptions() };
  };
  return {
    cwd,
    functions: await functionsOf(repository, join(cwd, 'now')),
    sdk: await bundleSdk('sdk.cjs', []),
    leanSdk: await bundleSdk('lean-sdk.cjs', deployedSettings().external),
  };
}

/**
 * Bundles the functions of an earlier commit as it deployed them, with the packages that are installed now.
 * @throws Error if the clone does not have the commit
 */
export async function bundleCommit(commit: string, cwd: string): Promise<Record<string, Bundle>> {
  const checkout = await mkdtemp(join(tmpdir(), 'cruddur-commit-'));
  try {
    const archive = join(checkout, 'commit.tar');
    await run('git', ['archive', '--output', archive, commit, 'core', 'handlers', 'serverless.yml'], {
      cwd: repository,
    });
    await run('tar', ['-xf', archive, '-C', checkout]);
    await symlink(join(repository, 'node_modules'), join(checkout, 'node_modules'));
    return await functionsOf(checkout, join(cwd, commit));
  } finally {
    await rm(checkout, { recursive: true });
  }
}

async function functionsOf(checkout: string, outdir: string): Promise<Record<string, Bundle>> {
  await mkdir(outdir);
  const nodeOptions = deployedNodeOptions(checkout);
  const paths = Object.entries(await bundleAsDeployed(outdir, checkout));
  return Object.fromEntries(paths.map(([name, path]) => [name, { path, nodeOptions }]));
}
