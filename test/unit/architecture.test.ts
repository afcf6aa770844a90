import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

// The folders are floors of a house, listed here from the top. A file imports only from its own floor or from one below it that `from`
// allows, and no imports form a circle. docs/architecture.md shows the same as a map.
const client = /^web\/src\/|^core\/model\/text\.ts$/;
const deployed = /^(handlers|core)\//;
const floors: { name: string; holds: RegExp; from: RegExp }[] = [
  { name: 'client: start', holds: /^web\/src\/(main|app)\.tsx$/, from: client },
  { name: 'client: pages', holds: /^web\/src\/pages\//, from: client },
  { name: 'client: parts', holds: /^web\/src\/parts\//, from: client },
  { name: 'client: data', holds: /^web\/src\/data\//, from: client },
  { name: 'client: API', holds: /^web\/src\/api\//, from: client },
  // The measurements start databases and functions as the tests do.
  {
    name: 'measurements: command',
    holds: /^bench\/[\w-]+\.ts$/,
    from: /^(bench|test\/(support|faults|simulation)|handlers|bin|offline|seeds|admin|core)\//,
  },
  {
    name: 'measurements: suites',
    holds: /^bench\/suites\//,
    from: /^(bench|test\/(support|faults|simulation)|handlers|bin|offline|seeds|admin|core)\//,
  },
  {
    name: 'measurements: subjects',
    holds: /^bench\/(?!harness\/)[\w-]+\//,
    from: /^(bench|test\/(support|faults|simulation)|handlers|bin|offline|seeds|admin|core)\//,
  },
  { name: 'measurements: harness', holds: /^bench\/harness\//, from: /^(bench\/harness|test\/support)\// },
  {
    name: 'commands',
    holds: /^bin\//,
    // An export by an operator has the lines that the user gets.
    from: /^(bin|offline|seeds|admin|core)\/|^handlers\/http\/views\.ts$/,
  },
  { name: 'handlers', holds: /^handlers\//, from: deployed },
  { name: 'local stack', holds: /^offline\//, from: /^(offline|seeds|admin|core)\// },
  { name: 'seeds', holds: /^seeds\//, from: /^(seeds|admin|core)\// },
  {
    name: 'operator programs',
    holds: /^admin\/(?!table\/|doctor\/rules\/|import\/import-batches\.ts$)/,
    from: /^(admin|core)\//,
  },
  { name: 'operator table access', holds: /^admin\/table\//, from: /^(admin|core)\// },
  { name: 'operator rules', holds: /^admin\/(doctor\/rules\/|import\/import-batches\.ts$)/, from: /^(admin|core)\// },
  { name: 'verbs', holds: /^core\/(?!errors\.ts$)[\w-]+\.ts$/, from: /^core\// },
  { name: 'table, user pool and sockets', holds: /^core\/(table|user-pool|sockets)\//, from: /^core\// },
  { name: 'model', holds: /^core\/model\//, from: /^core\// },
  { name: 'errors', holds: /^core\/errors\.ts$/, from: /^core\// },
];
const floorOf = (file: string) => floors.findIndex(({ holds }) => holds.test(file));

const root = resolve(import.meta.dirname, '../..');
const folders = ['core', 'admin', 'handlers', 'bin', 'offline', 'seeds', 'web/src', 'bench'];
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mjs|cjs)$/.test(name))
    .map((name) => join(folder, name)),
);
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const codeOf = (file: string) => textOf(file).replace(/^\s*(\*|\/\*\*|\/\/).*$/gm, '');
const importsOf = (file: string, code = codeOf(file)) =>
  [...code.matchAll(/^(?:import|export)\s[^;]*?from '([^']+)'|^import '([^']+)'|\b(?:tsI|i)mport\('([^']+)'/gms)]
    .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
    .map((name) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name));
const modules = sources.map((file) => ({ file, imports: importsOf(file) }));

test('this test reads every source file of the repository', () => {
  expect(importsOf('core/send-message.ts')).toContain('core/start-conversation.ts');
  for (const folder of folders) {
    expect(
      modules.filter(({ file, imports }) => file.startsWith(`${folder}/`) && imports.length > 0),
      folder,
    ).not.toEqual([]);
  }
  const homeless = sources.filter((file) => floorOf(file) < 0);
  expect(homeless, 'these files are on no floor: move them, or add their folder to `floors`').toEqual([]);
});

test.each(modules)('$file imports from its own floor or a lower one', ({ file, imports }) => {
  const floor = floorOf(file);
  const from = floors[floor]?.from ?? /^$/;
  const wrong = imports.filter((name) => sources.includes(name) && (floorOf(name) < floor || !from.test(name)));
  expect(
    wrong,
    `${file} is of "${floors[floor]?.name}": move what it needs down to a floor it may import from`,
  ).toEqual([]);
  const outside = imports.filter((name) => name.startsWith('..') || (name.startsWith('test/') && !from.test(name)));
  expect(outside, `${file} imports what is no source: move that into a source folder`).toEqual([]);
});

test('no imports form a circle', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const other of importsOf(file).filter((name) => sources.includes(name))) visit(other, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  expect(circles, 'move what two files of a circle share into a third one').toEqual([]);
});

test('core/ holds only code that a deployed function uses', () => {
  const reached = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const other of importsOf(file).filter((name) => sources.includes(name))) visit(other);
  };
  for (const file of sources.filter((name) => name.startsWith('handlers/'))) visit(file);
  const unreached = sources.filter((file) => file.startsWith('core/') && !reached.has(file));
  expect(unreached, 'no handler reaches these files: move them to admin/, or delete them').toEqual([]);
});

test('the packages in the bundles of functions and client are the `dependencies` of package.json', () => {
  const code = (file: string) => codeOf(file).replace(/^(import|export) type\s[^;]*?;/gms, ''); // types do not ship
  const reached = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const name of importsOf(file, code(file))) {
      if (sources.includes(name)) visit(name);
      else if (!/^node:|^web\/.*\.css$/.test(name)) packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    }
  };
  sources
    .filter((name) => name.startsWith('handlers/') && /^export const handler = /m.test(textOf(name)))
    .forEach(visit);
  visit('web/src/main.tsx');
  const { dependencies } = JSON.parse(textOf('package.json'));
  const hint =
    'Move what ships to `dependencies` and what does not to `devDependencies`, then run npm install --package-lock-only';
  expect(Object.keys(dependencies), hint).toEqual([...packages].toSorted());
});

describe('is used or written in certain places only:', () => {
  const importersOf = (packages: RegExp) =>
    modules.filter(({ imports }) => imports.some((name) => packages.test(name))).map(({ file }) => file);
  const outside = (files: string[], where: RegExp) => files.filter((file) => !where.test(file));

  test('the AWS SDK: in table, user-pool and sockets folders, the commands’ clients, the local stack, the measurements and the browser’s sign-in', () => {
    const where =
      /^(core|admin)\/(table|user-pool|sockets)\/|^bin\/console\/(failure-queue|pool)\.ts$|^(offline|bench)\/|^web\/src\/api\/cognito\.ts$/;
    expect(outside(importersOf(/^@(aws-sdk|smithy)\//), where), 'move the call into core/table or admin/table').toEqual(
      [],
    );
  });

  test('Lambda, middy and Powertools: in handlers/', () => {
    const files = importersOf(/^(@middy\/|@aws-lambda-powertools\/|aws-lambda$)/);
    const where = /^(handlers|offline|bench)\//; // local stack and measurements invoke the functions: they need the types of their events
    expect(outside(files, where), 'the core knows nothing of Lambda: move this into handlers/').toEqual([]);
  });

  test('in core/model/: the model, the errors and the schema library', () => {
    const packages = modules.filter(({ file }) => file.startsWith('core/model/')).flatMap(({ imports }) => imports);
    expect(
      outside(packages, /^(core\/model\/|core\/errors\.ts$|zod\/mini$)/),
      'the model is pure: move this up',
    ).toEqual([]);
  });

  test('the whole of Zod: outside the bundles', () => {
    const where =
      /^(admin|offline)\/|^handlers\/((open|async)api\/|http\/view-schemas\.ts$|socket\/frame-schemas\.ts$)/;
    expect(outside(importersOf(/^zod$/), where), 'import zod/mini: a bundle contains only what it uses of it').toEqual(
      [],
    );
  });

  test('the spelling of keys: in core/table/items.ts', () => {
    const spelled = /['"`][A-Z]+#|\b(GRP|MSG|HEAD|PAIR|USR|HANDLE|COGNITO|SENT|CONN|TICKET)#/;
    const files = sources.filter((file) => spelled.test(codeOf(file)));
    const where = /^core\/table\/items\.ts$|^bench\/others\//; // what others store has other keys
    expect(outside(files, where), 'import the key function of core/table/items.ts').toEqual([]);
  });

  test('the conditions of writes: in core/table/conditions.ts', () => {
    const files = sources.filter((file) => /attribute_(not_)?exists\(|\w = :\w/.test(codeOf(file)));
    const reads = /^(core|admin)\/table\/(reads|scan)\.ts$/; // key conditions and a filter
    const updates = /^core\/table\/write-requests\.ts$/; // the update expression
    const others = /^bench\/others\//; // not ours
    const allowed = [/^core\/table\/conditions\.ts$/, reads, updates, others];
    expect(
      files.filter((file) => !allowed.some((where) => where.test(file))),
      'add the condition to core/table/conditions.ts, or use the one that is there',
    ).toEqual([]);
  });

  test('clock, chance and waiting: in core/table/runtime.ts, which a simulation replaces', () => {
    const asked =
      /Date\.now|new Date\(\)|Math\.random|randomUUID|randomBytes|performance\.|setTimeout|setInterval|timers/;
    const files = sources.filter((file) => file.startsWith('core/') && asked.test(codeOf(file)));
    const where = /^core\/(table\/runtime|user-pool\/client)\.ts$/; // no simulation reaches the user pool
    expect(outside(files, where), 'take it from `table.runtime`, or through `deps`').toEqual([]);
  });

  test('the environment: read at the edge, never in core/ or admin/', () => {
    const readers = sources.filter((file) => /process\.env|IS_OFFLINE/.test(codeOf(file)));
    const edge = /^(bin|offline|bench)\/|^handlers\/(deps|sockets|realtime-url|site\/settings)\.ts$/;
    expect(outside(readers, edge), 'take the value as a parameter, or through `deps`').toEqual([]);
  });
});

test('a handler has the name of the verb that it calls', () => {
  const verbless = ['unknown-route.ts', 'page.ts', 'open-api.ts']; // no verb of the domain stands behind these
  const handlers = sources.filter((file) => /^handlers\//.test(file) && /^export const handler = /m.test(textOf(file)));
  const misnamed = handlers.filter((file) => {
    const name = basename(file);
    return !verbless.includes(name) && !sources.includes(`core/${name}`);
  });
  expect(handlers).not.toEqual([]);
  expect(misnamed, 'give the handler and the file of its verb in core/ the same name').toEqual([]);
});
