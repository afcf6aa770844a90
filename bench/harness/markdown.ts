import { shown, target, verdict, withUnit } from './numbers.ts';
import type { Block, Figure, Measurement, Table } from './suite.ts';

const cell = (content: string | number) =>
  (typeof content === 'number' ? shown(content) : content).replaceAll('|', '\\|');
const row = (cells: (string | number)[]) => `| ${cells.map(cell).join(' | ')} |`;

/** A Markdown table. A column whose cells are all numbers is aligned to the right. */
export function table({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  const wrong = rows.find((cells) => cells.length !== columns.length);
  if (wrong) throw new Error(`a row has ${wrong.length} cells for ${columns.length} columns: ${wrong.join(', ')}`);
  const isNumeric = (n: number) => rows.every((cells) => /^[-\d.,<$~–]+( ?[^\s]{1,3})?$/.test(cell(cells[n] ?? '')));
  const rule = `|${columns.map((_, n) => (isNumeric(n) ? '---:' : '---')).join('|')}|`;
  return [row(columns), rule, ...rows.map(row)].join('\n');
}

/** The table of figures, with their targets. @param heading of the column of values */
export function figures(all: Figure[], heading = 'measured'): string {
  const hasTargets = all.some((figure) => verdict(figure) !== '');
  return table({
    columns: ['figure', heading, ...(hasTargets ? ['target', ''] : [])],
    rows: all.map((figure) => [
      figure.what,
      withUnit(figure.value, figure.unit),
      ...(hasTargets ? [target(figure), verdict(figure)] : []),
    ]),
  });
}

/** A block of a suite's section. @param plots the path of the plots from the document, ending in a slash */
export function block(of: Block, plots: string): string {
  switch (of.kind) {
    case 'text':
      return of.text;
    case 'table':
      return `**${of.title}**\n\n${table(of)}`;
    case 'plot':
      return `![${of.title}](${plots}${of.name}.svg)`;
  }
}

/** The section of a suite. */
export function section(title: string, measurement: Measurement, plots: string): string {
  const parts = measurement.blocks.map((each) => block(each, plots));
  if (measurement.figures.length > 0) parts.unshift(figures(measurement.figures, measurement.heading));
  return [`## ${title}`, ...parts].join('\n\n');
}
