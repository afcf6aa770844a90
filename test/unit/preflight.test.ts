import { expect, test } from 'vitest';
import { missing } from '../../resources/preflight.mjs';

const ready = { webOrigin: 'https://chat.example.com', dynamodbPrefixList: 'pl-02cd2c6b' };

test('nothing is missing', () => {
  expect(missing(ready, 'us-east-1')).toBeUndefined();
  expect(missing({ ...ready, webOrigin: 'https://chat.example.com:8443' }, 'us-east-1')).toBeUndefined();
});

test.each([
  'http://localhost:3000', // what the local stack has
  'http://chat.example.com',
  'https://*.example.com',
  '*',
  'https://chat.example.com/',
  'https://chat.example.com/app',
  '',
])('the origin %j is none that browsers could send over HTTPS', (webOrigin) => {
  expect(missing({ ...ready, webOrigin }, 'us-east-1')).toContain('WEB_ORIGIN');
});

test.each(['unknown', '', 'pl-', '0.0.0.0/0'])(
  '%j is no prefix list: the region is named, with how to ask for it',
  (id) => {
    expect(missing({ ...ready, dynamodbPrefixList: id }, 'eu-south-1')).toContain('com.amazonaws.eu-south-1.dynamodb');
  },
);

test('one line, whatever is missing', () => {
  for (const custom of [
    { ...ready, webOrigin: '' },
    { ...ready, dynamodbPrefixList: 'unknown' },
  ])
    expect(missing(custom, 'us-east-1')).toMatch(/^[^\n]+$/);
});
