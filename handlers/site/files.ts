import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { APIGatewayProxyEventHeaders, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { lookup } from 'mrmime';
import Negotiator from 'negotiator';

/** The encodings of the files, the shortest first, and the suffixes that web/compressed-files.ts gives them. */
const compressions = { br: '.br', gzip: '.gz' } as const;
type Encoding = keyof typeof compressions | 'identity';
const shortestFirst: Encoding[] = ['br', 'gzip', 'identity'];

/** A file as it is served. */
export interface WebFile {
  /** The value of `content-type`: the media type, with a charset for text. */
  type: string;
  /** The file as it is (`identity`), and compressed where that is shorter. */
  contents: { identity: Buffer } & Partial<Record<Encoding, Buffer>>;
  /** An entity tag of the file, the same for all encodings: a weak one. */
  etag: string;
}

/** A file of the built client. */
export interface ClientFile extends WebFile {
  /** Whether the name contains a hash of the content, so that the file may be cached for ever. */
  isHashed: boolean;
}

/**
 * Reads all files of the built client into memory. Requests are answered from this map only, so that no path can reach other files.
 * Hidden files are left out; a compressed copy belongs to its file.
 * @param folder the output folder of the build
 * @returns the files by URL path, such as `/assets/index-3f9a2b1c.js`
 * @throws Error if the folder does not exist
 */
export function readWebFiles(folder: string): ReadonlyMap<string, ClientFile> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.')) // the build's own note of its sources
    .map(({ parentPath, name }) => join(parentPath, name));
  const isCopy = (path: string) =>
    Object.values(compressions).some(
      (suffix) => path.endsWith(suffix) && paths.includes(path.slice(0, -suffix.length)),
    );
  return new Map(
    paths
      .filter((path) => !isCopy(path))
      .map((path) => {
        const url = path.slice(folder.length).split(sep).join('/');
        const copies = Object.entries(compressions).filter(([, suffix]) => paths.includes(path + suffix));
        const compressed = copies.map(([encoding, suffix]) => [encoding, readFileSync(path + suffix)]);
        const file = webFile(typeOf(path), readFileSync(path), Object.fromEntries(compressed));
        return [url, { ...file, isHashed: /^\/assets\/.*-[\w-]{8}\.\w+$/.test(url) }]; // as Vite names them
      }),
  );
}

function typeOf(path: string): string {
  const type = lookup(path) ?? 'application/octet-stream';
  return /^text\/|json$|javascript$|svg\+xml$/.test(type) ? `${type}; charset=utf-8` : type;
}

/** @param compressed the same content in other encodings */
export function webFile(type: string, content: Buffer, compressed: Partial<Record<Encoding, Buffer>> = {}): WebFile {
  const etag = `W/"${createHash('sha256').update(content).digest('base64url')}"`;
  return { type, contents: { ...compressed, identity: content }, etag };
}

/**
 * @param headers of the request
 * @returns a `200` with the file, in the encoding that the client likes best
 */
export function fileResponse(
  { type, contents, etag }: WebFile,
  cacheControl: string,
  headers: APIGatewayProxyEventHeaders,
): APIGatewayProxyStructuredResultV2 {
  const available = shortestFirst.filter((encoding) => contents[encoding]);
  const accepted = new Negotiator({ headers }).encoding(available, { preferred: shortestFirst });
  const encoding = accepted ?? 'identity'; // RFC 9110, 12.5.3: also where the client accepts none of them
  return {
    statusCode: 200,
    headers: {
      'content-type': type,
      'cache-control': cacheControl,
      etag,
      vary: 'accept-encoding',
      ...(encoding !== 'identity' && { 'content-encoding': encoding }),
    },
    body: (contents[encoding] ?? contents.identity).toString('base64'),
    isBase64Encoded: true,
  };
}
