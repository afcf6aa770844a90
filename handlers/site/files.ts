import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { lookup } from 'mrmime';

/** A file of the built client. */
export interface WebFile {
  /** The value of `content-type`: the media type, with a charset for text. */
  type: string;
  content: Buffer;
  /** @returns the compressed content; compresses on the first call only */
  gzip: () => Buffer;
  /** Whether the name contains a hash of the content, so that the file may be cached for ever. */
  isHashed: boolean;
}

/**
 * Reads all files of the built client into memory. Requests are answered from this map only, so that no path can reach other files.
 * Hidden files are left out.
 * @param folder the output folder of the build
 * @returns the files by URL path, such as `/assets/index-3f9a.js`
 * @throws Error if the folder does not exist
 */
export function readWebFiles(folder: string): ReadonlyMap<string, WebFile> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.'), // the build's own note of its sources
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      const url = path.slice(folder.length).split(sep).join('/');
      const type = lookup(name) ?? 'application/octet-stream';
      return [
        url,
        {
          type: /^text\/|json$|javascript$|svg\+xml$/.test(type) ? `${type}; charset=utf-8` : type,
          ...compressible(readFileSync(path)),
          isHashed: url.startsWith('/assets/'), // Vite puts only hashed files there
        },
      ];
    }),
  );
}

/** @returns the content, and a function that compresses it on its first call and then reuses the result */
export function compressible(content: Buffer): Pick<WebFile, 'content' | 'gzip'> {
  let compressed: Buffer | undefined;
  return {
    content,
    gzip: () => {
      compressed ??= gzipSync(content, { level: 9 });
      return compressed;
    },
  };
}

/** @returns a `200` with the file, compressed if the client accepts gzip */
export function fileResponse(
  { type, content, gzip }: Omit<WebFile, 'isHashed'>,
  cacheControl: string,
  acceptEncoding = '',
): APIGatewayProxyStructuredResultV2 {
  const compressed = /\bgzip\b/.test(acceptEncoding);
  return {
    statusCode: 200,
    headers: {
      'content-type': type,
      'cache-control': cacheControl,
      vary: 'accept-encoding',
      ...(compressed && { 'content-encoding': 'gzip' }),
    },
    body: (compressed ? gzip() : content).toString('base64'),
    isBase64Encoded: true,
  };
}
