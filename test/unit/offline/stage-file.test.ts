import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStageFile } from '../../../offline/preflight/stage-file.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cruddur-stages-'));
  mkdirSync(join(root, 'resources/stages'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const inFile = (stage: string, text: string) => writeFileSync(join(root, 'resources/stages', `${stage}.yml`), text);
const fileOf = (stage: string) => `$${'{'}file(resources/stages/${stage}.yml)}`;

test('the parameters of a stage are those of its file', () => {
  inFile('eu', 'isWatched: "yes"\nlogRetentionInDays: 90\n');
  const own = { isWatched: 'yes', logRetentionInDays: 90 };
  const params = { default: { isWatched: 'no' }, eu: fileOf('eu'), prod: fileOf('prod') };
  expect(readStageFile(params, 'eu', root)).toEqual({ params: { ...params, eu: own } });
});

test('a stage needs no file', () => {
  const params = { default: {}, dev: { isWatched: 'yes' } };
  for (const stage of ['dev', 'other']) expect(readStageFile(params, stage, root)).toEqual({ params });
});

test.each([
  ['that does not exist', undefined, fileOf('eu'), 'does not exist'],
  ['that no line of serverless.yml names', 'isWatched: "yes"', undefined, 'has no effect'],
  ['that is empty', '# later', fileOf('eu'), 'a parameter in each line'],
  ['that is no YAML', 'a: b: c', fileOf('eu'), 'a parameter in each line'],
])('a file %s is refused in one line', (_, text, own, words) => {
  if (text !== undefined) inFile('eu', text);
  const { wrong } = readStageFile({ default: {}, ...(own && { eu: own }) }, 'eu', root);
  expect(wrong).toMatch(/^[^\n]+$/);
  expect(wrong).toContain('resources/stages/eu.yml');
  expect(wrong).toContain(words);
});
