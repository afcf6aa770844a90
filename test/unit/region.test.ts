import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTarget } from '../../bin/console/target.ts';
import { findRegion, region } from '../../resources/region.cjs';

// `serverless` and the commands in bin/ must find the same region: otherwise a command works on another table than the deployed one.
const folder = mkdtempSync(join(tmpdir(), 'cruddur-region-'));
afterAll(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'config');
writeFileSync(
  config,
  '[default]\nregion = eu-west-2\n[profile mine]\nregion = eu-west-1\n[profile bare]\noutput = json\n',
);

beforeEach(() => {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
});
afterEach(() => vi.unstubAllEnvs());

const everything = { AWS_REGION: 'eu-north-1', AWS_DEFAULT_REGION: 'us-west-2', AWS_CONFIG_FILE: config };

test.each([
  [{ region: 'us-west-1', profile: 'mine' }, everything, 'us-west-1'],
  [{ profile: 'mine' }, everything, 'eu-north-1'],
  [{ profile: 'mine' }, { ...everything, AWS_REGION: undefined }, 'us-west-2'],
  [{ profile: 'mine' }, { ...everything, AWS_REGION: '' }, 'us-west-2'],
  [{ profile: 'mine' }, { AWS_CONFIG_FILE: config, AWS_REGION: '', AWS_DEFAULT_REGION: '' }, 'eu-west-1'],
  [{ profile: 'mine' }, { AWS_CONFIG_FILE: config }, 'eu-west-1'],
  [{}, { AWS_CONFIG_FILE: config, AWS_PROFILE: 'mine' }, 'eu-west-1'],
  [{}, { AWS_CONFIG_FILE: config }, 'eu-west-2'],
  [{}, { AWS_CONFIG_FILE: config, AWS_PROFILE: 'bare' }, undefined],
  [{ profile: 'unknown' }, { AWS_CONFIG_FILE: config }, undefined],
  [{}, {}, undefined],
])('%j with %j is the region %s, for serverless and for the commands', async (options, env, expected) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect(await findRegion(options)).toBe(expected);
  const ofCommand = async () => {
    const target = openTarget({ stage: 'dev', ...options });
    expect(target.region).not.toBe('');
    return target.table.client.config.region();
  };
  if (expected) expect(await ofCommand()).toBe(expected);
  else await expect(ofCommand()).rejects.toThrow();
});

test('stage local, and packaging without a region, take any region', async () => {
  const ofStage = (stage: string, options = {}) => region({ options, resolveVariable: async () => stage });
  expect(await ofStage('local', { region: 'eu-west-1' })).toBe('us-east-1');
  expect(await ofStage('dev', { region: 'eu-west-1' })).toBe('eu-west-1');
  expect(await ofStage('dev')).toBe('us-east-1');
});
