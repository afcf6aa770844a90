import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, bundle, bundleCommit } from '../cold-start/bundles.ts';
import { lambdaNode } from '../cold-start/lambda-node.ts';
import { kilobytes, loadInTurn } from '../cold-start/measure.ts';
import { toJson } from '../harness/files.ts';
import { median, ratio } from '../harness/statistics.ts';
import type { Suite } from '../harness/suite.ts';

const rounds = 15;

/** What loading a bundle costs. */
interface Load {
  kilobytes: number;
  milliseconds: number;
  /** Beside the whole SDK in the same run. */
  ratio: number;
}

/** The loads at a commit, by function. */
interface Before {
  commit: string;
  functions: Record<string, Load>;
}

// The last commit whose bundles held all of the SDK's and Zod's code that anything imports. `--full` measures it again.
const file = join(import.meta.dirname, '../cold-start/before.json');
const stored: Before = JSON.parse(readFileSync(file, 'utf8'));

/** What a new instance of a function does before its first request: it loads the function's bundle. */
export const coldStart: Suite = {
  name: 'cold-start',
  title: 'Cold start',
  run: async (bench) => {
    const { node, version } = await lambdaNode(bench);
    bench.progress('bundles the functions');
    const { cwd, functions, sdk, leanSdk } = await bundle(bench);
    const earlier = bench.isFull ? await bundleCommit(stored.commit, cwd) : {};
    const was = (name: string) => `${name} at ${stored.commit}`;
    const all: Record<string, Bundle> = { sdk, leanSdk, ...functions };
    for (const [name, each] of Object.entries(earlier)) all[was(name)] = each;
    const samples = await loadInTurn(all, {
      ...{ cwd, node, rounds },
      afterRound: (done) => bench.progress(`round ${done} of ${rounds}`),
    });

    const loadOf = (name: string): Load => ({
      kilobytes: kilobytes(all[name] as Bundle),
      milliseconds: median(samples[name] as number[]),
      ratio: ratio(samples[name] as number[], samples.sdk as number[]),
    });
    let before = stored;
    if (bench.isFull) {
      const loads = Object.keys(earlier).map((name) => [name, loadOf(was(name))]);
      before = { commit: stored.commit, functions: Object.fromEntries(loads) };
      writeFileSync(file, toJson(before));
    }
    const names = Object.keys(functions);
    const send = loadOf('sendMessage');
    const sendBefore = before.functions.sendMessage as Load;
    const row = (name: string, { kilobytes, milliseconds, ratio }: Load, past?: Load) => [
      ...[name, kilobytes, milliseconds, ratio],
      ...(past ? [past.kilobytes, past.ratio] : ['–', '–']),
    ];
    return {
      figures: [
        { id: 'send-ms', what: 'loading sendMessage', value: send.milliseconds, unit: 'ms', atMost: 70 },
        { id: 'send-kb', what: 'its bundle', value: send.kilobytes, unit: 'KB', atMost: 350 },
        { id: 'send-ratio', what: 'loading it beside the whole SDK', value: send.ratio, unit: '×' },
        { id: 'send-ratio-before', what: `the same at ${before.commit}`, value: sendBefore.ratio, unit: '×' },
      ],
      blocks: [
        {
          kind: 'text',
          text: `How long a new process of Node ${version} takes to load each function's bundle, without the start of Node itself: the part of a cold
start that depends on the code. It is compared with loading the AWS SDK alone: the DynamoDB client, the document client and four commands,
bundled and minified by the same settings. The *lean* SDK lacks what the functions leave out of theirs, which
[serverless.yml](../serverless.yml) lists. ${rounds} rounds; in ms, KB of 1,024 bytes, and medians as multiples of the whole SDK's.
*Before* is commit \`${before.commit}\`, with its options of Node; \`--full\` measures it again. A test holds a
[budget](../test/unit/bundles.test.ts) for the size of each bundle.`,
        },
        {
          kind: 'table',
          title: 'Loading a bundle',
          columns: ['function', 'KB', 'ms', '×', 'KB before', '× before'],
          rows: [
            row('the whole SDK', loadOf('sdk')),
            row('the lean SDK', loadOf('leanSdk')),
            ...names.map((name) => row(name, loadOf(name), before.functions[name])),
          ],
        },
        {
          kind: 'plot',
          name: 'cold-start-by-function',
          title: 'Loading a bundle, beside the whole SDK',
          form: 'bars',
          x: { label: '× the whole SDK (median)' },
          y: { label: '', categories: names },
          series: [
            { name: 'now', points: names.map((name, n) => [loadOf(name).ratio, n]) },
            {
              name: 'before',
              points: names.flatMap((name, n): [number, number][] => {
                const past = before.functions[name];
                return past ? [[past.ratio, n]] : [];
              }),
            },
          ],
        },
      ],
    };
  },
};
