import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compose, type Page } from './page.ts';
import { draw } from './plot.ts';
import { type Line, withMainFigures } from './readme.ts';
import type { Measurement, Plot, Suite } from './suite.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'docs/measurements');
const fileOf = (suite: string) => join(folder, `${suite}.json`);

/** The stored results, by suite. */
export function storedMeasurements(suites: Suite[]): Map<string, Measurement> {
  const stored = suites.map(({ name }) => name).filter((name) => existsSync(fileOf(name)));
  return new Map(stored.map((name) => [name, JSON.parse(readFileSync(fileOf(name), 'utf8'))]));
}

export const plotsOf = ({ blocks }: Measurement): Plot[] =>
  blocks.filter((block): block is Plot => block.kind === 'plot');

/** Replaces a suite's results and its plots. */
export function store(measurement: Measurement): void {
  mkdirSync(folder, { recursive: true });
  const file = fileOf(measurement.suite);
  const earlier: Measurement | undefined = existsSync(file) && JSON.parse(readFileSync(file, 'utf8'));
  for (const { name } of earlier ? plotsOf(earlier) : []) rmSync(join(folder, `${name}.svg`), { force: true });
  const text = toJson(measurement);
  writeFileSync(file, text);
  for (const plot of plotsOf(JSON.parse(text))) writeFileSync(join(folder, `${plot.name}.svg`), draw(plot));
}

/** Composes the documents, and the README's table, from what is stored. */
export function writeDocuments(pages: Page[], lines: Line[]): void {
  const stored = storedMeasurements(pages.flatMap(({ suites }) => suites));
  for (const page of pages) writeFileSync(join(root, page.file), compose(page, stored));
  const readme = join(root, 'README.md');
  writeFileSync(readme, withMainFigures(readFileSync(readme, 'utf8'), lines, stored));
}

/** Numbers with six significant digits, and lists of numbers and texts on one line, so that differences can be reviewed. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === 'number' ? Number(each.toPrecision(6)) : each), 2);
  return `${text.replaceAll(/\[\n\s*([^[\]{}]*?)\n\s*\]/g, (_, list: string) => `[${list.replaceAll(/,\n\s*/g, ', ')}]`)}\n`;
}
