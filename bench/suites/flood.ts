import { defaultLimits } from '../../core/model/limits.ts';
import { unlimited } from '../../test/support/limits.ts';
import { type Flood, flood } from '../flood/flood.ts';
import { quantile } from '../harness/statistics.ts';
import type { Suite } from '../harness/suite.ts';
import { readSettings } from '../internet/settings.ts';

const rates = [20, 40, 70, 100]; // requests a second
const { rate: mostOfApi } = readSettings().limitOf('POST /api/messages');
const seconds = 10;
/** The default ones, without the limit of messages to a user who has not answered: it would end the flood. */
const limited = { ...defaultLimits, messages_before_reply: unlimited.messages_before_reply };

/** How many functions one user can keep busy who sends into one conversation as fast as they can. */
export const flooding: Suite = {
  name: 'flood',
  title: 'One user floods a conversation',
  async run({ progress }) {
    const measured: { perSecond: number; without: Flood; within: Flood }[] = [];
    for (const perSecond of rates) {
      progress(`${perSecond} messages a second`);
      const options = { perSecond, seconds };
      measured.push({
        perSecond,
        without: await flood(unlimited, options),
        within: await flood(limited, options),
      });
    }
    progress(`${mostOfApi} messages a second`);
    const atMost = await flood(limited, { perSecond: mostOfApi, seconds });
    const inFlight = (which: 'without' | 'within') => Math.max(...measured.map((each) => each[which].inFlight));
    const refusals = measured.flatMap(({ within }) => within.refusals);
    const row = (perSecond: number, name: string, of: Flood) => [
      perSecond,
      name,
      of.inFlight,
      of.stored,
      of.refused,
      of.busy,
      Math.round(Math.max(0, ...of.refusals)),
      Math.round(Math.max(0, ...of.others)),
    ];
    return {
      figures: [
        { id: 'without', what: 'requests under way at once, without limits', value: inFlight('without'), unit: '' },
        { id: 'within', what: 'the same with the limits', value: inFlight('within'), unit: '', atMost: 16 },
        {
          id: 'most-of-api',
          what: `the same at the ${mostOfApi} requests a second that API Gateway lets through`,
          value: atMost.inFlight,
          unit: '',
        },
        {
          id: 'most-refusals',
          what: 'until 95 of 100 requests over the limit are answered',
          value: quantile(refusals, 0.95),
          unit: 'ms',
        },
        {
          id: 'refusal',
          what: 'until the slowest request over the limit is answered',
          value: Math.max(...refusals),
          unit: 'ms',
          atMost: 250,
        },
      ],
      blocks: [
        {
          kind: 'text',
          text: `One user sends into one conversation at a steady rate for ${seconds} seconds, and does not wait for answers. Each request is served by a
function of its own that remembers nothing, 20 ms a round trip from the table; a transaction keeps others from its items for 4 ms, as DynamoDB
does with \`TransactionConflict\`. In virtual time, so that the computer's speed does not matter. The limits: [limits.ts](../core/model/limits.ts).`,
        },
        {
          kind: 'table',
          title: 'By the rate of the requests',
          columns: [
            'a second',
            'limits',
            'under way at once',
            'stored',
            '429',
            '503',
            'slowest 429, ms',
            'slowest other, ms',
          ],
          rows: measured.flatMap(({ perSecond, without, within }) => [
            row(perSecond, 'none', without),
            row(perSecond, 'default', within),
          ]),
        },
      ],
    };
  },
};
