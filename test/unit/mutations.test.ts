import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { mutations } from '../mutations/list.ts';

// `npm run test:mutations` takes minutes and runs by hand. These checks are fast, so that a change of the code shows at once which
// mutation to adapt.

const root = resolve(import.meta.dirname, '../..');
const textOf = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '');
const literal = (text: string) => text.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&');

/** The titles in a test file: each by itself, and behind each `describe` that precedes it, as in the full name of a test. */
function fullNamesIn(text: string): string[] {
  const calls = text.matchAll(/(?:\b(test|describe)(?:\.\w+)?|[\])])\(\s*(['"`])((?:\\.|(?!\2).)*)\2,\s/gs);
  const groups: string[] = [];
  return [...calls].flatMap(({ 1: named, 3: title = '', index }) => {
    // The title of a table of cases stands behind the table: what is repeated stands before it.
    const kind = named ?? /.*\b(test|describe)\.each\b/s.exec(text.slice(0, index))?.[1];
    const name = title.replaceAll(/\\(.)/g, '$1');
    const names = [name, ...groups.map((group) => `${group} ${name}`)];
    if (kind !== 'test') groups.push(name);
    return names;
  });
}

/** Whether a full name, which may have placeholders of `test.each` in it, begins with a text. */
function begins(fullName: string, text: string): boolean {
  const [start = '', ...rest] = fullName.split(/%[sdifjop]|\$\{[^}]*\}|\$[\w.]+/);
  if (rest.length === 0 || start.length > text.length) return start.startsWith(text);
  if (start !== '') return text.startsWith(start);
  return new RegExp(rest.map(literal).join('.*'), 's').test(text);
}

/** Whether a title is a placeholder alone, as in a table of cases: only the cases tell what it will be. */
const isPlaceholder = (title: string) => /^(%[sdifjop]|\$\{[^}]*\}|\$[\w.]+)$/.test(title);

test.each(mutations)('the mutation "$name" matches $file in exactly one place', ({ file, find }) => {
  const count = textOf(file).split(find).length - 1;
  expect(count, `${file} has changed: adapt \`find\` and \`replace\` in test/mutations/list/`).toBe(1);
});

test.each(mutations)('the test that catches the mutation "$name" exists', ({ caughtBy: [file, text] }) => {
  const source = textOf(file);
  const found = fullNamesIn(source).some((name) => (isPlaceholder(name) ? source.includes(text) : begins(name, text)));
  expect(found, `${file} has no test "${text}": adapt \`caughtBy\` in test/mutations/list/`).toBe(true);
});

test('no two mutations have the same name', () => {
  const names = mutations.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
