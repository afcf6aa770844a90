import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

const maps = new Map<string, SourceMap | undefined>();

/**
 * The stack of an error with its places in the sources instead of the bundle: `core/table/transactions.ts:57:13`.
 *
 * Node's own way (`--enable-source-maps`) reads the source map when it loads the bundle. That is a quarter of the time that loading
 * takes, at every cold start, while most instances of a function never meet an error. Here the first error reads it.
 */
export function inSources(stack: string): string {
  return stack.replace(/(\/[^\s()]+\.cjs):(\d+):(\d+)/g, (place, bundle: string, line: string, column: string) => {
    const origin = mapOf(bundle)?.findOrigin(Number(line), Number(column));
    if (!origin || !('fileName' in origin)) return place;
    // The map names the sources from the folder of the build, which is not there where the function runs.
    return `${origin.fileName.replace(/^(\.\.\/)+/, '')}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function mapOf(bundle: string): SourceMap | undefined {
  if (!maps.has(bundle)) maps.set(bundle, read(`${bundle}.map`));
  return maps.get(bundle);
}

function read(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // another module’s place: it stays as it is
  }
}
