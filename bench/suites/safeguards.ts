import { defaultJobs } from '../../test/simulation/jobs.ts';
import { columns, rowOf, simulated, tryMutations, wrongReason } from '../../test/simulation/mutations.ts';
import type { Suite } from '../harness/suite.ts';

const histories = 20_000; // at most, of each

/** How many random histories it takes until one shows that a safeguard is switched off. */
export const safeguards: Suite = {
  name: 'safeguards',
  title: 'What the histories find',
  takesLong: true,
  async run({ progress }) {
    let tried = 0;
    const outcomes = await tryMutations(simulated, { histories, seed: 0, jobs: defaultJobs }, () =>
      progress(`${++tried} of ${simulated.length} safeguards`),
    );
    const wrong = outcomes.map(wrongReason).filter((text) => text !== undefined);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    const found = outcomes.filter(({ seed }) => seed !== undefined);
    return {
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
      blocks: [
        {
          kind: 'text',
          text: `Every safeguard of the core and of the doctor has a [mutation](../test/mutations/list) that switches it off. \`npm run test:mutations\`
shows that a test fails then; here random histories must find it, from seed 0 on. Where none can, the table says why.`,
        },
        { kind: 'table', title: 'The first history that shows it', columns, rows: outcomes.map(rowOf) },
      ],
    };
  },
};
