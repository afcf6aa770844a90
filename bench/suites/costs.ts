import { localConfig, newTable } from '../../test/support/table.ts';
import { budgets, type Cost, differences, type OperationName } from '../costs/budgets.ts';
import { costMeter, operationNames } from '../costs/measure.ts';
import { startDatabase } from '../harness/database.ts';
import type { Figure, Plot, Suite } from '../harness/suite.ts';

const bursts = [1, 2, 3, 5, 10, 20, 50, 100]; // 100: the size of a batch in serverless.yml

/** What each operation costs in AWS. */
export const costs: Suite = {
  name: 'costs',
  title: 'Costs',
  run: async (bench) => {
    const endpoint = await startDatabase(bench);
    const meter = costMeter(await newTable(endpoint), localConfig(endpoint));
    const measured = new Map<OperationName, Cost>();
    for (const name of operationNames) {
      bench.progress(name);
      measured.set(name, await meter.costOf(name));
    }
    meter.stop();

    const unitsOf = (name: OperationName) => (measured.get(name) as Cost).writeUnits;
    const allIn = (send: OperationName, projection: OperationName, burst: number) =>
      unitsOf(send) + unitsOf(projection) / burst;
    const short = (burst: number) => allIn('send, head remembered', 'projection of one message', burst);
    const long = (burst: number) =>
      allIn('send of 1,024 emoji, longest names', 'projection of 1,024 emoji over 1,024 emoji, longest names', burst);

    const figure = (id: string, what: string, value: number, atMost: number): Figure => ({
      id,
      what,
      value,
      unit: 'units',
      atMost,
    });
    const plot: Plot = {
      kind: 'plot',
      name: 'costs-by-burst',
      title: 'Write units of a message and its share of the projection',
      form: 'lines',
      x: { label: 'messages of one conversation in a batch of the stream', scale: 'log' },
      y: { label: 'write units a message' },
      series: [
        { name: '60 characters', points: bursts.map((burst) => [burst, short(burst)]) },
        { name: '1,024 emoji, longest names', points: bursts.map((burst) => [burst, long(burst)]) },
      ],
    };
    const changed = operationNames.filter((name) => differences(measured.get(name) as Cost, budgets[name]).length > 0);
    return {
      figures: [
        figure('send', 'write units of a send', unitsOf('send, head remembered'), 4),
        figure('send-with-key', 'with an Idempotency-Key', unitsOf('send with Idempotency-Key, head remembered'), 6),
        figure('projection', 'of a projection', unitsOf('projection of one message'), 10),
        figure('single', 'of a message by itself, all in', short(1), 14),
        figure('burst', 'of a message in a burst of ten, all in', short(10), 5),
        figure(
          'first-contact',
          'of a first contact, all in',
          unitsOf('first contact') + unitsOf('projection after a first contact'),
          14,
        ),
        figure('mark-as-read', 'of marking as read', unitsOf('mark as read'), 4),
      ],
      blocks: [
        {
          kind: 'text',
          text: `The write and read units, the requests to DynamoDB and the function runs of each operation. DynamoDB Local reports the same
capacity for every transaction, so the units are computed from the real items by the rules that DynamoDB documents
([rules.ts](../bench/costs/rules.ts)). Each is held by a budget in [budgets.ts](../bench/costs/budgets.ts):
[costs.test.ts](../test/table/costs.test.ts) fails when an operation costs more. A message has 60 characters where nothing else is
said. *All in* is a message with its share of the projection; Lambda reads the stream without a charge.`,
        },
        {
          kind: 'table',
          title: 'Cost of each operation',
          columns: ['operation', 'write units', 'read units', 'requests', 'function runs'],
          rows: operationNames.map((name) => {
            const { writeUnits, readUnits, requests, functionRuns } = measured.get(name) as Cost;
            return [name, writeUnits, readUnits, requests, functionRuns];
          }),
        },
        ...(changed.length > 0
          ? [{ kind: 'text' as const, text: `**These differ from their budgets: ${changed.join('; ')}.**` }]
          : []),
        plot,
      ],
    };
  },
};
