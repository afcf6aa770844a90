import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../bin/console/cli.ts';
import { CommandError } from '../../bin/console/command-error.ts';
import { errorLine } from '../../bin/console/error-line.ts';
import { openTarget } from '../../bin/console/target.ts';
import { domainError } from '../../core/errors.ts';

// An error as the SDK throws it: with the status if there was an answer, and without it if all attempts failed.
const sdkError = (name: string, message: string, rest: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: { attempts: 3 }, ...rest });
const answered = (name: string, message: string, httpStatusCode = 400) =>
  sdkError(name, message, { $metadata: { httpStatusCode, attempts: 1 } });
const connection = (code: string, message: string, rest: object = {}) => sdkError('Error', message, { code, ...rest });

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

describe('in AWS, the line for', () => {
  test.each([
    ['no network', connection('ENOTFOUND', 'getaddrinfo ENOTFOUND x'), 'AWS cannot be reached: getaddrinfo'],
    ['a refused connection', connection('ECONNREFUSED', '', { errors: [{ port: 443 }] }), 'AWS cannot be reached'],
    ['a reset connection', connection('ECONNRESET', 'read ECONNRESET'), 'AWS cannot be reached: read'],
    ['a bad certificate', connection('CERT_HAS_EXPIRED', 'certificate has expired'), 'AWS cannot be reached'],
    ['a timeout', sdkError('TimeoutError', 'Socket timed out'), 'AWS cannot be reached'],
    ['a missing region', new Error('Region is missing'), 'The AWS region is missing'],
    ['no credentials', sdkError('CredentialsProviderError', 'none'), 'There are no valid AWS credentials'],
    ['an ended session', sdkError('TokenProviderError', 'Token is expired'), 'There are no valid AWS credentials'],
    ['expired credentials', answered('ExpiredTokenException', 'expired'), 'AWS does not accept the credentials'],
    ['a wrong key', answered('UnrecognizedClientException', 'invalid'), 'AWS does not accept the credentials'],
    ['a missing table', answered('ResourceNotFoundException', 'not found'), 'AWS has no such table'],
    ['a refusal', answered('AccessDeniedException', 'not authorized'), 'AWS refuses the request: AccessDenied'],
    ['a page of a proxy', answered('SyntaxError', 'Unexpected token <', 200), 'The answer is not from AWS'],
  ])('%s', (_, error, beginning) => {
    const line = errorLine(error, true);
    expect(line.startsWith(beginning), line).toBe(true);
    expect(line).not.toMatch(/npm start|DYNAMODB_PORT|\n/);
    const saysAnswered = /^AWS (refuses|does not accept|has no)/.test(line);
    const hasAnswered = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined;
    expect(saysAnswered && !hasAnswered).toBe(false);
  });
});

describe('on the local stack, the line for', () => {
  test.each([
    ['no database', connection('ECONNREFUSED', '', { errors: [{ port: 8000 }] }), 'No DynamoDB answers on port 8000'],
    ['no pool', connection('ECONNREFUSED', '', { port: 9229 }), 'No user pool answers on port 9229 (COGNITO_PORT)'],
    ['a reset connection', connection('ECONNRESET', 'read ECONNRESET'), 'The local stack does not answer (ECONNRESET)'],
    ['a timeout', sdkError('TimeoutError', 'Socket timed out'), 'The local stack does not answer (TimeoutError)'],
    ['a missing table', answered('ResourceNotFoundException', 'not found'), 'There is no such table on port 8000'],
    ['another answer', answered('SyntaxError', 'Unexpected token <', 200), 'Request to the local stack failed'],
  ])('%s', (_, error, beginning) => {
    vi.stubEnv('DYNAMODB_PORT', '');
    vi.stubEnv('COGNITO_PORT', '');
    const line = errorLine(error, false);
    expect(line.startsWith(beginning), line).toBe(true);
    expect(line).not.toContain('\n');
  });
});

describe('anywhere, the line for', () => {
  const unreadable = () => readFileSync('/no/such/file');
  const thrownBy = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return error;
    }
    throw new Error('nothing was thrown');
  };

  test.each([
    ['a file', thrownBy(unreadable), "The command failed: ENOENT: no such file or directory, open '/no/such/file'"],
    ['what the operator did', new CommandError('Add --yes.'), 'Add --yes.'],
    ['a domain error', domainError('handle_unknown'), 'No user has this handle: bin/users list shows all handles.'],
    ['a bug', new TypeError('x is not a function\nsecond line'), 'Unexpected error: TypeError: x is not a function'],
    ['what is no error', 'text', 'Unexpected error: Error: text'],
    ['an error of a child process', thrownBy(() => execFileSync('/no/such/program')), 'Unexpected error: Error: spawn'],
  ])('%s', (_, error, beginning) => {
    for (const isInAws of [true, false]) {
      expect(errorLine(error, isInAws).startsWith(beginning), errorLine(error, isInAws)).toBe(true);
      expect(errorLine(error, isInAws)).not.toContain('\n');
    }
  });

  test('a bug names the place with VERBOSE=1', () => {
    vi.stubEnv('VERBOSE', '1');
    expect(errorLine(new TypeError('x'), false)).toContain(import.meta.filename);
  });
});

test('a command that fails without expecting it ends with one line and exit code 2', async () => {
  const printed = vi.spyOn(console, 'error').mockReturnValue();
  const program = new Command('p').action(() => {
    throw new RangeError('unexpected');
  });
  await run(program, ['node', 'p']);
  expect(printed.mock.calls).toEqual([['Unexpected error: RangeError: unexpected (VERBOSE=1 prints where)']]);
  expect(process.exitCode).toBe(2);
});

describe('a target that cannot be', () => {
  test.each(['abc', '99999', '0', '0x1F90', '-1', '80 '])('DYNAMODB_PORT=%j is named', (port) => {
    vi.stubEnv('DYNAMODB_PORT', port);
    expect(() => openTarget({})).toThrow(`DYNAMODB_PORT is "${port}": use a port number from 1 to 65535.`);
  });

  test('a region that is none is named', () => {
    expect(() => openTarget({ stage: 'dev', region: 'eu north' })).toThrow('"eu north" is not an AWS region');
  });
});
