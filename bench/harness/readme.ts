import { table } from './markdown.ts';
import { withUnit } from './numbers.ts';
import type { Measurement } from './suite.ts';

/** A line of the README's table. */
export interface Line {
  suite: string;
  what: string;
  /** The second cell, with the ids of figures in braces: `{send}, {burst} in a burst`. */
  value: string;
}

const begin = '<!-- The table is written by `npm run bench`. -->';
const end = '<!-- End of the table. -->';

/**
 * @param measurements the stored results, by suite. The lines of a suite without results are left out
 * @returns the README's text with its table of measurements as it follows from the stored results
 * @throws Error if a line names a figure that its suite does not have, or the README has no place for the table
 */
export function withMainFigures(readme: string, lines: Line[], measurements: Map<string, Measurement>): string {
  const rows = lines.flatMap(({ suite, what, value }) => {
    const measurement = measurements.get(suite);
    if (!measurement) return [];
    return [[what, value.replaceAll(/\{([\w-]+)\}/g, (_, id: string) => figureOf(measurement, id))]];
  });
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the README has no place for the table: ${begin} … ${end}`);
  const content = table({ columns: ['what', 'measured'], rows });
  return `${readme.slice(0, from)}${begin}\n\n${content}\n\n${readme.slice(to)}`;
}

function figureOf({ suite, figures }: Measurement, id: string): string {
  const figure = figures.find((each) => each.id === id);
  if (!figure) throw new Error(`the suite ${suite} has no figure "${id}"`);
  return withUnit(figure.value, figure.unit);
}
