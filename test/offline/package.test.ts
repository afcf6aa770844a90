import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizes } from '../../bench/internet/attack.ts';
import { bundleAsDeployed, filesInZip, importPackaged } from '../support/bundle.ts';
import { commandsTagged } from '../support/documents.ts';
import { runServerless } from '../support/stack.ts';
import { mistakes } from '../support/template-mistakes.ts';
import {
  functionsOf,
  given,
  type Stage,
  stages,
  type Template,
  webOrigins,
} from '../support/template-rules/template.ts';
import { rules } from '../support/template-rules.ts';

// Packages the service without AWS credentials, and checks what would be deployed.
const folders = {} as Record<Stage, string>;
const templates = {} as Record<Stage, Template>;

const noCredentials = {
  ...{ AWS_PROFILE: undefined, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
  ...{ AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined, AWS_CONFIG_FILE: '/nonexistent' },
};
// Variables of the local stack that are set by mistake: none may reach the template.
const localSwitches = {
  AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:8000',
  AWS_ENDPOINT_URL: 'http://localhost:8000',
  LOG_FORMAT: 'text-of-the-local-stack',
  VERBOSE: 'verbose-of-the-local-stack',
};

const paramsOf = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([name, value]) => ['--param', `${name}=${value}`]);

beforeAll(async () => {
  for (const stage of stages) {
    const folder = await mkdtemp(join(tmpdir(), 'cruddur-package-'));
    folders[stage] = folder;
    const env = { ...noCredentials, ...localSwitches, WEB_ORIGIN: webOrigins[stage] };
    const options = ['--stage', stage, '--package', folder, ...paramsOf(given[stage])];
    const { code, stderr } = await runServerless(['package', ...options], env, 60_000);
    expect(code, stderr).toBe(0);
    const text = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
    templates[stage] = JSON.parse(text);
  }
}, 120_000);
afterAll(() => Promise.all(Object.values(folders).map((folder) => rm(folder, { recursive: true }))));

describe.each(stages)('stage %s', (stage) => {
  test.each(rules)('$name', ({ violations }) => {
    const hint = 'Change serverless.yml or resources/, or, if the rule is outdated, test/support/template-rules/';
    expect(violations(templates[stage], stage), hint).toEqual([]);
  });
});

describe('each mistake breaks exactly the rules that it names', () => {
  const linesOf = ({ violations }: (typeof rules)[number], template: Template) => violations(template, 'prod');

  test.each(mistakes)('$name', ({ make, found }) => {
    const template = structuredClone(templates.prod);
    make(template.Resources, template);
    // The tests above show violations of the template itself; these are the ones that the mistake adds.
    const finders = rules.filter((rule) => {
      const before = new Set(linesOf(rule, templates.prod));
      return linesOf(rule, template).some((line) => !before.has(line));
    });
    expect(finders.map(({ name }) => name).toSorted()).toEqual(found.toSorted());
  });

  test('every rule has a mistake that breaks it, and a unique name', () => {
    const found = new Set(mistakes.flatMap((mistake) => mistake.found));
    const hint = 'Add a mistake for each rule in test/support/template-mistakes/, with the rule’s name in `found`';
    expect(rules.map(({ name }) => name).toSorted(), hint).toEqual([...found].toSorted());
  });
});

test('no stage has a switch for how the local stack prints', () => {
  for (const stage of stages) expect(JSON.stringify(templates[stage])).not.toMatch(/LOG_FORMAT|-of-the-local-stack/);
});

test('resources.prod.txt lists the resources of prod, for reviews', async () => {
  const lines = Object.entries(templates.prod.Resources).map(([id, { Type }]) => `${id} ${Type}\n`);
  await expect(lines.toSorted().join('')).toMatchFileSnapshot('resources.prod.txt');
});

