import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCompiled } from '../../bin/compile.mjs';

// How the launchers in bin/ load the programs.

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cruddur-compile-'));
  write('package-lock.json', '{}');
  write('node_modules/package.json', '{}'); // CommonJS, whatever is above
  write('node_modules/packed/index.js', `exports.packed = 'packed';`);
  write('core/word.ts', `export const word: string = 'first';`);
  write('bin/one.ts', `import { word } from '../core/word.ts'; export const one = () => word;`);
  write('bin/deep/two.ts', `import { packed } from 'packed'; export const two = [packed, import.meta.dirname];`);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, text: string, folder = root): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
const kept = () => join(root, 'node_modules/.cache/cruddur-messages/commands.cjs');
const load = (folder = root) => loadCompiled(folder, ['./bin/one.ts', './bin/deep/two.ts']);
const wordOf = async (folder?: string) => (await load(folder))['./bin/one.ts'].one();

test('each source has its exports, and knows its own folder', async () => {
  const loaded = await load();
  expect(loaded['./bin/one.ts'].one()).toBe('first');
  expect(loaded['./bin/deep/two.ts'].two).toEqual(['packed', join(root, 'bin/deep')]);
});

test('the compiled file serves the next command, until a source or package-lock.json changes', async () => {
  await load();
  const { ino } = statSync(kept());
  expect(await wordOf()).toBe('first');
  expect(statSync(kept()).ino).toBe(ino);
  write('core/word.ts', `export const word = 'the second';`);
  expect(await wordOf()).toBe('the second');
  const second = statSync(kept()).ino;
  write('package-lock.json', '{"version": 2}');
  write('node_modules/packed/index.js', `exports.packed = 'a newer one';`);
  expect((await load())['./bin/deep/two.ts'].two[0]).toBe('a newer one');
  expect(statSync(kept()).ino).not.toBe(second);
});

test('other sources of the same checkout are compiled anew', async () => {
  await load();
  expect(Object.keys(await loadCompiled(root, ['./core/word.ts']))).toEqual(['./core/word.ts']);
});

test('a checkout that shares node_modules by a link gets its own sources', async () => {
  await load();
  const other = mkdtempSync(join(tmpdir(), 'cruddur-compile-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(other, 'node_modules'));
    for (const name of ['package-lock.json', 'core', 'bin'])
      cpSync(join(root, name), join(other, name), { recursive: true, preserveTimestamps: true });
    write('core/word.ts', `export const word: string = 'other';`, other);
    const { atime, mtime } = statSync(join(root, 'core/word.ts'));
    utimesSync(join(other, 'core/word.ts'), atime, mtime);
    expect(await wordOf(other)).toBe('other');
    expect(await wordOf()).toBe('first');
  } finally {
    rmSync(other, { recursive: true });
  }
});

test.each(['', '//{"root"', 'nothing of ours'])('a kept file that begins with %j is replaced', async (text) => {
  write('node_modules/.cache/cruddur-messages/commands.cjs', text);
  expect(await wordOf()).toBe('first');
  expect(statSync(kept()).size).toBeGreaterThan(text.length);
});

test('sources are loaded where nothing can be kept', async () => {
  write('node_modules/.cache', 'a file in the place of the folder');
  expect(await wordOf()).toBe('first');
});

test('a source with an error is named with its line', async () => {
  write('core/word.ts', 'export const word = ;');
  await expect(load()).rejects.toThrow('core/word.ts:1:20');
});

test('a use of import.meta that would lose its meaning does not compile', async () => {
  write('core/word.ts', 'export const word = import.meta.url;');
  await expect(load()).rejects.toThrow('import.meta');
});
