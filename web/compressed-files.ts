import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const texts = new Set(['.css', '.html', '.js', '.json', '.md', '.svg', '.txt']);
const encodings = [
  { suffix: '.br', compress: promisify(brotliCompress) }, // by default at the highest quality
  { suffix: '.gz', compress: (content: Buffer) => promisify(gzip)(content, { level: 9 }) },
];

/**
 * Writes compressed copies beside the files of a build, as `index.js.br` and `index.js.gz`: handlers/site/files.ts serves them. Compressing
 * takes seconds at this quality, which no request should wait for.
 */
export const compressedFiles: Plugin = {
  name: 'compressed-files',
  apply: 'build',
  writeBundle: {
    order: 'post',
    sequential: true,
    async handler({ dir = '' }) {
      const entries = await readdir(dir, { recursive: true, withFileTypes: true });
      const paths = entries.filter((entry) => entry.isFile() && texts.has(extname(entry.name)));
      await Promise.all(paths.map(({ parentPath, name }) => writeCopies(join(parentPath, name))));
    },
  },
};

async function writeCopies(path: string): Promise<void> {
  const content = await readFile(path);
  await Promise.all(
    encodings.map(async ({ suffix, compress }) => {
      const compressed = await compress(content);
      if (compressed.length < content.length) await writeFile(path + suffix, compressed);
    }),
  );
}
