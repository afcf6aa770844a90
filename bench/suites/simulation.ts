import type { Report } from '../../test/simulation/job.ts';
import { defaultJobs, Program, seedOfToday } from '../../test/simulation/jobs.ts';
import type { Suite } from '../harness/suite.ts';

const million = 1_000_000;
const few = 20_000;

/** Which histories violate something, by their seeds. */
const violated = ({ failed }: Report) =>
  failed.length === 0 ? 'none with a violation' : `violated by the seeds ${failed.map(({ seed }) => seed).join(', ')}`;

/** Random histories of the core on a table in memory, each with its faults: test/simulation/. With `--full`, a million of them. */
export const simulation: Suite = {
  name: 'simulation',
  title: 'A million histories',
  async run({ isFull, progress }) {
    const histories = isFull ? million : few;
    const seed = seedOfToday();
    const program = await Program.build();
    const from = performance.now();
    const report = await program.run({ histories, seed, jobs: defaultJobs, mostFailures: 5 }, (sum) =>
      progress(`${sum.done} of ${histories} histories, ${violated(sum)}`),
    );
    const { done, failed, counts } = report;
    const took = (performance.now() - from) / 1_000; // seconds
    if (failed.length > 0)
      throw new Error(`${violated(report)}: npm run simulate -- --histories 1 --seed ${failed[0]?.seed}`);
    const { steps = 0, ...events } = counts;
    return {
      figures: [
        { id: 'histories', what: 'histories', value: done, unit: '' },
        { id: 'violated', what: 'histories that violate something', value: failed.length, unit: '', atMost: 0 },
        { id: 'steps', what: 'steps of a history, on average', value: steps / done, unit: '' },
        { id: 'rate', what: 'histories a second', value: done / took, unit: 'a second' },
        {
          id: 'million',
          what: 'a million histories at this rate',
          value: (million / done) * took,
          unit: 's',
          atMost: 3_600,
        },
      ],
      blocks: [
        {
          kind: 'text',
          text: `A history is 15 to 20 requests of two to four users beside each other, the projector, and at times the doctor, on a table in memory
that a test holds to DynamoDB Local. Chance decides the order of all steps, and what goes wrong at which of them. At its end, and at every
write, the invariants of [architecture.md](architecture.md#invariants) are checked, and what clients were told. A seed replays its history
to the step. Here the seeds were ${seed} to ${seed + histories - 1}: \`npm run simulate -- --seed ${seed} --histories ${histories}\`.`,
        },
        {
          kind: 'table',
          title: 'What happened in these histories',
          columns: ['what', 'times'],
          rows: Object.entries(events)
            .sort()
            .map(([name, count]) => [name, count]),
        },
      ],
    };
  },
};
