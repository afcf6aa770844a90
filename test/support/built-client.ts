import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes a folder like the one that the page's function starts in: a built client, with as little in it as there can be.
 * @returns the folder, which whoever asked removes
 */
export async function builtClient(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-client-'));
  const dist = join(folder, 'web/dist');
  await mkdir(join(dist, 'assets'), { recursive: true });
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>The page</title>');
  await writeFile(join(dist, 'assets/index-1a2b3c4d.js'), 'console.log("the script")');
  await writeFile(join(dist, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'secret.txt'), 'not the client’s');
  return folder;
}
