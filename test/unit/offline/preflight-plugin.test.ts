import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import Preflight from '../../../offline/plugins/preflight.mjs';

// The plugin ends the process in the middle of a command of osls: here the exit is an error instead.
const printed: string[] = [];
beforeEach(() => {
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  printed.length = 0;
});

/** No region is set, as on a new machine. */
const withoutRegion = () => {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nonexistent');
};

/** Runs the plugin up to the first hook of a command. */
async function runUpTo(command: string, stage: string, param?: string[], prefixList = 'unknown'): Promise<void> {
  const plugin = new Preflight({
    processedInput: { commands: command.split(' '), isHelpRequest: false, options: param ? { param } : {} },
    getProvider: () => ({ getStage: () => stage }),
    configurationInput: {
      service: 'cruddur-messages',
      functions: { listMessageGroups: {} },
      params: { default: { tableProtection: 'no' }, eu: '$' + '{file(resources/stages/eu.yml)}' },
    },
    serviceDir: '/',
    service: { custom: { webOrigin: '', dynamodbPrefixList: prefixList }, provider: { region: 'mx-central-1' } },
  });
  await plugin.asyncInit?.();
  await plugin.hooks?.initialize?.();
}

test.each([
  ['deploy', 'local', undefined, 'Stage local only exists on this machine'],
  ['info', 'local', undefined, 'choose a stage, as in: serverless info --stage dev'],
  ['logs', 'local', undefined, 'serverless logs --stage dev'],
  ['invoke', 'local', undefined, 'serverless invoke --stage dev'],
  ['deploy', 's'.repeat(30), undefined, 'The stage name '],
  ['package', 's'.repeat(30), undefined, 'The stage name '],
  ['package', 'dev', ['tableProtection=on'], 'The parameter tableProtection '],
  ['remove', 'dev', ['tabelProtection=no'], 'There is no parameter tabelProtection'],
  ['offline start', 'local', ['tableProtection=on'], 'The parameter tableProtection '],
  ['package', 'dev', undefined, 'mx-central-1'],
  ['deploy', 'dev', undefined, 'mx-central-1'],
  ['package', 'dev', ['isWatched=yes'], 'alarmEmail'],
  ['deploy', 'dev', ['isWatched=yes'], 'alarmTopic'],
  ['deploy', 'dev', ['isWatched=yes', 'alarmEmail=ops@example.com'], 'set email'],
  ['deploy', 'eu', undefined, 'resources/stages/eu.yml does not exist'],
])('%s with stage %s and --param %j is refused in one line', async (command, stage, param, beginning) => {
  await expect(runUpTo(command, stage, param)).rejects.toThrow('exit 1');
  expect(printed).toEqual([expect.stringMatching(/^[^\n]+\n$/)]);
  expect(printed[0]).toContain(beginning);
});

test.each(['deploy', 'deploy function', 'remove', 'info', 'logs', 'invoke'])(
  '%s without a region is refused in one line',
  async (command) => {
    withoutRegion();
    await expect(runUpTo(command, 'dev', undefined, 'pl-02cd2c6b')).rejects.toThrow('exit 1');
    expect(printed).toEqual([expect.stringMatching(/^The AWS region is missing: [^\n]+\n$/)]);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    await expect(runUpTo(command, 'dev', undefined, 'pl-02cd2c6b')).resolves.toBeUndefined();
  },
);

test('packaging needs no region', async () => {
  withoutRegion();
  await expect(runUpTo('package', 'dev', undefined, 'pl-02cd2c6b')).resolves.toBeUndefined();
});

test.each([
  ['invoke local', 'local'],
  ['invoke local', 'dev'],
  ['package', 'local'],
  ['offline start', 'local'],
])('%s with stage %s needs nothing', async (command, stage) => {
  await expect(runUpTo(command, stage)).resolves.toBeUndefined();
});

test('a watched stage can be looked at and removed, whether or not somebody hears its alarms', async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  for (const command of ['info', 'logs', 'remove'])
    await expect(runUpTo(command, 'dev', ['isWatched=yes'])).resolves.toBeUndefined();
});
