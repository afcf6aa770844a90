import type { Page } from './harness/page.ts';
import type { Suite } from './harness/suite.ts';
import { costs } from './suites/costs.ts';

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
    suites: [costs],
  },
];

export const suites: Suite[] = pages.flatMap((page) => page.suites);
