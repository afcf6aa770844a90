import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

interface Package {
  engines?: { node?: string };
  optional?: boolean;
}
const { packages } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package-lock.json'), 'utf8'));
const { '': ours, ...theirs }: Record<string, Package> = packages;
const { satisfies, subset } = createRequire(createRequire(import.meta.url).resolve('serverless'))('semver');

test('every package accepts each version of Node that package.json names', () => {
  const range = ours?.engines?.node;
  const refusing = Object.entries(theirs).filter(
    ([, { engines, optional }]) => !optional && engines?.node && !subset(range, engines.node),
  );
  expect(Object.keys(theirs).length).toBeGreaterThan(100);
  expect(refusing.map(([name, { engines }]) => `${name}: ${engines?.node}`)).toEqual([]);
});

test.each([
  ['20.19.0', true],
  ['22.12.0', false],
  ['22.13.0', true],
  ['23.11.0', false],
  ['24.0.0', true],
])('Node %s: %s', (version, isAccepted) => {
  expect(satisfies(version, ours?.engines?.node)).toBe(isAccepted);
});
