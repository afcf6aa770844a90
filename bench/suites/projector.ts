import { newTable } from '../../test/support/table.ts';
import { startDatabase } from '../harness/database.ts';
import { shown } from '../harness/numbers.ts';
import { median, quantile, ratio, summary } from '../harness/statistics.ts';
import type { Figure, Suite } from '../harness/suite.ts';
import { burst, type Load, steady, underLoad } from '../projector/measure.ts';
import { batchSize, projectorWorld } from '../projector/world.ts';

const messages = 1_000;
const rounds = 5;
const steadyRounds = 200;
const parts = [10, 25, 50, 75]; // percent
const loadSeconds = 6;

/** Whether the projector keeps up with what is sent. */
export const projector: Suite = {
  name: 'projector',
  title: 'Projector',
  run: async (bench) => {
    const endpoint = await startDatabase(bench);
    const world = await projectorWorld(await newTable(endpoint), endpoint);
    const progress = (what: string, all: number) => (done: number) => bench.progress(`${what}: ${done}/${all}`);

    bench.progress('burst over ten conversations');
    const ten = await burst(world, { conversations: 10, messages, rounds }, progress('burst over ten', rounds));
    bench.progress('one hot conversation');
    const hot = await burst(world, { conversations: 1, messages, rounds }, progress('one hot conversation', rounds));
    const single = await steady(world, steadyRounds, progress('message by message', steadyRounds));
    const capacity = (1_000 * messages) / median(ten.sending); // messages a second that are sent while nothing else happens
    const loads: Load[] = [];
    for (const part of parts) {
      const rate = (capacity * part) / 100;
      const count = Math.ceil(rate * loadSeconds);
      const doing = progress(`at ${part}% of the load that saturates the database`, count);
      loads.push(await underLoad(world, { conversations: 10, messages: count, rate }, doing));
    }

    const perMessage = (samples: number[], count: number) => median(samples) / count;
    const cases = [
      { name: `burst of ${shown(messages)} over ten conversations`, samples: ten, count: messages },
      { name: `burst of ${shown(messages)} in one hot conversation`, samples: hot, count: messages },
      { name: 'message by message', samples: single, count: 1 },
    ];
    const alone = median(single.projecting);
    const atHalf = loads[parts.indexOf(50)] as Load;
    const faster = (id: string, what: string, samples: typeof ten, atLeast: number): Figure => ({
      id,
      what,
      value: ratio(samples.sending, samples.projecting),
      unit: '×',
      atLeast,
    });
    return {
      figures: [
        faster('burst', 'a burst over ten conversations: projected so much faster than sent', ten, 5),
        faster('hot', 'a burst in one conversation: projected so much faster than sent', hot, 5),
        {
          id: 'steady',
          what: 'message by message: a projection beside its send',
          value: ratio(single.projecting, single.sending),
          unit: '×',
        },
        {
          id: 'lag',
          what: 'at half the load that saturates the database: the lag beside a projection alone',
          value: median(atHalf.lags) / alone,
          unit: '×',
        },
      ],
      blocks: [
        {
          kind: 'text',
          text: `The function of the projector, called with batches of ${batchSize} records as Lambda makes them, beside the sends that the records come
from; both have the same DynamoDB Local. A burst is projected after all of it was sent. In each case, the inboxes are compared with the
heads at the end. ${rounds} rounds for a burst, ${steadyRounds} messages one by one.`,
        },
        {
          kind: 'table',
          title: 'Messages a second',
          columns: ['case', 'sent a second', 'projected a second', 'ratio', 'ms a message, projected'],
          rows: cases.map(({ name, samples: { sending, projecting }, count }) => [
            name,
            1_000 / perMessage(sending, count),
            1_000 / perMessage(projecting, count),
            ratio(sending, projecting),
            perMessage(projecting, count),
          ]),
        },
        {
          kind: 'text',
          text: `Lag under load: ten conversations send at a constant rate, while the projector takes what waits, one batch at a time, as with one
shard. *Lag* is the time from the answer to the sender until the inboxes show the message. The rates are parts of the rate at which the same
conversations send when nothing else uses the database. A projection writes more than twice as much as a send: the more records wait, the
more of them one projection serves. In AWS, Lambda's own polling (four times a second) comes on top. ${loadSeconds} s for each rate.`,
        },
        {
          kind: 'table',
          title: 'Lag by load',
          columns: ['load (%)', 'messages a second', 'lag (ms)', 'p95', 'p99', 'longest queue', 'messages a batch'],
          rows: loads.map(({ rate, lags, longestQueue, batches }, n) => {
            const lag = summary(lags);
            return [parts[n] as number, rate, lag.median, lag.p95, lag.p99, longestQueue, lags.length / batches];
          }),
        },
        {
          kind: 'plot',
          name: 'projector-lag',
          title: 'Lag of the inboxes by load',
          form: 'lines',
          x: { label: '% of the rate that saturates the database' },
          y: { label: 'lag (ms)' },
          series: [
            { name: 'median', points: loads.map(({ lags }, n) => [parts[n] as number, median(lags)]) },
            { name: 'p95', points: loads.map(({ lags }, n) => [parts[n] as number, quantile(lags, 0.95)]) },
          ],
        },
      ],
    };
  },
};
