import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unusableCheckout } from '../../../offline/preflight/checkout.cjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cruddur-checkout-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test.each(['cruddur', 'a b', 'a#b', 'a%20b', 'a%b', 'a"b', "a'b", 'a$b', 'a:b', 'ünïcode'])(
  'a checkout in %j can be used',
  (name) => {
    expect(unusableCheckout(join(root, name))).toBeUndefined();
  },
);

test.each([
  ['a?b', '?'],
  ['a\\b', '\\'],
  ['a*b', '*'],
  ['a😀b', '😀'],
])('a checkout in %j is refused in one line that names the character', (name, character) => {
  expect(unusableCheckout(join(root, name))).toMatch(/^[^\n]+$/);
  expect(unusableCheckout(join(root, name))).toContain(` contains ${character}, `);
});

// Injected, because root may write anywhere.
test.each(['.', '.offline', 'web'])('a checkout whose folder %s cannot be written is refused in one line', (name) => {
  mkdirSync(join(root, name), { recursive: true });
  const refused = join(root, name);
  const access = (path: string) => {
    if (path === refused) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
  };
  expect(unusableCheckout(root, access)).toMatch(/^[^\n]+ cannot be written \(EROFS\): [^\n]+$/);
  expect(unusableCheckout(root)).toBeUndefined();
});
