import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { simulated } from '../simulation/mutations.ts';
import { notFound } from '../simulation/not-found.ts';
import { resultsFile } from '../simulation/results.ts';

// `npm run simulate -- --mutations` takes long and runs by hand. These checks show at once when its table is out of date.

const names = simulated.map(({ name }) => name);
const unfound = Object.values(notFound).flat();

test('a reason is given once, and for a safeguard that there is', () => {
  expect(unfound.filter((name) => !names.includes(name))).toEqual([]);
  expect(unfound).toEqual([...new Set(unfound)]);
});

test.runIf(existsSync(resultsFile))('the stored table has the safeguards that there are', () => {
  const [{ rows }] = JSON.parse(readFileSync(resultsFile, 'utf8')).blocks as [{ rows: [string, ...unknown[]][] }];
  const hint = 'run `npm run simulate -- --mutations`';
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
