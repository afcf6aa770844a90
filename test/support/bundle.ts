import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';

const run = promisify(execFile);
const addresses = {
  COGNITO_CLIENT_ID: 'test',
  COGNITO_ENDPOINT: 'https://sign-in.example.com',
  CONNECTIONS_ENDPOINT: 'https://sockets.example.com/test',
};

interface Entry {
  name: string;
  content: Buffer;
}

const root = resolve(import.meta.dirname, '../..');

interface Service {
  provider: { environment: Record<string, string> };
  functions: Record<string, { handler: string }>;
  custom: {
    esbuild: BuildOptions & { exclude: string; outputFileExtension: string; outputWorkFolder: string };
    notBundled: { deployed: string[] };
  };
}

const serviceOf = (checkout: string): Service =>
  parse(readFileSync(join(checkout, 'serverless.yml'), 'utf8'), {
    logLevel: 'silent', // CloudFormation's tags
  });

/** The settings of esbuild in a deployed stage. @param checkout where serverless.yml is; default this repository */
export function deployedSettings(checkout = root) {
  const { custom } = serviceOf(checkout);
  const { exclude: _, outputFileExtension, outputWorkFolder: __, ...settings } = custom.esbuild;
  return {
    ...settings,
    absWorkingDir: checkout,
    external: custom.notBundled.deployed,
    outExtension: { '.js': outputFileExtension },
    logLevel: 'error',
  } satisfies BuildOptions;
}

/** The options of Node in a deployed stage. */
export const deployedNodeOptions = (checkout = root) => serviceOf(checkout).provider.environment.NODE_OPTIONS ?? '';

/**
 * Bundles the functions with the settings of serverless.yml for a deployed stage. It takes a second where `serverless package` takes ten,
 * and test/offline/package.test.ts proves that both make the same bundles.
 * @param outdir takes the bundles and their source maps, at the paths of their sources
 * @param checkout where serverless.yml is; default this repository
 * @returns the path of each function's bundle, by the function's name
 */
export async function bundleAsDeployed(outdir: string, checkout = root): Promise<Record<string, string>> {
  const settings = deployedSettings(checkout);
  const { functions } = serviceOf(checkout);
  const sources = Object.entries(functions).map(
    ([name, { handler }]) => [name, handler.replace(/\.\w+$/, '')] as const,
  );
  const entryPoints = sources.map(([, source]) => `${source}.ts`);
  await build({ ...settings, entryPoints, outbase: '.', outdir });
  return Object.fromEntries(
    sources.map(([name, source]) => [name, join(outdir, source + settings.outExtension['.js'])]),
  );
}

/** @returns the files of a zip archive, stored or deflated, from its central directory (APPNOTE.TXT, 4.3) */
export async function filesInZip(path: string): Promise<Entry[]> {
  const zip = await readFile(path);
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const files: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, nameLength] = [
      zip.readUInt16LE(at + 10),
      zip.readUInt32LE(at + 20),
      zip.readUInt16LE(at + 28),
    ];
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(from, from + size);
    const content = method === 0 ? data : inflateRawSync(data);
    files.push({ name: zip.toString('utf8', at + 46, at + 46 + nameLength), content });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

/**
 * Loads a bundle of a package in a new process: see {@link importOf}. The bundle stands alone in a folder outside the repository, as in
 * Lambda: what was not bundled is not found.
 */
export async function importPackaged(files: Entry[], bundle: string): Promise<Import> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-bundle-'));
  try {
    for (const { name, content } of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return await importOf(join(folder, bundle), { cwd: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How long a new process takes to load a bundle, in milliseconds without the start of Node, and what the bundle exports. */
export interface Import {
  milliseconds: number;
  exports: string[];
}

/**
 * Loads a bundle in a new process.
 * @param settings.cwd the folder in which the function finds the files of its package
 * @param settings.node default the Node of `LAMBDA_NODE` (.ci/run: the version that Lambda has), or else that of this process
 * @param settings.nodeOptions default none
 */
export async function importOf(
  bundle: string,
  {
    cwd,
    node = process.env.LAMBDA_NODE ?? process.execPath,
    nodeOptions = '',
  }: { cwd: string; node?: string; nodeOptions?: string },
): Promise<Import> {
  const measure = `
    const from = performance.now();
    const loaded = require(${JSON.stringify(bundle)});
    const milliseconds = performance.now() - from;
    console.log(JSON.stringify({ milliseconds, exports: Object.keys(loaded) }));`;
  const { stdout } = await run(node, ['-e', measure], {
    cwd,
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS: nodeOptions,
      TABLE_NAME: 'test',
      AWS_REGION: 'us-east-1',
      ...addresses,
    },
  });
  return JSON.parse(stdout);
}
