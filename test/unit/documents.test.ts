import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { program as cognito } from '../../bin/cognito.ts';
import { program as ddb } from '../../bin/ddb.ts';
import { program as reports } from '../../bin/reports.ts';
import { program as stream } from '../../bin/stream.ts';
import { program as users } from '../../bin/users.ts';
import { longestStage, parameters } from '../../offline/preflight/parameters.mjs';
import {
  anchorsOf,
  codeBlocks,
  type Document,
  documentAt,
  documents,
  linksOf,
  prose,
  section,
  tableRows,
} from '../support/documents.ts';
import { stageParams } from '../support/stage-params.ts';

// What the documents name exists: files, headings, tests, commands, options. The commands themselves run in
// test/offline/documents.test.ts.

const root = resolve(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => /\.(ts|mjs|cjs)$/.test(file));
const jsonOf = (file: string) => JSON.parse(textOf(file));

/** What a link of a document leads to: a path from the root, and an anchor in it, empty if none is named. */
function targetOf(document: Document, link: string): { file: string; anchor: string } {
  const [path = '', anchor = ''] = link.split('#');
  return { file: path === '' ? document.file : join(dirname(document.file), path), anchor };
}

test('the README has at most 1,300 words', () => {
  const words = documentAt('README.md').text.split(/\s+/).filter(Boolean);
  expect(words.length).toBeGreaterThan(500);
  expect(words.length).toBeLessThanOrEqual(1_300);
});

