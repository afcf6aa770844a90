import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

// Plain JavaScript outside of what tsconfig.json includes.
const load = createRequire(import.meta.url);
const { parseWebOrigins } = load('../../resources/web-origins.cjs');
const cors = load('../../resources/cors.cjs');

test.each([
  ['https://chat.example.com', ['https://chat.example.com']],
  ['http://localhost:14300/', ['http://localhost:14300']],
  ['HTTPS://Chat.Example.com:443', ['https://chat.example.com']],
  ['http://[::1]:14300', ['http://[::1]:14300']],
  ['https://chat.example.com, http://localhost:14300/', ['https://chat.example.com', 'http://localhost:14300']],
  ['https://chat.example.com,https://chat.example.com/,', ['https://chat.example.com']],
  ['', []],
])('%j means the origins %j', (text, origins) => {
  expect(parseWebOrigins(text)).toEqual({ origins, invalid: [] });
});

test.each([
  'localhost:14300',
  'not a url',
  '*',
  'null',
  'https://*.example.com',
  'https://chat.example.com/app',
  'https://chat.example.com//',
  'https://chat.example.com?a=b',
  'https://chat.example.com#a',
  'https://user@chat.example.com',
  'https://chat.example.com:99999',
  'ftp://chat.example.com',
  'https://',
])('%j is not an origin', (text) => {
  expect(parseWebOrigins(text)).toEqual({ origins: [], invalid: [text] });
  expect(parseWebOrigins(`https://chat.example.com,${text}`).invalid).toEqual([text]);
});

test('the template and the local stack allow each of the origins', async () => {
  const variables: Record<string, unknown> = {
    'self:custom.webOrigin': 'https://chat.example.com, http://localhost:14300/',
    'self:functions': {},
  };
  const resolveVariable = async (name: string) => variables[name];
  expect((await cors({ resolveVariable })).allowedOrigins).toEqual([
    'https://chat.example.com',
    'http://localhost:14300',
  ]);
  variables['self:custom.webOrigin'] = '';
  expect(await cors({ resolveVariable })).toBeNull();
});
