import { afterEach, expect, test, vi } from 'vitest';
import Preflight from '../../../offline/plugins/preflight.mjs';

afterEach(() => vi.restoreAllMocks());

/** @returns what the preflight of a command prints when it refuses */
function refusalOf(command: string, { stage = 'local', webOrigin = '', serviceDir = '/' }): string | undefined {
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit code ${code}`);
  });
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const serverless = {
    processedInput: { commands: command.split(' '), isHelpRequest: false, options: {} },
    getProvider: () => ({ getStage: () => stage }),
    configurationInput: { params: {} },
    service: { custom: { webOrigin } },
    serviceDir,
  };
  try {
    new Preflight(serverless);
    return undefined;
  } catch (error) {
    expect((error as Error).message).toBe('exit code 1');
    return printed.mock.calls.join('');
  }
}

test.each([
  ['offline', 'local'],
  ['offline start', 'local'],
  ['package', 'dev'],
  ['deploy', 'dev'],
])('`serverless %s` refuses a WEB_ORIGIN that is not an origin, in one line', (command, stage) => {
  expect(refusalOf(command, { stage, webOrigin: 'localhost:14300' })).toMatch(/^WEB_ORIGIN: [^\n]+\n$/);
  expect(refusalOf(command, { stage, webOrigin: 'http://localhost:14300/' })).toBeUndefined();
});

test('`serverless logs` does not look at WEB_ORIGIN', () => {
  expect(refusalOf('logs', { stage: 'dev', webOrigin: 'localhost:14300' })).toBeUndefined();
});

test('`serverless offline` refuses a checkout that cannot be used, in one line', () => {
  expect(refusalOf('offline', { serviceDir: '/tmp/a?b' })).toMatch(/^The path of this checkout [^\n]+\n$/);
});
