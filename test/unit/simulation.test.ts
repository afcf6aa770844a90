import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { simulated } from '../simulation/mutations.ts';
import { notFound } from '../simulation/not-found.ts';

// `npm run bench -- safeguards` takes long and runs by hand. These checks show at once when its table is out of date.

const resultsFile = resolve(import.meta.dirname, '../../docs/measurements/safeguards.json');
const names = simulated.map(({ name }) => name);
const unfound = Object.values(notFound).flat();

test('a reason is given once, and for a safeguard that there is', () => {
  expect(unfound.filter((name) => !names.includes(name))).toEqual([]);
  expect(unfound).toEqual([...new Set(unfound)]);
});

test.runIf(existsSync(resultsFile))('the stored table has the safeguards that there are', () => {
  const { blocks } = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const rows: [string, ...unknown[]][] = blocks.find(({ kind }: { kind: string }) => kind === 'table').rows;
  const hint = 'run `npm run bench -- safeguards`';
  expect(
    rows.map(([name]) => name),
    hint,
  ).toEqual(names);
  expect(
    rows
      .filter(([, seed]) => seed === '–')
      .map(([name]) => name)
      .toSorted(),
    hint,
  ).toEqual(unfound.toSorted());
});
