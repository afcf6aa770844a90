import { expect, test } from 'vitest';
import { withMainFigures } from '../../../bench/harness/readme.ts';
import type { Measurement } from '../../../bench/harness/suite.ts';

const readme = `# Title

<!-- The table is written by \`npm run bench\`. -->
anything
<!-- End of the table. -->

The end.
`;
const measurement = {
  suite: 'costs',
  figures: [
    { id: 'send', what: 'a send', value: 4, unit: 'units' },
    { id: 'in-burst', what: 'in a burst', value: 5, unit: 'units' },
  ],
} as Measurement;
const stored = new Map([['costs', measurement]]);
const line = { suite: 'costs', what: 'a message', value: '{send}; {in-burst} in a burst' };

test('the table of the README has the stored figures, and the rest stays', () => {
  const text = withMainFigures(readme, [line, { ...line, suite: 'not-measured' }], stored);
  expect(text).toContain('| what | measured |\n|---|---|\n| a message | 4 units; 5 units in a burst |\n\n<!-- End');
  expect(text).not.toContain('anything');
  expect(text).toMatch(/^# Title\n[\s\S]*The end\.\n$/);
  expect(withMainFigures(text, [line], stored)).toBe(text);
});

test('a figure that no suite has, or a README without a place, is an error', () => {
  expect(() => withMainFigures(readme, [{ ...line, value: '{other}' }], stored)).toThrow('no figure "other"');
  expect(() => withMainFigures('# Title', [line], stored)).toThrow('no place for the table');
});
