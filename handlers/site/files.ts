import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lookup } from 'mrmime';

/** A file of the built client. */
export interface WebFile {
  /** Its media type, with the character set where it is text. */
  type: string;
  content: Buffer;
  /** Its content, compressed; the work is done once, when somebody first asks. */
  gzip: () => Buffer;
  /** Whether its name changes with its content. */
  isHashed: boolean;
}

/**
 * Reads the built client, all of it: what is not in the answer is not a file of the client, whatever path is asked for.
 * @param folder where the build put it
 * @returns its files by their path in a URL, `/assets/index-3f9a.js`
 * @throws when it has not been built
 */
export function readWebFiles(folder: string): ReadonlyMap<string, WebFile> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      const url = path.slice(folder.length).split(sep).join('/');
      const type = lookup(name) ?? 'application/octet-stream';
      const content = readFileSync(path);
      let compressed: Buffer | undefined;
      return [
        url,
        {
          type: /^text\/|json$|javascript$|svg\+xml$/.test(type) ? `${type}; charset=utf-8` : type,
          content,
          gzip: () => {
            compressed ??= gzipSync(content, { level: 9 });
            return compressed;
          },
          isHashed: url.startsWith('/assets/'), // Vite puts nothing else there
        },
      ];
    }),
  );
}