test('the resources that the runbook imports do not depend on the rest of the stack', async () => {
  const [script = ''] = commandsTagged('import');
  await promisify(execFile)(
    'bash',
    ['-euc', script.replaceAll('./.serverless/', './').replaceAll('.serverless/', '')],
    {
      cwd: folders.prod,
    },
  );
  const { Resources } = JSON.parse(await readFile(join(folders.prod, 'kept.json'), 'utf8'));
  expect(Object.keys(Resources)).toEqual(['MessagesTable', 'CognitoUserPoolPeople']);
  expect(JSON.stringify(Resources)).not.toMatch(/"(Ref|Fn::\w+|DependsOn|Condition)":/);
  for (const { DeletionPolicy } of Object.values<{ DeletionPolicy: string }>(Resources))
    expect(DeletionPolicy).toBe('Retain');
});

test('with a topic of the operator’s own, alarms and budget notify that one, and the stack makes none', async () => {
  const topic = 'arn:aws:sns:us-east-1:123456789012:on-call';
  const { alarmEmail, ...others } = given.prod;
  const options = [
    '--stage',
    'prod',
    '--path',
    'resources',
    '--format',
    'json',
    ...paramsOf({ ...others, alarmTopic: topic }),
  ];
  const { code, stdout, stderr } = await runServerless(['print', ...options], noCredentials, 60_000);
  expect(code, stderr).toBe(0);
  const { Resources, Conditions } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Template;
  const notified = Object.values(Resources).flatMap(({ Properties: { AlarmActions = [], OKActions = [] } }) => [
    ...AlarmActions,
    ...OKActions,
  ]);
  expect([...new Set(notified)]).toEqual([topic]);
  expect(JSON.stringify(Resources.MonthlyBudget)).toContain(`"Address":"${topic}"`);
  const made = Object.entries(Resources).filter(
    ([, { Condition }]) => !/^HasAlarm(Topic|Email)$/.test(String(Condition)),
  );
  expect(JSON.stringify(made)).not.toContain('{"Ref":"Alarms"}');
  expect(Conditions.HasAlarmTopic['Fn::And'][1]).toEqual({ 'Fn::Equals': [topic, ''] });
});

// osls skips a deployment that changes nothing. It compares these three with those of the last deployment.
test('two packages of one commit are the same', async () => {
  const { normalizeState, normalizeCloudFormationTemplate } = createRequire(import.meta.url)(
    'serverless/lib/plugins/aws/lib/normalize-files.js',
  );
  for (const { name } of functionsOf(templates.prod)) {
    const [dev, prod] = await Promise.all(stages.map((stage) => readFile(join(folders[stage], `${name}.zip`))));
    expect(dev?.equals(prod as Buffer), `${name}.zip depends on the process that packaged it`).toBe(true);
  }
  const ofProcess = /\b\d{13}\b|\d{4}-\d\d-\d\dT\d\d:|"[^"]*cruddur-package-[^"]*"/; // the time of its start, or its folder
  for (const stage of stages) {
    const state = JSON.parse(await readFile(join(folders[stage], 'serverless-state.json'), 'utf8'));
    expect(ofProcess.exec(JSON.stringify(normalizeState(state)))?.[0]).toBeUndefined();
    expect(ofProcess.exec(JSON.stringify(normalizeCloudFormationTemplate(templates[stage])))?.[0]).toBeUndefined();
  }
});

describe('bundles', () => {
  test('each is one file, the one that test/unit/bundles.test.ts tests, and loads within two seconds', async () => {
    const functions = functionsOf(templates.prod);
    const tested = await bundleAsDeployed(join(folders.prod, 'bundles'));
    expect(functions.length).toBeGreaterThan(0);
    for (const { name, Properties } of functions) {
      const files = await filesInZip(join(folders.prod, `${name}.zip`));
      const [bundle, ...others] = files.filter((file) => file.name.endsWith('.cjs'));
      expect(others).toEqual([]);
      const [, module, handler] = /^(.*)\.(\w+)$/.exec(Properties.Handler) ?? [];
      expect(bundle?.name).toBe(`${module}.cjs`);

      const content = bundle?.content ?? Buffer.alloc(0);
      const { milliseconds, exports } = await importPackaged(files, String(bundle?.name));
      console.log(`import of ${name}: ${Math.round(milliseconds)} ms, ${Math.round(content.length / 1024)} KB`);
      expect(exports).toContain(handler);
      expect(content.equals(await readFile(tested[name] as string)), `${name} is not what bundleAsDeployed makes`).toBe(
        true,
      );
      expect(milliseconds).toBeLessThan(2_000);
    }
  });
});

