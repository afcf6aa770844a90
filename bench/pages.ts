import type { Page } from './harness/page.ts';
import type { Suite } from './harness/suite.ts';
import { region } from './internet/prices.ts';
import { coldStart } from './suites/cold-start.ts';
import { costs } from './suites/costs.ts';
import { internet } from './suites/internet.ts';

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
    suites: [costs, coldStart],
  },
  {
    file: 'docs/scale.md',
    intro: `# Scale

Does this design carry your product? This page says what it costs and where it ends, from ten thousand monthly active users to a billion, and
simulates the busiest night of a year. It is a model: nothing here was measured on AWS. It is made of the service's own settings and [what
its operations cost](measurements.md), of AWS's list prices and default quotas (${region}), and of assumptions on what users do, which stand
at the end of the page. \`npm run bench -- internet\` computes it again.

Realtime (a WebSocket that tells clients of new messages) is designed, but not built. Numbers for it say so.`,
    suites: [internet],
  },
];

export const suites: Suite[] = pages.flatMap((page) => page.suites);
