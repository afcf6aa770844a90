import { startDatabase } from '../harness/database.ts';
import { shown } from '../harness/numbers.ts';
import { ratio, sum, summary } from '../harness/statistics.ts';
import type { Block, Figure, Suite, Table } from '../harness/suite.ts';
import { createCommon } from '../others/common.ts';
import { allOperations, costsOf, type MessageCost, type Operation } from '../others/compare-costs.ts';
import { kinds, type Outcome, outcomesOf, total } from '../others/compare-faults.ts';
import { burst, burstTimes, sendTimes, shownTimes, singleTimes, type Times } from '../others/compare-times.ts';
import { damages } from '../others/damage.ts';
import type { Design, Place } from '../others/design.ts';
import { createOriginal } from '../others/original.ts';
import { createOurs } from '../others/ours.ts';
import type { Variant } from '../others/talk.ts';

const histories = 6; // of each kind of fault

/** What two other designs cost, how fast they are, and what goes wrong in them, on the same DynamoDB Local. */
export const besideOthers: Suite = {
  name: 'beside-others',
  title: 'Beside other designs',
  run: async (bench) => {
    const endpoint = await startDatabase(bench);
    const progressOf = (doing: string) => (done: number) => bench.progress(`${doing}, round ${done}`);
    const designs = await createAll({ endpoint, withStream: false });
    const variants = designs.map(toVariant);
    const [original, common, ours] = variants as [Variant, Variant, Variant];
    const withKey = { ...ours, name: 'ours, with Idempotency-Key', withKey: true };
    const all = [...variants, withKey];
    const projecting = [original, ours];

    bench.progress('costs');
    const costs = new Map<string, Map<Operation, MessageCost>>();
    for (const variant of all) costs.set(variant.name, await costsOf(variant, endpoint));
    const sends = await sendTimes(all, endpoint, { rounds: 300, afterRound: progressOf('sends') });
    const singles = await singleTimes(projecting, endpoint, { rounds: 200, afterRound: progressOf('projects') });
    const bursts = await burstTimes(projecting, endpoint, { bursts: 1, progress: bench.progress });
    const outcomes = await outcomesOf(designs, endpoint, { histories, progress: bench.progress });
    // Last: DynamoDB Local writes the more slowly, the more records its streams hold.
    const followed = (await createAll({ endpoint, withStream: true })).map(toVariant);
    const shows = await shownTimes(followed, endpoint, { rounds: 60, afterRound: progressOf('shows') });

    const totalOf = ({ name }: Design) => total(outcomes.get(name)?.values() ?? []);
    const timesOf = (times: Times, { name }: Variant) => times[name] ?? [];
    const against = (times: Times, other: Variant) => ratio(timesOf(times, ours), timesOf(times, other));
    const throughput = (variant: Variant) =>
      (burst.batch * 1_000 * timesOf(bursts, variant).length) / sum(timesOf(bursts, variant));
    const ofOurs = totalOf(ours.design);
    const figures: Figure[] = [
      times('send-original', 'a send, beside the original', against(sends, original)),
      times('send-common', 'a send, beside the common design', against(sends, common)),
      times('shown-original', 'until both inboxes show a message, beside the original', against(shows, original)),
      times('shown-common', 'until both inboxes show a message, beside the common design', against(shows, common)),
      times('projection-original', 'a projection message by message, beside the original', against(singles, original)),
      { id: 'burst', what: 'messages projected in a burst', value: throughput(ours), unit: 'a second' },
      times('burst-original', 'the same, beside the original', throughput(ours) / throughput(original)),
      { ...count('damaged', `histories in which something went wrong, of ${ofOurs.histories}`, ofOurs), atMost: 0 },
      count('damaged-original', 'the same, in the original', totalOf(original.design)),
      count('damaged-common', 'the same, in the common design', totalOf(common.design)),
    ];
    return {
      figures,
      blocks: [
        text(`Two other designs, written anew from their descriptions, with their own tables in the same DynamoDB Local:

- the **original** ([original.ts](../bench/others/original.ts)), the algorithm of the service that this one follows. A message is put without
  a condition. A function on the stream queries an index for the rows of each record's conversation, deletes each and puts it with the time
  of the message. A batch write creates a conversation.
- the **common design** ([common.ts](../bench/others/common.ts)) of serverless chats. One transaction writes the message and, in a second
  table with an index by last activity, a row for each of the two users. Messages are not numbered, and the unread ones are not counted.

Both do less: neither counts unread messages, and neither lets a client repeat a request.`),
        {
          kind: 'table',
          title: 'Cost of a message, with all that follows it: write units / read units / requests to DynamoDB',
          columns: ['', ...all.map(({ name }) => name)],
          rows: allOperations.map((operation) => [
            operation,
            ...all.map(({ name }) => costCell(costs.get(name)?.get(operation))),
          ]),
        },
        timesTable('Time of a send until its answer', all, sends, ours),
        timesTable('Time from the request until both inboxes show the message', followed, shows, ours),
        text(`The stream is read without a pause here; Lambda polls it four times a second. In the common design nothing has to be waited for, but
its inboxes are read from an index, which in AWS follows a moment later. In DynamoDB Local an index is never behind, so the original's
function never finds rows at their earlier place either.`),
        timesTable('Time of a projection, message by message', projecting, singles, ours),
        {
          kind: 'table',
          title: `Burst of ${shown(burst.messages)} messages over ${burst.conversations} conversations, in batches of ${burst.batch}`,
          columns: ['design', 'ours beside it, ×', 'messages a second'],
          rows: projecting.map((variant) => [
            variant.name,
            throughput(ours) / throughput(variant),
            throughput(variant),
          ]),
        },
        text(`All messages are stored before the first batch is projected. The original works record by record; this service writes the rows of each
conversation once, with the newest message, and has nothing to do for the rest: the larger the burst, the larger the difference.`),
        ...faultBlocks(designs, outcomes),
      ],
    };
  },
};

