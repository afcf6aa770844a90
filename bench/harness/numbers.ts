import { type Figure, meetsTarget, type Unit } from './suite.ts';

/**
 * A number as the documents show it: three significant digits, thousands with a comma, no zeros at the end.
 * @returns `1.08`, `132`, `4,380`, `0.0042`
 */
export function shown(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} is no measured number`);
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumFractionDigits: 12 });
}

/** @returns `1.08 ×`, `4 units`, `$ 12` */
export function withUnit(value: number, unit: Unit): string {
  if (unit === '$') return `$ ${shown(value)}`;
  return unit === '' ? shown(value) : `${shown(value)} ${unit}`;
}

/** @returns `at most 1 ×`, `at least 350 a second`; empty if the figure has no target */
export function target({ unit, atMost, atLeast }: Figure): string {
  return [
    atLeast === undefined ? '' : `at least ${withUnit(atLeast, unit)}`,
    atMost === undefined ? '' : `at most ${withUnit(atMost, unit)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** @returns `met`, or `**missed**`; empty if the figure has no target */
export function verdict(figure: Figure): string {
  const met = meetsTarget(figure);
  return met === undefined ? '' : met ? 'met' : '**missed**';
}
