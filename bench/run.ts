import process from 'node:process';
import { store, writeDocuments } from './harness/files.ts';
import { thisMachine } from './harness/machine.ts';
import { target, verdict, withUnit } from './harness/numbers.ts';
import { startProgress } from './harness/progress.ts';
import type { Measurement, Suite } from './harness/suite.ts';
import { mainFigures, pages } from './pages.ts';

/** Measures a suite, and writes its results and the documents. What the suite started has ended then. */
export async function run(suite: Suite, isFull: boolean): Promise<Measurement> {
  const from = performance.now();
  const { progress, end } = startProgress(suite.name);
  const ends: (() => Promise<unknown>)[] = [];
  try {
    progress('starts');
    const result = await suite.run({ isFull, progress, atEnd: (last) => void ends.unshift(last) });
    const measurement: Measurement = {
      suite: suite.name,
      date: new Date().toISOString().slice(0, 10),
      seconds: Math.round((performance.now() - from) / 1_000),
      isFull,
      machine: thisMachine(),
      ...result,
    };
    store(measurement);
    writeDocuments(pages, mainFigures);
    return measurement;
  } finally {
    end();
    for (const last of ends) await last();
  }
}

/** Prints the figures of a suite. */
export function print({ suite, seconds, figures }: Measurement): void {
  process.stdout.write(`${suite} (${seconds} s)\n`);
  for (const figure of figures) {
    const aim = target(figure) && `, target ${target(figure)}: ${verdict(figure).replaceAll('*', '')}`;
    process.stdout.write(`  ${figure.what}: ${withUnit(figure.value, figure.unit)}${aim}\n`);
  }
}
