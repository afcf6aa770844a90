import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plotsOf, storedMeasurements } from '../../../bench/harness/files.ts';
import { compose } from '../../../bench/harness/page.ts';
import { draw } from '../../../bench/harness/plot.ts';
import { withMainFigures } from '../../../bench/harness/readme.ts';
import { mainFigures, pages, suites } from '../../../bench/pages.ts';

const root = resolve(import.meta.dirname, '../../..');
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const stored = storedMeasurements(suites);
const plots = [...stored.values()].flatMap(plotsOf);

test.each(pages)('$file is exactly what the stored results compose to', (page) => {
  expect(textOf(page.file)).toBe(compose(page, stored));
});

test('the README’s table is what the stored results say', () => {
  const readme = textOf('README.md');
  expect(readme).toBe(withMainFigures(readme, mainFigures, stored));
});

test('the names of suites and plots are unique, and docs/measurements/ holds their files and no others', () => {
  for (const named of [suites, plots]) {
    const names = named.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  }
  const expected = [...[...stored.keys()].map((name) => `${name}.json`), ...plots.map(({ name }) => `${name}.svg`)];
  expect(readdirSync(join(root, 'docs/measurements')).toSorted()).toEqual(expected.toSorted());
});

describe.runIf(plots.length > 0)('plots', () => {
  test.each(plots)('docs/measurements/$name.svg is drawn from the stored results', (plot) => {
    const file = `docs/measurements/${plot.name}.svg`;
    expect(existsSync(join(root, file)), `run \`npm run bench\`: ${file} is missing`).toBe(true);
    expect(textOf(file)).toBe(draw(plot));
  });
});

test('the ids of a suite’s figures are unique', () => {
  for (const { figures } of stored.values()) {
    const ids = figures.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  }
});
