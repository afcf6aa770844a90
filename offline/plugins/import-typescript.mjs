import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Imports a TypeScript module, which Node 20 itself cannot. It does not use tsx: tsx's loader hooks would stay, and every later import of
 * this process would go through another thread, which costs a start half a second.
 * @param {URL} module `import.meta.url` has its value in all modules that it imports from the repository
 */
export async function importTypeScript(module) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(module)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    define: { 'import.meta.url': JSON.stringify(module.href) },
    write: false,
  });
  // Packages are found from a file inside the repository only.
  const file = `${root}.offline/${basename(module.pathname, '.ts')}-${process.pid}.mjs`;
  await mkdir(`${root}.offline`, { recursive: true });
  const remove = () => rmSync(file, { force: true });
  process.once('exit', remove); // in case the process is ended during the import
  await writeFile(file, outputFiles[0]?.contents ?? '');
  try {
    return await import(pathToFileURL(file).href);
  } finally {
    remove();
  }
}
