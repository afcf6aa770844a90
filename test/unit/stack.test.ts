import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inSources } from '../../handlers/middleware/stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'cruddur-stack-'));
afterAll(() => rmSync(folder, { recursive: true }));

// The first column of the first line is from line 5, column 3 of the source.
const map = { version: 3, sources: ['../../../core/table/reads.ts'], names: [], mappings: 'AAIE' };
writeFileSync(join(folder, 'good.cjs.map'), JSON.stringify(map));
writeFileSync(join(folder, 'damaged.cjs.map'), '{"version":');
const at = (bundle: string) =>
  `Error: no table\n    at Fw (${folder}/${bundle}:1:1)\n    at async ${folder}/${bundle}:1:1`;

test('places in a bundle become places in the sources', () => {
  const stack = 'Error: no table\n    at Fw (core/table/reads.ts:5:3)\n    at async core/table/reads.ts:5:3';
  expect(inSources(at('good.cjs'))).toBe(stack);
});

test.each([
  ['a bundle without a source map', at('absent.cjs')],
  ['a bundle whose source map is damaged', at('damaged.cjs')],
  ['Node itself', 'Error\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)'],
  ['a source', 'Error\n    at send (/repository/core/table/reads.ts:5:3)'],
  ['a message', 'Error: 12:30 in good.cjs'],
])('places in %s stay', (_, stack) => {
  expect(inSources(stack)).toBe(stack);
});
