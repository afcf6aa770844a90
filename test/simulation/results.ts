import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, totalmem, type } from 'node:os';
import { dirname, resolve } from 'node:path';
import { columns, type Outcome, rowOf } from './mutations.ts';

/** Where the table of the safeguards is stored. */
export const resultsFile = resolve(import.meta.dirname, '../../docs/measurements/simulation.json');

/** Stores the table, in the form of the other measurements. */
export function store(outcomes: Outcome[], seconds: number, histories: number): void {
  const found = outcomes.filter(({ seed }) => seed !== undefined);
  const [processor] = cpus();
  const measurement = {
    suite: 'simulation',
    date: new Date().toISOString().slice(0, 10),
    seconds,
    isFull: true,
    machine: {
      cpu: processor?.model.trim() ?? 'unknown processor',
      cores: cpus().length,
      memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
      system: `${type()} ${arch()}`,
      versions: { 'Node.js': process.versions.node },
    },
    figures: [
      { id: 'safeguards', what: 'safeguards disabled, one at a time', value: outcomes.length, unit: '' },
      { id: 'found', what: 'of these, found by a history', value: found.length, unit: '' },
      {
        id: 'histories',
        what: 'histories until the last of them was found',
        value: Math.max(0, ...found.map((outcome) => outcome.histories)),
        unit: '',
        atMost: histories,
      },
    ],
    blocks: [{ kind: 'table', title: 'What shows that a safeguard is disabled', columns, rows: outcomes.map(rowOf) }],
  };
  // A row of the table on one line, so that differences can be reviewed
  const text = JSON.stringify(measurement, null, 2).replaceAll(
    /\[\n\s*([^[\]{}]*?)\n\s*\]/g,
    (_, list: string) => `[${list.replaceAll(/,\n\s*/g, ', ')}]`,
  );
  mkdirSync(dirname(resultsFile), { recursive: true });
  writeFileSync(resultsFile, `${text}\n`);
}
