import { expect, test } from 'vitest';
import { toJson } from '../../../bench/harness/files.ts';
import { figures, table } from '../../../bench/harness/markdown.ts';
import { shown, target, verdict, withUnit } from '../../../bench/harness/numbers.ts';
import { compose } from '../../../bench/harness/page.ts';
import { draw } from '../../../bench/harness/plot.ts';
import type { Figure, Measurement, Plot } from '../../../bench/harness/suite.ts';

const figure = (more: Partial<Figure>): Figure => ({ id: 'a', what: 'a send', value: 1.08, unit: '×', ...more });

test.each([
  [1.0832, '1.08'],
  [1, '1'],
  [4381, '4,380'],
  [0.0042, '0.0042'],
  [1_000_000_000, '1,000,000,000'],
  [0, '0'],
])('%d is shown as %s', (value, text) => {
  expect(shown(value)).toBe(text);
});

test('a number that is none is not shown', () => {
  expect(() => shown(Number.NaN)).toThrow('no measured number');
});

test('units stand behind the number, a currency before it', () => {
  expect([withUnit(4, 'units'), withUnit(12.5, '$'), withUnit(3, '')]).toEqual(['4 units', '$ 12.5', '3']);
});

test('a figure meets its target, or misses it, and is exact at its edge', () => {
  expect(verdict(figure({ atMost: 1.08 }))).toBe('met');
  expect(verdict(figure({ atMost: 1.07 }))).toBe('**missed**');
  expect(verdict(figure({ atLeast: 1.08 }))).toBe('met');
  expect(verdict(figure({ atLeast: 1.09 }))).toBe('**missed**');
  expect(verdict(figure({}))).toBe('');
  expect(target(figure({ atMost: 1.1 }))).toBe('at most 1.1 ×');
});

test('a table aligns columns of numbers to the right and escapes vertical lines', () => {
  expect(
    table({
      columns: ['what', 'units'],
      rows: [
        ['a|b', 4],
        ['c', 5000],
      ],
    }),
  ).toBe('| what | units |\n|---|---:|\n| a\\|b | 4 |\n| c | 5,000 |');
  expect(() => table({ columns: ['what'], rows: [['a', 'b']] })).toThrow('2 cells for 1 columns');
});

test('figures have columns for targets only if one of them has a target', () => {
  expect(figures([figure({})])).toBe('| figure | measured |\n|---|---:|\n| a send | 1.08 × |');
  expect(figures([figure({})], 'computed')).toContain('| figure | computed |');
  expect(figures([figure({ atMost: 1 })])).toContain('| a send | 1.08 × | at most 1 × | **missed** |');
});

const plot: Plot = {
  kind: 'plot',
  name: 'growth',
  title: 'A page',
  form: 'lines',
  x: { label: 'messages', scale: 'log' },
  y: { label: 'ms' },
  series: [
    { name: 'page', points: [[100, 2], [10_000, 2.1]] }, // biome-ignore format: two points
    { name: 'search', points: [[100, 1], [10_000, 1.2]] }, // biome-ignore format: two points
  ],
};

const measurement: Measurement = {
  suite: 'costs',
  date: '2026-11-27',
  seconds: 9,
  isFull: false,
  machine: { cpu: 'a CPU', cores: 2, memory: '8 GB', system: 'Linux', versions: { Java: '17' } },
  figures: [figure({ atMost: 1 })],
  blocks: [
    { kind: 'text', text: 'Some words.' },
    { kind: 'table', title: 'A table', columns: ['x'], rows: [[1]] },
    plot,
  ],
};

const suite = (name: string) => ({ name, title: `Title of ${name}`, run: async () => measurement });

test('a page has its suites in order, names missed targets, and says what is not measured', () => {
  const page = { file: 'docs/measurements.md', intro: '# Measurements', suites: [suite('growth'), suite('costs')] };
  const text = compose(page, new Map([['costs', measurement]]));
  expect(text).toMatch(
    /^# Measurements\n\nOf 1 targets, 1 is missed: a send\.\n\n## Title of growth\n\nNot measured yet/,
  );
  expect(text).toContain('`npm run bench -- growth`');
  expect(text).toContain('Some words.\n\n**A table**\n\n| x |\n|---:|\n| 1 |\n\n![A page](measurements/growth.svg)');
  expect(text).toContain('| costs | 2026-11-27 | 9 | a CPU, 2 cores, 8 GB, Linux | 17 |');
});

test('a plot is an SVG with its title, axes and series, the same each time', () => {
  const svg = draw(plot);
  expect(svg).toMatch(/^<svg /);
  for (const text of ['A page', 'messages', 'ms', 'page', 'search', '10K']) expect(svg).toContain(`>${text}</text>`);
  expect(svg).toContain('#ffffff');
  expect(draw(plot)).toBe(svg);
});

test('a plot of bars has a bar for each category', () => {
  const bars: Plot = {
    ...plot,
    form: 'bars',
    x: { label: 'operation', categories: ['send', 'read'] },
    series: [{ name: 'units', points: [[0, 4], [1, 2]] }], // biome-ignore format: two points
  };
  expect(draw(bars)).toContain('>read</text>');
});

test('stored numbers have six significant digits, and lists stand on one line', () => {
  expect(
    toJson({
      points: [
        [1, 0.123456789],
        [2, 3],
      ],
      name: ['a, b', 'c'],
    }),
  ).toBe(
    // biome-ignore format: one line
    '{\n  "points": [\n    [1, 0.123457],\n    [2, 3]\n  ],\n  "name": ["a, b", "c"]\n}\n',
  );
});
