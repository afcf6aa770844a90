import { statfs } from 'node:fs/promises';

// DynamoDB Local acknowledges writes that a full disk does not store: SQLite's error only ends up in its output.

/**
 * What must be free for a database on disk, in bytes. DynamoDB Local writes some megabytes a second at most, so the stack stops long before
 * its own writes fill the disk.
 */
export const requiredSpace = 100 * 1024 * 1024;

const intervalMs = 500;

/** @returns the bytes that this user can still write to a folder */
export async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @returns one line if a folder of a database has not enough room */
export async function lackOfSpace(folder: string, free = freeSpace): Promise<string | undefined> {
  const bytes = await free(folder);
  if (bytes >= requiredSpace) return undefined;
  const megabytes = (count: number) => Math.floor(count / 1024 / 1024);
  return (
    `DYNAMODB_PATH has ${megabytes(bytes)} MB left, and the stack needs ${megabytes(requiredSpace)} MB: on a full disk DynamoDB Local loses ` +
    'messages that it has acknowledged. Free some space there, or set DYNAMODB_PATH to a folder on another disk.'
  );
}

/** Looks again and again whether a folder still has enough room, and calls back once with a line if not. */
export function watchSpace(folder: string, onLack: (line: string) => void, free = freeSpace): void {
  const timer = setInterval(async () => {
    const line = await lackOfSpace(folder, free).catch(() => undefined); // the folder is gone
    if (!line) return;
    clearInterval(timer);
    onLack(line);
  }, intervalMs).unref();
}

/**
 * Recognises in the output of DynamoDB Local that a write was lost. Another process may fill the disk faster than {@link watchSpace} looks.
 * @returns takes the output in chunks, and returns one line with the first error
 */
export function lostWrites(): (chunk: string) => string | undefined {
  let last = '';
  return (chunk) => {
    const text = last + chunk;
    const [error] = /database or disk is full|disk I\/O error/.exec(text) ?? [];
    last = text.slice(-30); // an error may stand in two chunks
    return (
      error && `DynamoDB Local cannot write to DYNAMODB_PATH (${error}): the stack stops, and the last writes are lost.`
    );
  };
}
