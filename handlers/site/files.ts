import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
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
      return [
        url,
        {
          type: /^text\/|json$|javascript$|svg\+xml$/.test(type) ? `${type}; charset=utf-8` : type,
          ...compressible(readFileSync(path)),
          isHashed: url.startsWith('/assets/'), // Vite puts nothing else there
        },
      ];
    }),
  );
}

/** Content that is compressed when it is first asked for so. */
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

/** Answers with a file, compressed if the client takes that. */
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