describe.each(documents)('$file', (document) => {
  const relative = linksOf(document).filter((link) => !/^https?:/.test(link));

  test('every relative link leads to a file, and its anchor to a heading', () => {
    const broken = relative.filter((link) => {
      const { file, anchor } = targetOf(document, link);
      if (!existsSync(join(root, file))) return true;
      return anchor !== '' && !anchorsOf(documentAt(file)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('no heading occurs twice, so that each anchor leads to one place', () => {
    if (document.file === 'CHANGELOG.md') return; // each version has the same headings
    const anchors = anchorsOf(document);
    expect(anchors).toEqual([...new Set(anchors)]);
  });

  test('every npm script that it names exists', () => {
    const named = [...document.text.matchAll(/npm run (?:--silent )?([\w:]+)|npm (start|test)\b/g)];
    const scripts = Object.keys(jsonOf('package.json').scripts);
    expect(named.map(([, script, short]) => script ?? short).filter((name = '') => !scripts.includes(name))).toEqual(
      [],
    );
  });
});

describe('docs/architecture.md', () => {
  const architecture = documentAt('docs/architecture.md');

  test('every term of the glossary links to its file, in alphabetical order', () => {
    const terms = tableRows(section(architecture, 'Glossary')).map(([term = '']) => term);
    expect(terms.length).toBeGreaterThan(20);
    const named = terms.map((term) => /^\[([^\]]+)\]\([^)#]+\.\w+\)$/.exec(term)?.[1]);
    expect(named).not.toContain(undefined);
    expect(named).toEqual(named.toSorted());
  });

  const rowsOf = (heading: string) => tableRows(section(architecture, heading)).map((row) => [row[0], row.at(-1)]);
  const heldByTests = ['Invariants', 'Made to behave like AWS', 'What still differs on your machine'];

  test.each(heldByTests.flatMap(rowsOf))('%s', (_, holder = '') => {
    const [, link = '', beginning = ''] = /^\[[^\]]+\]\((\S+\.test\.ts)\): “(.+)”$/.exec(holder) ?? [];
    expect(link).not.toBe('');
    const source = textOf(targetOf(architecture, link).file);
    // A test's name stands behind `test(`, or behind the cases of a `test.each(…)(`.
    const names = [...source.matchAll(/\btest(?:\.each(?:<[^;]*?>)?\([^;]*?\))?\(\s*(['"`])(.*?)\1,/gs)];
    expect(names.map(([, , name = '']) => name).filter((name) => name.startsWith(beginning))).not.toEqual([]);
  });
});

test('every path that CONTRIBUTING.md names exists', () => {
  const named = [...prose(documentAt('CONTRIBUTING.md')).matchAll(/`([^`\s]+)`/g)].map(([, code = '']) => code);
  const paths = named.filter((code) =>
    /^[\w.-]+(\/[\w.-]+)*(\/|\.(ts|mts|tsx|mjs|cjs|yml|yaml|md|json|txt))$/.test(code),
  );
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe('docs/operations.md', () => {
  const operations = documentAt('docs/operations.md');
  const nameIn = (cell = '') => cell.replaceAll('`', '');

  test('the parameters are those of the code, with their allowed values and defaults', () => {
    const { custom } = parse(textOf('serverless.yml'), { logLevel: 'silent' });
    const params = stageParams();
    expect(custom.dynamodbPrefixList).toContain('param:dynamodbPrefixList');
    const rows = tableRows(section(operations, 'Stages and parameters'));
    const documented = rows.map(([name, allowed, ...defaults]) => [
      nameIn(name),
      allowed,
      ...defaults.slice(0, 2).map(nameIn),
    ]);
    const shown = (value: unknown) => (value === '' || value === undefined ? 'none' : String(value));
    const expected = Object.entries(parameters.shape).map(([name, { description }]) => [
      name,
      description,
      shown({ ...params.default, ...params.prod }[name]),
      shown(params.default?.[name]),
    ]);
    expect(documented).toEqual(expected);
    for (const column of [4, 5]) expect(rows.map((row) => row.at(column) || undefined)).not.toContain(undefined);
  });

  test('the longest name of a stage is that of the code', () => {
    const { service, functions } = parse(textOf('serverless.yml'), { logLevel: 'silent' });
    const longest = longestStage(service, Object.keys(functions));
    expect(section(operations, 'Stages and parameters')).toContain(`a stage name of more than ${longest} characters`);
  });

  test('the variables of the local stack are read somewhere', () => {
    const sources = ['serverless.yml', ...['offline', 'bin'].flatMap(filesIn)].map(textOf).join();
    const names = tableRows(section(operations, 'Settings of the local stack')).map(([name]) => nameIn(name));
    expect(names).toContain('HTTP_PORT');
    expect(names.filter((name) => !new RegExp(`(env[.:]|process\\.env\\.)${name}\\b`).test(sources))).toEqual([]);
  });
});

test('a rollback stops each function that writes what the last version cannot read', () => {
  const { functions } = parse(textOf('serverless.yml'), { logLevel: 'error' }) as {
    functions: Record<string, { dependsOn?: string[] }>;
  };
  const unknownBefore = Object.keys(functions).filter((name) =>
    functions[name]?.dependsOn?.includes('SendMessageLambdaFunction'),
  );
  const stopped = commandsInAws().flatMap(
    (line) => /^aws lambda put-function-concurrency .*-prod-(\w+)$/.exec(line)?.[1] ?? [],
  );
  // Version 0.2 takes names from heads and rows, which a change of a name does not reach.
  expect(stopped.toSorted()).toEqual([...unknownBefore, 'updateProfile'].toSorted());
});

test('package.json, its lock file and CHANGELOG.md name the same version', () => {
  const [, newest] = /^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$/m.exec(documentAt('CHANGELOG.md').text) ?? [];
  const lock = jsonOf('package-lock.json');
  expect([jsonOf('package.json').version, lock.version, lock.packages[''].version]).toEqual([newest, newest, newest]);
});

// A tag says how the commands of a block are tested.
describe('blocks of commands', () => {
  const runByTests = ['tour', 'control', 'operator', 'sign-up', 'import', 'contribute'];

  test('each has a tag, and each tag is tested', () => {
    const shell = codeBlocks.filter(({ info }) => !['mermaid', 'yaml', 'ts'].includes(info));
    const known = [...runByTests, 'ci', 'aws'].map((tag) => `sh ${tag}`);
    expect(shell.filter(({ info }) => !known.includes(info))).toEqual([]);
    const tests = ['test/offline', 'test/unit']
      .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
      .filter((file) => file.endsWith('.test.ts'))
      .map(textOf)
      .join();
    for (const tag of runByTests) expect(tests).toContain(`commandsTagged('${tag}')`);
  });

  test('of installing, starting and testing: .ci/run runs them', () => {
    const commands = codeBlocks.filter(({ info }) => info === 'sh ci').flatMap(({ code }) => code.trim().split('\n'));
    expect(commands).toContain('npm start');
    const run = linesRunBy('.ci/run');
    expect(commands.filter((command) => !run.includes(command))).toEqual([]);
  });

  test.each(commandsInText())('in a sentence: %s is a command with these options', (line) => {
    const [program = '', ...words] = line.split(/\s+/);
    expectOperator(program, words);
  });

  test.each(commandsInAws())('in AWS: %s is a command with these options', (line) => {
    const [program = '', ...words] = line.split(/\s+/);
    if (program === 'aws' || /^\w+=/.test(program)) return; // AWS's own programs are not here to ask
    if (program === 'npx') expectServerless(words.slice(1));
    else expectOperator(program, words);
  });
});

/** The commands of a script, with those of the scripts that it calls; ` &` at the end of a command is left out. */
const linesRunBy = (script: string): string[] =>
  textOf(script)
    .split('\n')
    .map((line) => line.replace(/ &$/, ''))
    .flatMap((line) => (/^\.ci\/\w+$/.test(line) ? linesRunBy(line) : [line]));

/** The lines of the blocks that need AWS, without comments, a continued line as one. */
function commandsInAws(): string[] {
  return codeBlocks
    .filter(({ info }) => info === 'sh aws')
    .flatMap(({ code }) => code.replaceAll(/\\\n\s*|"\[\n[\s\S]*?\]"/g, ' ').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter(Boolean);
}

/** The commands of the operator that sentences and tables name, such as `bin/ddb doctor`; `bin/ddb` alone is the program. */
const commandsInText = (): string[] =>
  documents.flatMap((document) => [...prose(document).matchAll(/`(bin\/\w+ [^`]+)`/g)].map(([, line = '']) => line));

const optionsIn = (words: string[]) => words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);

/** The commands of osls with their options, as osls itself checks them. */
function expectServerless(words: string[]): void {
  const require = createRequire(import.meta.url);
  const schema: Map<string, { options: object }> = require('serverless/lib/cli/commands-schema/aws-service.js');
  const [command = ''] = words;
  expect([...schema.keys()]).toContain(command);
  const known = Object.keys(schema.get(command)?.options ?? {}).map((name) => `--${name}`);
  expect(optionsIn(words).filter((option = '') => !known.includes(option))).toEqual([]);
}

function expectOperator(program: string, words: string[]): void {
  const programs: Record<string, Command> = {
    'bin/ddb': ddb,
    'bin/cognito': cognito,
    'bin/users': users,
    'bin/reports': reports,
    'bin/stream': stream,
  };
  const command = programs[program]?.commands.find((each) => each.name() === words[0]);
  expect(command, `${program} ${words[0]}`).toBeDefined();
  const known = command?.options.map(({ long }) => long);
  expect(optionsIn(words).filter((option) => !known?.includes(option))).toEqual([]);
}
