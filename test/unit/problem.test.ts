import { expect, test } from 'vitest';
import { DomainError, domainError, type ErrorCode } from '../../core/errors.ts';
import { parse } from '../../core/model/parse.ts';
import { signUpSchema } from '../../core/model/user.ts';
import { statusOf, toProblem } from '../../handlers/middleware/problem.ts';

test('a domain error becomes a problem with its codes and fields', () => {
  const { statusCode, headers, body } = toProblem(domainError('handle_unknown', 'handle'));
  expect(statusCode).toBe(404);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(body)).toMatchObject({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: expect.any(String),
    errors: [{ code: 'handle_unknown', field: 'handle' }],
  });
});

test.each(Object.entries(statusOf))(
  '%s (%i) names a field, unless it is about the token or our own load',
  (code, status) => {
    const [{ field }] = domainError(code as ErrorCode).issues;
    expect(field === undefined).toBe([401, 403, 429, 503].includes(status));
  },
);

test('if there are several issues, a malformed field determines the status', () => {
  const error = new DomainError({ code: 'message_blank' }, { code: 'message_group_uuid_invalid' });
  expect(toProblem(error).statusCode).toBe(400);
});

test.each([
  [{ display_name: 'x'.repeat(41) }, /^The display name must be 1 to 40 characters/],
  [{ handle: 'x'.repeat(31) }, /^The handle must be 1 to 30 letters/],
  [{ email: 'no address' }, /^The e-mail address is not valid/],
])('the text of a problem names the field of a user that is invalid: %j', (change, text) => {
  let thrown: unknown;
  try {
    parse(signUpSchema, { handle: 'ada', display_name: 'Ada', email: 'ada@example.com', ...change });
  } catch (error) {
    thrown = error;
  }
  expect(JSON.parse(toProblem(thrown).body).detail).toMatch(text);
});

test('an unexpected error becomes a 500 without details', () => {
  for (const thrown of [new Error('secret'), 'secret', undefined, { secret: true }]) {
    const { statusCode, body } = toProblem(thrown);
    expect(statusCode).toBe(500);
    expect(body).not.toContain('secret');
    expect(JSON.parse(body).errors).toEqual([]);
  }
});

test('a problem that may be retried has a Retry-After header', () => {
  expect(toProblem(domainError('message_group_busy'))).toMatchObject({
    statusCode: 503,
    headers: { 'retry-after': '1' },
  });
  expect(toProblem(domainError('throttled'))).toMatchObject({ statusCode: 429, headers: { 'retry-after': '1' } });
});
