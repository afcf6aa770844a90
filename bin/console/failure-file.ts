import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** A failure destination: gives its messages one after the other, and lets those be removed that are done with. */
export interface Failures {
  /** How many there are, as far as it is known before they are read. */
  readonly length: number | undefined;
  messages(): AsyncIterable<{ body: unknown; remove(): Promise<void> }>;
}

const name = 'projectInbox.jsonl';

/**
 * The failure files of the local stacks of this checkout: of the database on disk, if `DYNAMODB_PATH` names one; else of every
 * stack that runs in memory.
 */
export function failureFiles(repo: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const stacks = join(repo, '.offline');
  const folders = env.DYNAMODB_PATH
    ? [resolve(repo, env.DYNAMODB_PATH)]
    : existsSync(stacks)
      ? readdirSync(stacks).map((id) => join(stacks, id))
      : [];
  return folders.map((folder) => join(folder, 'failures', name)).filter((file) => existsSync(file));
}

/** The local failure destination: one JSON object a line, in a file to which a running stack appends. */
export function failureFile(file: string): Failures {
  const lines = linesOf(readFileSync(file, 'utf8'));
  return {
    length: lines.length,
    async *messages() {
      const done: string[] = [];
      try {
        for (const line of lines)
          yield {
            body: jsonOf(line),
            remove: async () => {
              done.push(line);
            },
          };
      } finally {
        if (done.length > 0) removeLines(file, done); // once for all: a message that is redriven twice does no harm
      }
    },
  };
}

/** Takes lines out of a file in one step; what is appended to it meanwhile is kept. */
function removeLines(file: string, lines: string[]): void {
  const before = openSync(file, 'r');
  try {
    const text = readFileSync(before, 'utf8');
    const kept = linesOf(text);
    for (const line of lines) {
      const index = kept.indexOf(line);
      if (index >= 0) kept.splice(index, 1);
    }
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, kept.map((line) => `${line}\n`).join(''));
    renameSync(temporary, file);
    const late = readFrom(before, Buffer.byteLength(text)); // appended between the reading and the renaming
    if (late) appendFileSync(file, late);
  } finally {
    closeSync(before);
  }
}

function readFrom(descriptor: number, position: number): string {
  const chunk = Buffer.alloc(65_536);
  let text = '';
  for (let at = position, read: number; ; at += read) {
    read = readSync(descriptor, chunk, 0, chunk.length, at);
    if (read === 0) return text;
    text += chunk.toString('utf8', 0, read); // ASCII: ARNs, numbers and times
  }
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** What a failure destination holds, or undefined where that is no JSON: whoever redrives it says so. */
export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
