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
const signIn = { COGNITO_CLIENT_ID: 'test', COGNITO_ENDPOINT: 'https://sign-in.example.com' };

interface Entry {
  name: string;
  content: Buffer;
}

const root = resolve(import.meta.dirname, '../..');

interface Service {
  functions: Record<string, { handler: string }>;
  custom: {
    esbuild: BuildOptions & { exclude: string; outputFileExtension: string; outputWorkFolder: string };
    notBundled: { deployed: string[] };
  };
}

/**
 * Bundles functions with the settings of serverless.yml for a deployed stage. It takes a second where `serverless package` takes ten,
 * and test/offline/package.test.ts proves that both make the same bundles.
 * @param outdir takes the bundles and their source maps, at the paths of their sources
 * @returns the path of each function's bundle, by the function's name
 */
export async function bundleAsDeployed(outdir: string): Promise<Record<string, string>> {
  const { functions, custom } = parse(readFileSync(join(root, 'serverless.yml'), 'utf8'), {
    logLevel: 'silent', // CloudFormation's tags
  }) as Service;
  const { exclude: _, outputFileExtension, outputWorkFolder: __, ...settings } = custom.esbuild;
  const sources = Object.entries(functions).map(
    ([name, { handler }]) => [name, handler.replace(/\.\w+$/, '')] as const,
  );
  await build({
    ...settings,
    absWorkingDir: root,
    entryPoints: sources.map(([, source]) => `${source}.ts`),
    outbase: '.',
    outdir,
    external: custom.notBundled.deployed,
    outExtension: { '.js': outputFileExtension },
    logLevel: 'error',
  });
  return Object.fromEntries(sources.map(([name, source]) => [name, join(outdir, source + outputFileExtension)]));
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
 * How long a new process takes to load a bundle, in milliseconds, and what it exports. The bundle stands alone in a folder outside
 * the repository, as in Lambda: what was not bundled is not found. The process is Node itself, or the one of `LAMBDA_NODE` (.ci/run:
 * the version that Lambda has).
 */
export async function importOf(files: Entry[], bundle: string): Promise<{ milliseconds: number; exports: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-bundle-'));
  try {
    for (const { name, content } of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    const measure = `
      const from = performance.now();
      const exports = Object.keys(require('./${bundle}'));
      console.log(JSON.stringify({ milliseconds: Math.round(performance.now() - from), exports }));`;
    const { stdout } = await run(process.env.LAMBDA_NODE ?? process.execPath, ['-e', measure], {
      cwd: folder,
      env: { PATH: process.env.PATH, TABLE_NAME: 'test', AWS_REGION: 'us-east-1', ...signIn },
    });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}
