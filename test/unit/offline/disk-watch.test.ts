import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lackOfSpace, lostWrites, requiredSpace, watchSpace } from '../../../offline/supervisor/disk-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a folder without room is refused in one line that says how much is left', async () => {
  expect(await lackOfSpace('/data', async () => requiredSpace)).toBeUndefined();
  const line = await lackOfSpace('/data', async () => requiredSpace - 1);
  expect(line).toMatch(/^DYNAMODB_PATH has 99 MB left, and the stack needs 100 MB: [^\n]+$/);
});

test('the watch calls back once, when the room of its folder has become too small', async () => {
  let free = requiredSpace;
  const lines: string[] = [];
  const asked: string[] = [];
  const look = async (folder: string) => {
    asked.push(folder);
    return free;
  };
  watchSpace('/data', (line) => lines.push(line), look);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(new Set(asked)).toEqual(new Set(['/data']));
  expect(lines).toEqual([]);
  free = 1024;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(lines).toEqual([expect.stringMatching(/^DYNAMODB_PATH has 0 MB left/)]);
});

test('the watch goes on when it cannot look', async () => {
  let looks = 0;
  const look = async () => {
    if (looks++ === 0) throw new Error('ENOENT');
    return 0;
  };
  const lines: string[] = [];
  watchSpace('/data', (line) => lines.push(line), look);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(lines.length).toBe(1);
});

test('a lost write is recognised in the output of DynamoDB Local, also when it stands in two chunks', () => {
  const read = lostWrites();
  expect(read('Initializing DynamoDB Local with the following configuration:\n')).toBeUndefined();
  expect(read('com.almworks.sqlite4java.SQLiteException: [13] DB[1] exec() database or di')).toBeUndefined();
  expect(read('sk is full\n')).toMatch(/^DynamoDB Local cannot write [^\n]*\(database or disk is full\)[^\n]*$/);
  expect(lostWrites()('[10] DB[1] step() disk I/O error')).toContain('(disk I/O error)');
});
