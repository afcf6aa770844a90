import type { Page } from './harness/page.ts';
import type { Line } from './harness/readme.ts';
import type { Suite } from './harness/suite.ts';
import { region } from './internet/prices.ts';
import { besideOthers } from './suites/beside-others.ts';
import { coldStart } from './suites/cold-start.ts';
import { costs } from './suites/costs.ts';
import { flooding } from './suites/flood.ts';
import { growth } from './suites/growth.ts';
import { internet } from './suites/internet.ts';
import { latency } from './suites/latency.ts';
import { projector } from './suites/projector.ts';
import { realtime } from './suites/realtime.ts';
import { safeguards } from './suites/safeguards.ts';
import { simulation } from './suites/simulation.ts';

/** The documents of the measurements, with their suites in the order of the sections. */
export const pages: Page[] = [
  {
    file: 'docs/measurements.md',
    intro: `# Measurements

\`npm run bench\` measures everything on this page and writes it again; \`npm run bench -- costs\` measures one suite. Nothing here is
typed by hand: the page is composed from the JSON files in [measurements/](measurements). The suites start their own DynamoDB Local and
talk to this machine only.

A time by itself says more about the machine than about the service. So what is compared is measured in the same run, one call of each in
turn, and given as the ratio of the medians (×).`,
    suites: [costs, latency, growth, projector, coldStart, besideOthers, flooding, realtime, simulation, safeguards],
  },
  {
    file: 'docs/scale.md',
    intro: `# Scale

Does this design carry your product? This page says what it costs and where it ends, from ten thousand monthly active users to a billion, what an
attacker costs, and simulates the busiest night of a year. It is a model: nothing here was measured on AWS. It is made of the service's own settings and [what
its operations cost](measurements.md), of AWS's list prices and default quotas (${region}), and of assumptions on what users do, which stand
at the end of the page. \`npm run bench -- internet\` computes it again.

By default clients are told of changes over a WebSocket (realtime); where it is switched off or blocked, they poll. Both are computed.`,
    suites: [internet],
  },
];

export const suites: Suite[] = pages.flatMap((page) => page.suites);

/** The README's table. */
export const mainFigures: Line[] = [
  {
    suite: 'costs',
    what: 'write units of a message with its projection',
    value: '{single}; {burst} in a burst of ten',
  },
  { suite: 'latency', what: 'time of a send, beside its bare DynamoDB transaction', value: '{send}' },
  { suite: 'growth', what: 'time of a page in a conversation of 10,000 messages, beside one of 100', value: '{page}' },
  {
    suite: 'beside-others',
    what: 'projection of a burst of 1,000 messages, beside the original service’s algorithm',
    value: '{burst-original} as fast',
  },
  {
    suite: 'beside-others',
    what: 'histories with faults in which something went wrong',
    value: '{damaged}; {damaged-original} with the original’s algorithm',
  },
  { suite: 'cold-start', what: 'loading the function that sends', value: '{send-ms}, {send-kb}' },
];
