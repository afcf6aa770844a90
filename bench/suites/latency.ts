import { localConfig, newTable } from '../../test/support/table.ts';
import { startDatabase } from '../harness/database.ts';
import { ratio, summary } from '../harness/statistics.ts';
import type { Figure, Suite } from '../harness/suite.ts';
import { handlersBesideVerbs } from '../latency/handlers.ts';
import { latencyOf, measured, type SubjectName } from '../latency/measure.ts';

const rounds = 100;

/** How long each verb takes beside the DynamoDB calls that it cannot do without. */
export const latency: Suite = {
  name: 'latency',
  title: 'Latency',
  run: async (bench) => {
    const endpoint = await startDatabase(bench);
    const config = localConfig(endpoint);
    const table = await newTable(endpoint);

    const verbs: ({ name: string } & Record<SubjectName, number[]>)[] = [];
    for (const operation of measured) {
      const afterRound = (done: number) => bench.progress(`${operation.name}: ${done}/${rounds}`);
      verbs.push({ name: operation.name, ...(await latencyOf(table, config, operation, { rounds, afterRound })) });
    }
    const handlers = await handlersBesideVerbs(table, endpoint, {
      rounds,
      progress: bench.progress,
    });

    const figure = (id: string, what: string, name: string, atMost: number): Figure => {
      const samples = verbs.find((each) => each.name === name);
      if (!samples) throw new Error(`${name} is not measured`);
      return { id, what, value: ratio(samples.verb, samples.bare), unit: '×', atMost };
    };
    const send = handlers.at(-1);
    return {
      figures: [
        figure('send', 'a send, beside its bare transaction', 'send, head remembered', 1.15),
        figure('first-contact', 'a first contact, beside its bare calls', 'first contact', 1.15),
        figure('projection', 'a projection, beside its bare calls', 'projection of one message', 1.15),
        figure('page', 'a page of 20 messages, beside its bare calls', 'page of 20 messages', 1.15),
        figure('inbox', 'an inbox page, beside its bare query', 'inbox page of 20', 1.15),
        ...(send
          ? [
              {
                id: 'handler',
                what: 'a send through its handler, beside the verb',
                value: ratio(send.handler, send.verb),
                unit: '×' as const,
              },
            ]
          : []),
      ],
      blocks: [
        {
          kind: 'text',
          text: `Each verb of \`core/\` beside the DynamoDB calls that it makes, made again by a bare SDK client with prepared requests. A read that
a verb repeats is made once. The calls are measured twice: *noise* is the ratio of those two series, and a verb's ratio says no more than
that allows. ${rounds} rounds each; in ms.`,
        },
        {
          kind: 'table',
          title: 'Verbs beside their bare calls',
          columns: ['operation', 'verb', 'p95', 'p99', 'bare calls', 'ratio', 'noise'],
          rows: verbs.map(({ name, verb, bare, 'bare again': again }) => {
            const { median, p95, p99 } = summary(verb);
            return [name, median, p95, p99, summary(bare).median, ratio(verb, bare), ratio(again, bare)];
          }),
        },
        {
          kind: 'text',
          text: `Handlers, called with events as API Gateway makes them, beside the verbs that they call: authentication, parsing, log, metrics and
headers. User and head are remembered, so \`GET /api/me\` is the chain alone.`,
        },
        {
          kind: 'table',
          title: 'Handlers beside their verbs',
          columns: ['route', 'handler', 'p95', 'p99', 'verb', 'difference'],
          rows: handlers.map(({ name, handler, verb }) => {
            const { median, p95, p99 } = summary(handler);
            return [name, median, p95, p99, summary(verb).median, median - summary(verb).median];
          }),
        },
        {
          kind: 'plot',
          name: 'latency',
          title: 'Verbs beside their bare calls',
          form: 'bars',
          x: { label: '× the bare calls (median)' },
          y: { label: '', categories: verbs.map(({ name }) => name) },
          series: [
            { name: 'verb', points: verbs.map(({ verb, bare }, n) => [ratio(verb, bare), n]) },
            { name: 'noise', points: verbs.map(({ bare, 'bare again': again }, n) => [ratio(again, bare), n]) },
          ],
        },
      ],
    };
  },
};
