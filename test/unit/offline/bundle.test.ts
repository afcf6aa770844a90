import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type BundleSettings,
  type Bundles,
  bundleFunctions,
  describeFailure,
  whileUnchanged,
} from '../../../offline/bundle.ts';
import { eventually } from '../../support/eventually.ts';

const settings: BundleSettings = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  exclude: [],
  outputFileExtension: '.cjs',
  outputWorkFolder: '.esbuild',
};

let root: string;
let bundles: Bundles | undefined;
let rebuilt: number;
let failures: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cruddur-bundle-'));
  rebuilt = 0;
  failures = [];
  write('core/shared.ts', `export const shared = 'first';`);
  write('handlers/http/one.ts', `import { shared } from '../../core/shared.ts'; export const handler = () => shared;`);
  write('handlers/stream/two.ts', `export const handler = () => 2;`);
});
afterEach(async () => {
  await bundles?.stop();
  bundles = undefined;
  rmSync(root, { recursive: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

async function bundle(): Promise<void> {
  const handlers = ['handlers/http/one.handler', 'handlers/stream/two.handler'];
  bundles = await bundleFunctions(root, handlers, join(root, 'out'), settings, {
    rebuilt: () => rebuilt++,
    failed: (errors) => failures.push(errors),
  });
}

const bundled = (name: string) => readFileSync(join(root, 'out/handlers', name), 'utf8');

test('each function has a bundle at the path of its source', async () => {
  await bundle();
  expect(bundled('http/one.cjs')).toContain('first');
  expect(bundled('stream/two.cjs')).not.toContain('first');
});

test('a change of a source is bundled again, also one that an editor writes by renaming', async () => {
  await bundle();
  write('core/shared.ts', `export const shared = 'second';`);
  await eventually(async () => expect(bundled('http/one.cjs')).toContain('second'));
  write('draft', `export const shared = 'third';`);
  renameSync(join(root, 'draft'), join(root, 'core/shared.ts'));
  await eventually(async () => expect(bundled('http/one.cjs')).toContain('third'));
  await eventually(async () => expect(rebuilt).toBeGreaterThanOrEqual(2));
});

test('a new folder is watched too', async () => {
  await bundle();
  write('core/model/new.ts', `export const shared = 'of the new folder';`);
  write('core/shared.ts', `export { shared } from './model/new.ts';`);
  await eventually(async () => expect(bundled('http/one.cjs')).toContain('of the new folder'));
  write('core/model/new.ts', `export const shared = 'changed in it';`);
  await eventually(async () => expect(bundled('http/one.cjs')).toContain('changed in it'));
});

test('a source with an error is reported with its place, and the last good bundle stays', async () => {
  await bundle();
  write('core/shared.ts', `export const shared = ;`);
  await eventually(async () => expect(failures[0]).toContain('core/shared.ts:1:22'));
  expect(bundled('http/one.cjs')).toContain('first');
  write('core/shared.ts', `export const shared = 'corrected';`);
  await eventually(async () => expect(bundled('http/one.cjs')).toContain('corrected'));
});

test('a source that is emptied and then written in parts keeps its last good bundle until it is complete', async () => {
  await bundle();
  write('handlers/http/one.ts', ''); // builds without an error
  await eventually(async () => expect(failures.at(-1)).toContain('handlers/http/one.ts does not export "handler"'));
  write('handlers/http/one.ts', `const complete = 1; export const handler = () => [complete`);
  await eventually(async () => expect(failures.at(-1)).toContain('handlers/http/one.ts:1:'));
  expect(bundled('http/one.cjs')).toContain('first');
  expect(rebuilt).toBe(0);
  write('handlers/http/one.ts', `const complete = 1; export const handler = () => [complete];`);
  await eventually(async () => expect(bundled('http/one.cjs')).toContain('complete'));
});

test('after a folder of sources is gone, changes are bundled again', async () => {
  write('core/model/new.ts', '');
  await bundle();
  rmSync(join(root, 'core/model'), { recursive: true });
  write('core/shared.ts', `export const shared = 'second';`);
  await eventually(async () => expect(bundled('http/one.cjs')).toContain('second'));
});

test('a build during which a source has changed does not count', async () => {
  const states = ['half', 'more', 'complete', 'complete'];
  const outcomes = ['of half', 'of more', 'of all'];
  expect(
    await whileUnchanged(
      async () => states.shift() ?? '',
      async () => outcomes.shift(),
    ),
  ).toBe('of all');
});

test('a first build that fails throws, with the place of each error', async () => {
  write('handlers/http/one.ts', `import './missing.ts';`);
  const error = await bundle().catch((error: unknown) => error);
  expect(await describeFailure(error)).toContain('handlers/http/one.ts:1:7');
});
