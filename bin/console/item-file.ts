import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Item } from '../../core/table/items.ts';
import { CommandError } from './command-error.ts';

/**
 * Reads the items of a file, packed with gzip if its name ends in `.gz`:
 * - what `aws dynamodb scan` prints, `{"Items":[…]}`: JSON, kept in memory as a whole
 * - an export of DynamoDB to S3, or what `bin/ddb scan --json` prints: one item per line, kept one by one
 * @returns the items with their texts as plain strings; other attributes keep the form that they have
 * @throws CommandError for a file that cannot be read, or whose content is something else
 */
export async function* itemsOf(path: string): AsyncGenerator<Item> {
  try {
    let number = 0;
    let whole: string[] | undefined; // the lines of a document that does not end on its first line
    for await (const line of linesOf(path)) {
      number += 1;
      const document = whole || line.trim() === '' ? undefined : parsed(line);
      if (whole) whole.push(line);
      else if (document !== undefined) yield* itemsIn(document);
      else if (number === 1) whole = [line];
      else if (line.trim() !== '') throw new CommandError(`Line ${number} of ${path} is not JSON.`);
    }
    if (!whole?.some((line) => line.trim() !== '')) return;
    const document = parsed(whole.join('\n'));
    if (document === undefined) throw new CommandError(`${path} is not JSON.`);
    yield* itemsIn(document);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

// Not node:readline, for which U+2028 inside a text ends a line as well.
async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const unpacked = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => {}) : file; // the loop below throws its errors
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of unpacked) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() as string;
    yield* lines;
  }
  yield rest + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function* itemsIn(document: unknown): Generator<Item> {
  const { Items, Item } = (document ?? {}) as { Items?: unknown; Item?: unknown };
  for (const item of Array.isArray(Items) ? Items : [Item ?? document]) yield withPlainTexts(item);
}

/** `{"pk": {"S": "…"}}` → `{pk: '…'}` */
function withPlainTexts(item: unknown): Item {
  const attributes = Object.entries(typeof item === 'object' && item !== null ? item : {});
  return Object.fromEntries(attributes.map(([name, value]) => [name, (value as { S?: string } | null)?.S ?? value]));
}
