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

/** A failure destination of the stream: its messages, each with a function that removes it. */
export interface FailureDestination {
  /** The number of messages; undefined when it is not known before they are read. */
  readonly length: number | undefined;
  messages(): AsyncIterable<{ body: unknown; remove(): Promise<void> }>;
  /**
   * Ends the work: the next run can read at once what was not removed.
   * @returns how many messages are there beyond those that were read: hidden by another run, or new
   */
  release(): Promise<number>;
}

const fileName = 'projectInbox.jsonl';

/**
 * @param repo the root of this checkout
 * @returns the failure files of its local stacks: that of the database on disk if `DYNAMODB_PATH` names one, otherwise those of
 * all databases in memory
 */
export function failureFiles(repo: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const stacks = join(repo, '.offline');
  const folders = env.DYNAMODB_PATH
    ? [resolve(repo, env.DYNAMODB_PATH)]
    : existsSync(stacks)
      ? readdirSync(stacks).map((id) => join(stacks, id))
      : [];
  return folders.map((folder) => join(folder, 'failures', fileName)).filter((file) => existsSync(file));
}

/**
 * The failure destination of a local stack: a file of JSON lines. A running stack may append to it at any time.
 * @throws the file system's error when the file cannot be read
 */
export function failureFile(file: string): FailureDestination {
  const lines = linesOf(readFileSync(file, 'utf8'));
  const removed: string[] = [];
  // Rewrites the file once, at the end. If the process dies before that, the next run redrives the same messages again, which changes
  // nothing.
  const rewrite = () => {
    if (removed.length > 0) removeLines(file, removed.splice(0));
  };
  return {
    length: lines.length,
    async *messages() {
      try {
        for (const line of lines)
          yield {
            body: parseJson(line),
            remove: async () => {
              removed.push(line);
            },
          };
      } finally {
        rewrite();
      }
    },
    release: async () => {
      rewrite();
      return 0; // a file hides nothing
    },
  };
}

/** Removes lines from a file by replacing it; keeps lines that are appended at the same time. */
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
    const appended = readFrom(before, Buffer.byteLength(text)); // the lines that a stack appended between readFileSync and renameSync
    if (appended) appendFileSync(file, appended);
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
    // A chunk may end anywhere, since the text is ASCII: ARNs, numbers and times.
    text += chunk.toString('utf8', 0, read);
  }
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** @returns the parsed message of a failure destination; undefined when it is not JSON, which `redrive` reports */
export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