const createAll = (place: Place) => Promise.all([createOriginal(place), createCommon(place), createOurs(place)]);
const toVariant = (design: Design): Variant => ({ name: design.name, design, withKey: false });
const times = (id: string, what: string, value: number): Figure => ({ id, what, value, unit: '×' });
const count = (id: string, what: string, { damaged }: Outcome): Figure => ({ id, what, value: damaged, unit: '' });
const text = (of: string): Block => ({ kind: 'text', text: of });
const costCell = (cost: MessageCost | undefined) =>
  cost ? [cost.writeUnits, cost.readUnits, cost.requests].map(shown).join(' / ') : '';

function timesTable(title: string, variants: Variant[], times: Times, reference: Variant): Table {
  const ofReference = times[reference.name] ?? [];
  return {
    kind: 'table',
    title: `${title}, ${ofReference.length} rounds`,
    columns: ['design', 'ours beside it, ×', 'median, ms', 'p95, ms', 'p99, ms'],
    rows: variants.map(({ name }) => {
      const samples = times[name] ?? [];
      const { median, p95, p99 } = summary(samples);
      return [name, ratio(ofReference, samples), median, p95, p99];
    }),
  };
}

function faultBlocks(designs: Design[], outcomes: Map<string, Map<string, Outcome>>): Block[] {
  const names = designs.map(({ name }) => name);
  const outcomeOf = (name: string, kind: string) => outcomes.get(name)?.get(kind);
  return [
    text(`The same random histories in each design ([schedule.ts](../bench/others/schedule.ts)): three users, two conversations, about ten
messages 10 ms apart, each with one kind of fault that is possible in AWS; clocks differ by up to 50 ms. The tables say what a fault can do,
not how often it happens. At the end one checker ([damage.ts](../bench/others/damage.ts)),
which knows no design, compares what the users did with what each of them sees.`),
    {
      kind: 'table',
      title: `Histories in which something went wrong, of ${histories} each`,
      columns: ['fault', ...names],
      rows: kinds.map((kind) => [kind, ...names.map((name) => outcomeOf(name, kind)?.damaged ?? '')]),
    },
    {
      kind: 'table',
      title: 'What went wrong in them',
      columns: ['', ...names],
      rows: damages.map((damage) => [
        damage,
        ...designs.map(({ name, markRead }) =>
          damage === 'wrong unread counts' && !markRead
            ? 'has none'
            : total(outcomes.get(name)?.values() ?? []).damage[damage],
        ),
      ]),
    },
    {
      kind: 'plot',
      name: 'beside-others-faults',
      title: `Histories in which something went wrong, of ${histories} each`,
      form: 'bars',
      x: { label: 'histories' },
      y: { label: 'fault', categories: [...kinds] },
      series: names.map((name) => ({
        name,
        points: kinds.map((kind, n) => [outcomeOf(name, kind)?.damaged ?? 0, n]),
      })),
    },
    text(`The common design has no function that could fail, and the id of a conversation follows from its users, so faults of these kinds
cannot harm it. DynamoDB refuses one of two transactions that meet on an item, and the common design would answer that with an error; DynamoDB
Local never does.`),
  ];
}