test('only the package of the page contains the web client, also compressed, whose first script is at most 120 KB', async () => {
  const page = await filesInZip(join(folders.prod, 'page.zip'));
  const client = page.filter(({ name }) => name.startsWith('web/dist/'));
  expect(client.map(({ name }) => name)).toContain('web/dist/robots.txt');
  expect(client.filter(({ name }) => /\/\./.test(name))).toEqual([]);
  const html = String(client.find(({ name }) => name === 'web/dist/index.html')?.content);
  const [, script] = /src="\/(assets\/[^"]+\.js)"/.exec(html) ?? [];
  const scriptFile = client.find(({ name }) => name === `web/dist/${script}`);
  // The page’s script is all that the browser loads before it shows the page. Other scripts follow when a form gets the focus.
  const kilobytes = gzipSync(scriptFile?.content ?? '').length / 1024;
  console.log(`first load: ${Math.round(kilobytes)} KB of JavaScript, compressed`);
  expect(html).not.toContain('modulepreload');
  expect(kilobytes).toBeGreaterThan(50);
  expect(kilobytes).toBeLessThanOrEqual(120);
  const largest = Math.max(...client.map(({ content }) => content.length));
  expect(largest, 'bench/internet/attack.ts').toBeLessThanOrEqual(sizes.largestFile);
  expect(largest, 'bench/internet/attack.ts').toBeGreaterThan(0.75 * sizes.largestFile);
  expect(html.length, 'bench/internet/attack.ts').toBeLessThanOrEqual(sizes.page);
  const contentOf = new Map(client.map(({ name, content }) => [name, content]));
  for (const [name, content] of contentOf) {
    if (!/\.(js|css|html|md)$/.test(name)) continue;
    expect(brotliDecompressSync(contentOf.get(`${name}.br`) ?? '').equals(content), name).toBe(true);
    expect(gunzipSync(contentOf.get(`${name}.gz`) ?? '').equals(content), name).toBe(true);
  }
  for (const { name } of functionsOf(templates.prod).filter(({ name }) => name !== 'page')) {
    const others = await filesInZip(join(folders.prod, `${name}.zip`));
    expect(others.filter((file) => file.name.startsWith('web/'))).toEqual([]);
  }
});

describe.concurrent('an incomplete deployment is rejected before it starts, in one line', () => {
  const deploy = (env: NodeJS.ProcessEnv, ...options: string[]) =>
    runServerless(['deploy', '--stage', 'prod', ...options], { ...noCredentials, ...env }, 20_000);
  const decided = paramsOf(given.prod);

  test.each([
    { lacks: 'a valid WEB_ORIGIN', run: () => deploy({ WEB_ORIGIN: 'chat.example.com' }), names: 'WEB_ORIGIN' },
    {
      lacks: 'the prefix list of its region',
      run: () => deploy({}, '--region', 'mx-central-1', ...decided),
      names: 'com.amazonaws.mx-central-1.dynamodb',
    },
    {
      lacks: 'a valid parameter',
      run: () => deploy({}, '--param', 'logRetentionInDays=13'),
      names: 'logRetentionInDays',
    },
    { lacks: 'an address or a topic for its alarms', run: () => deploy({}), names: 'alarmEmail' },
  ])('$lacks', async ({ run, names }) => {
    const { code, stderr } = await run();
    expect(code).toBe(1);
    const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Deploying ')); // the first line of osls
    expect(lines).toEqual([expect.stringContaining(names)]);
  });
});
