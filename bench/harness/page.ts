import { section, table } from './markdown.ts';
import { verdict } from './numbers.ts';
import type { Measurement, Suite } from './suite.ts';

/** A document that is composed from stored results. */
export interface Page {
  /** The path from the repository's root. */
  file: string;
  /** What stands before the sections: a heading and what the reader has to know. */
  intro: string;
  suites: Suite[];
}

/**
 * @param measurements the stored results, by suite. A suite without one says so
 * @returns the document's text
 */
export function compose({ intro, suites }: Page, measurements: Map<string, Measurement>): string {
  const measured = suites.flatMap(({ name }) => measurements.get(name) ?? []);
  const sections = suites.map(({ name, title }) => {
    const measurement = measurements.get(name);
    if (!measurement) return `## ${title}\n\nNot measured yet: \`npm run bench -- ${name}\`.`;
    return section(title, measurement, 'measurements/');
  });
  const parts = [intro, misses(measured), ...sections, origin(measured)];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** One sentence on the targets. */
function misses(measured: Measurement[]): string {
  const all = measured.flatMap(({ figures }) => figures).filter((figure) => verdict(figure) !== '');
  if (all.length === 0) return '';
  const missed = all.filter((figure) => verdict(figure) !== 'met').map(({ what }) => what);
  if (missed.length === 0) return `All ${all.length} targets are met.`;
  return `Of ${all.length} targets, ${missed.length} ${missed.length === 1 ? 'is' : 'are'} missed: ${missed.join('; ')}.`;
}

/** When and on what it was measured. */
function origin(measured: Measurement[]): string {
  if (measured.length === 0) return '';
  const versions = [...new Set(measured.flatMap(({ machine }) => Object.keys(machine.versions)))];
  const columns = ['suite', 'day', 'seconds', 'machine', ...versions];
  const rows = measured.map(({ suite, date, seconds, isFull, machine }) => [
    `${suite}${isFull ? ' (`--full`)' : ''}`,
    date,
    seconds,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}`,
    ...versions.map((name) => machine.versions[name] ?? ''),
  ]);
  return `## Machine and versions\n\n${table({ columns, rows })}`;
}
