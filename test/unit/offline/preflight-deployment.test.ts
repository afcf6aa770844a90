import { expect, test } from 'vitest';
import { missingForDeployment } from '../../../offline/preflight/deployment.mjs';

const target = { region: 'us-east-1', stage: 'dev', params: ['default', 'prod'] };
const ready = { webOrigin: 'https://chat.example.com', dynamodbPrefixList: 'pl-02cd2c6b' };

test('with all settings nothing is missing', () => {
  expect(missingForDeployment(ready, target)).toBeUndefined();
  expect(missingForDeployment({ ...ready, webOrigin: 'https://chat.example.com:8443' }, target)).toBeUndefined();
  expect(missingForDeployment({ ...ready, webOrigin: '' }, target)).toBeUndefined(); // only the API's own
});

test.each(['https://chat.example.com/', 'https://chat.example.com,https://other.example.com'])(
  '%j can be deployed',
  (webOrigin) => {
    expect(missingForDeployment({ ...ready, webOrigin }, target)).toBeUndefined();
  },
);

test.each([
  'http://localhost:3000', // the origin of the local stack
  'http://chat.example.com',
  'https://chat.example.com,http://chat.example.com',
  'https://*.example.com',
  '*',
  'https://chat.example.com/app',
])('%j is not an origin that browsers can send over HTTPS', (webOrigin) => {
  expect(missingForDeployment({ ...ready, webOrigin }, target)).toContain('WEB_ORIGIN');
});

test.each(['unknown', '', 'pl-', '0.0.0.0/0'])(
  '%j is not a prefix list: the message names the region and the command that finds it',
  (id) => {
    expect(missingForDeployment({ ...ready, dynamodbPrefixList: id }, { ...target, region: 'eu-south-1' })).toMatch(
      /--region eu-south-1 .*com\.amazonaws\.eu-south-1\.dynamodb/,
    );
  },
);

test('the message is one line', () => {
  for (const custom of [
    { ...ready, webOrigin: 'a\nb' },
    { ...ready, webOrigin: 'http://chat.example.com' },
    { ...ready, dynamodbPrefixList: 'unknown' },
  ])
    expect(missingForDeployment(custom, target)).toMatch(/^[^\n]+$/);
  expect(missingForDeployment(ready, { ...target, stage: 'production' })).toMatch(/^[^\n]+$/);
});

test.each(['production', 'Prod', 'prod-eu'])('stage %s would lose its data with its stack and is refused', (stage) => {
  expect(missingForDeployment(ready, { ...target, stage })).toContain(`Stage ${stage} `);
  expect(missingForDeployment(ready, { ...target, stage, params: [...target.params, stage] })).toBeUndefined();
});

test.each(['prod', 'dev', 'staging', 'reprod'])('stage %s is accepted', (stage) => {
  expect(missingForDeployment(ready, { ...target, stage })).toBeUndefined();
});
