import { expect, test } from 'vitest';
import { formatLogLine, isMetricsLine } from '../../../offline/supervisor/log-line.ts';

const plain = { isColoured: false, functionPrefix: 'cruddur-messages-local-', functionWidth: 12 };
const entry = {
  level: 'INFO',
  message: 'request',
  timestamp: '2026-11-26T19:07:06.388Z',
  service: 'cruddur-messages-local',
  cold_start: false,
  function_arn: 'arn',
  function_memory_size: '512',
  function_name: 'cruddur-messages-local-sendMessage',
  function_request_id: '7e292ba7-dc62-43c7-a817-6081cc14d3dd',
  request_id: 'offlineContext_resourceId',
  sampling_rate: 0,
};
const format = (fields: object, settings = plain) => formatLogLine(JSON.stringify({ ...entry, ...fields }), settings);

test('a log line shows time, level, function, message and fields, in columns', () => {
  const line = format({ route: 'POST /api/messages', status: 422, issues: [{ code: 'message_blank' }] });
  const time = /^\d\d:\d\d:06\.388 /;
  expect(line).toMatch(time);
  expect(line?.replace(time, '')).toBe(
    'INFO  sendMessage  request route="POST /api/messages" status=422 issues=[{"code":"message_blank"}]',
  );
  expect(format({ level: 'ERROR' })?.replace(time, '')).toBe('ERROR sendMessage  request');
});

test('only the level is coloured', () => {
  const line = format({ level: 'WARN' }, { ...plain, isColoured: true });
  expect(line).toContain(' \u001b[33mWARN \u001b[39m sendMessage ');
  expect(line?.split('\u001b')).toHaveLength(3);
});

test('a value is printed so that it cannot be taken for another field or another line', () => {
  expect(format({ a: 'x b=y', b: 'one\ntwo', c: '\u001b[31m', d: '\u009b31m' })).toMatch(
    / a="x b=y" b="one\\ntwo" c="\\u001b\[31m" d="\\u009b31m"$/,
  );
});

test('an error is one field, with its stack and causes below', () => {
  const cause = { name: 'TimeoutError', message: 'no answer', stack: 'TimeoutError: no answer\n    at socket' };
  const error = { name: 'Error', message: 'not sent', stack: 'Error: not sent\n    at send', cause };
  expect(format({ error })?.split('\n')).toEqual([
    expect.stringMatching(/ request error="Error: not sent"$/),
    '    Error: not sent',
    '    at send',
    '    caused by',
    '    TimeoutError: no answer',
    '    at socket',
  ]);
});

test.each(['', 'ready', '{"level":"INFO"}', '{"broken', '[1]', '{"_aws":{}}'])('%j is not a log line', (line) => {
  expect(formatLogLine(line, plain)).toBeUndefined();
});

test('a metrics line is recognised by its beginning', () => {
  expect(isMetricsLine('{"_aws":{"Timestamp":1}}')).toBe(true);
  expect(isMetricsLine(JSON.stringify(entry))).toBe(false);
});
