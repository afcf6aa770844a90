import { expect, test } from 'vitest';
import { missing } from '../../resources/preflight.mjs';

const target = { region: 'us-east-1', stage: 'dev', params: ['default', 'prod'] };
const ready = { webOrigin: 'https://chat.example.com', dynamodbPrefixList: 'pl-02cd2c6b' };

test('nothing is missing', () => {
  expect(missing(ready, target)).toBeUndefined();
  expect(missing({ ...ready, webOrigin: 'https://chat.example.com:8443' }, target)).toBeUndefined();
  expect(missing({ ...ready, webOrigin: '' }, target)).toBeUndefined(); // the API's own alone
});

test.each([
  'http://localhost:3000', // what the local stack has
  'http://chat.example.com',
  'https://*.example.com',
  '*',
  'https://chat.example.com/',
  'https://chat.example.com/app',
])('the origin %j is none that browsers could send over HTTPS', (webOrigin) => {
  expect(missing({ ...ready, webOrigin }, target)).toContain('WEB_ORIGIN');
});

test.each(['unknown', '', 'pl-', '0.0.0.0/0'])(
  '%j is no prefix list: the region is named, with how to ask for it',
  (id) => {
    expect(missing({ ...ready, dynamodbPrefixList: id }, { ...target, region: 'eu-south-1' })).toContain(
      'com.amazonaws.eu-south-1.dynamodb',
    );
  },
);

test('one line, whatever is missing', () => {
  for (const custom of [
    { ...ready, webOrigin: '*' },
    { ...ready, dynamodbPrefixList: 'unknown' },
  ])
    expect(missing(custom, target)).toMatch(/^[^\n]+$/);
  expect(missing(ready, { ...target, stage: 'production' })).toMatch(/^[^\n]+$/);
});

test.each(['production', 'Prod', 'prod-eu'])('stage %s would lose its data with its stack: refused', (stage) => {
  expect(missing(ready, { ...target, stage })).toContain(`Stage ${stage} `);
  expect(missing(ready, { ...target, stage, params: [...target.params, stage] })).toBeUndefined();
});

test.each(['prod', 'dev', 'staging', 'reprod'])('stage %s is what it says', (stage) => {
  expect(missing(ready, { ...target, stage })).toBeUndefined();
});
