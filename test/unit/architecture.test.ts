import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

// The layers, from the top. Every import goes down or stays in its layer, and no imports form a circle.
const floors: [name: string, holds: RegExp][] = [
  ['handlers and commands', /^(handlers|bin)\//],
  ['verbs', /^core\/(doctor\/)?[\w-]+\.ts$/],
  ['table and user pool', /^core\/(table|user-pool)\//],
  ['model', /^core\/model\//],
  ['errors', /^core\/errors\.ts$/],
];
const floorOf = (file: string) => floors.findLastIndex(([, holds]) => holds.test(file));

const root = resolve(import.meta.dirname, '../..');
const sources = ['core', 'handlers', 'bin'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const importsOf = (file: string) =>
  [...textOf(file).matchAll(/^(?:import|export) [^;]*?from '([^']+)'/gms)].map(([, name = '']) =>
    name.startsWith('.') ? normalize(join(dirname(file), name)) : name,
  );
const modules = sources.map((file) => ({ file, imports: importsOf(file) }));

test('the test finds the modules and their imports', () => {
  expect(modules.length).toBeGreaterThan(30);
  expect(importsOf('core/send-message.ts')).toContain('core/start-conversation.ts');
  expect(modules.every(({ file }) => floorOf(file) >= 0)).toBe(true);
});

test.each(modules)('$file imports only from its layer or lower ones', ({ file, imports }) => {
  for (const other of imports.filter((name) => sources.includes(name))) {
    expect(floorOf(other), `${file} imports ${other}`).toBeGreaterThanOrEqual(floorOf(file));
  }
  // The commands use the local stack and its seeds. Deployed modules may import neither.
  const forbidden = file.startsWith('bin/') ? /^(test|handlers)\// : /^(test|offline|seeds|bin)\//;
  const outside = imports.filter((name) => name.startsWith('.') || forbidden.test(name));
  expect(outside).toEqual([]);
});

test('no imports form a circle', () => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    expect(path, [...path, file].join(' → ')).not.toContain(file);
    if (done.has(file)) return;
    for (const other of importsOf(file).filter((name) => sources.includes(name))) visit(other, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});

describe('each of these has one place:', () => {
  const importersOf = (packages: RegExp) =>
    modules.filter(({ imports }) => imports.some((name) => packages.test(name))).map(({ file }) => file);

  test('the SDK in core/table and core/user-pool, except for the operator’s own requests to AWS', () => {
    const files = importersOf(/^@(aws-sdk|smithy)\//).filter((file) => !/^core\/(table|user-pool)\//.test(file));
    expect(files).toEqual(['bin/console/failure-queue.ts', 'bin/console/pool.ts']);
  });

  test('Lambda, middy and Powertools in handlers', () => {
    const files = importersOf(/^(@middy\/|@aws-lambda-powertools\/|aws-lambda$)/);
    expect(files.filter((file) => !file.startsWith('handlers/'))).toEqual([]);
  });

  test('in core/model only the model, the errors and the schema library', () => {
    const packages = modules.filter(({ file }) => file.startsWith('core/model/')).flatMap(({ imports }) => imports);
    expect(packages.filter((name) => !/^(core\/model\/|core\/errors\.ts$|zod$)/.test(name))).toEqual([]);
  });

  test('the spelling of keys in core/table/items.ts', () => {
    const spelled = /['"`][A-Z]+#|\b(GRP|MSG|HEAD|PAIR|USR|HANDLE|COGNITO|SENT)#/;
    const code = (file: string) => textOf(file).replace(/^\s*(\*|\/\*\*|\/\/).*$/gm, '');
    expect(sources.filter((file) => spelled.test(code(file)))).toEqual(['core/table/items.ts']);
  });

  test('the environment in the entry points, never in the core', () => {
    const readers = sources.filter((file) => /process\.env|IS_OFFLINE/.test(textOf(file)));
    expect(readers.filter((file) => !file.startsWith('bin/'))).toEqual([
      'handlers/deps.ts',
      'handlers/site/settings.ts',
    ]);
  });
});

test('a handler has the name of the verb that it calls', () => {
  const verbless = ['handlers/http/unknown-route.ts', 'handlers/site/page.ts', 'handlers/site/open-api.ts']; // there is nothing to do in the domain

  const handlers = sources.filter(
    (file) =>
      /^handlers\/[\w-]+\//.test(file) && /^export const handler = /m.test(textOf(file)) && !verbless.includes(file),
  );
  expect(handlers).toHaveLength(13);
  for (const file of handlers) expect(sources).toContain(`core/${basename(file)}`);
});
