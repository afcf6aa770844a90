import { expect, test } from 'vitest';
import { DomainError, domainError } from '../../core/errors.ts';
import { toProblem } from '../../handlers/middleware/problem.ts';

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

test('if there are several issues, a malformed field determines the status', () => {
  const error = new DomainError({ code: 'message_blank' }, { code: 'message_group_uuid_invalid' });
  expect(toProblem(error).statusCode).toBe(400);
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
