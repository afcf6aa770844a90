import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/**
 * Creates a folder like the working directory of the functions for browsers: a built client with the fewest possible files, and the
 * OpenAPI document.
 * @returns the folder, which the caller removes
 */
export async function builtClient(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-client-'));
  const dist = join(folder, 'web/dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>The page</title>');
  const script = 'console.log("the script")';
  await writeFile(join(dist, 'assets/index-1a2b3c4d.js'), script);
  await writeFile(join(dist, 'assets/index-1a2b3c4d.js.br'), brotliCompressSync(script));
  await writeFile(join(dist, 'assets/index-1a2b3c4d.js.gz'), gzipSync(script));
  await writeFile(join(dist, 'assets/licenses.md'), 'of the packages');
  await writeFile(join(dist, '.sources'), 'what the build was made from');
  await writeFile(join(dist, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const document = 'docs/openapi.yaml';
  await cp(resolve(import.meta.dirname, '../..', document), join(folder, document));
  await writeFile(join(folder, 'secret.txt'), 'not the client’s');
  return folder;
}
